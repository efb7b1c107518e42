/** A table as it should be: 1,200 people, of a fixed seed, so that every run damages the same cells. */

/** Numbers at least 0 and below 1, the same of every seed on every machine. */
export type Random = () => number;

/** A generator of random numbers: xorshift on 32 bits after the seed is spread. */
export function random(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** The names of the columns. */
export const names = ["x", "z", "age", "score", "income", "sex", "race", "region", "y"];

/** The column of the label is the last. */
export const label = names.length - 1;

/** 1,200 rows of texts, one for each of the names. Ages, scores and incomes are positive; nothing is missing; no two rows are equal. */
export function goodRows(): string[][] {
  const next = random(5), rows: string[][] = [];
  for (let i = 0; i < 20; i++) next();
  for (let i = 0; i < 1200; i++) {
    const x = next() * 4 - 2, z = next() * 2 - 1, sex = next() < 0.5 ? "Male" : "Female";
    const race = ["White", "Black", "Asian", "Other"][Math.floor(next() ** 2 * 4)];
    const region = ["North", "South", "East", "West", "Zürich"][Math.floor(next() * 5)];
    const age = 18 + Math.floor(next() * 50), score = 300 + next() * 550, income = 12000 + 60000 * next() ** 2;
    const y = next() < 1 / (1 + Math.exp(-(2 * x + z + (score - 575) / 200))) ? "1" : "0";
    rows.push([x.toFixed(3), z.toFixed(3), `${age}`, score.toFixed(1), income.toFixed(2), sex, race, region, y]);
  }
  return rows;
}

/** What the command line is asked to train; the model sees every column but the label and the one of the constraint. */
export const spec = {
  data: { file: "data.csv", label: "y" },
  model: { kind: "logistic" },
  constraints: [{ text: 'abs((PR | [sex == "Male"]) - (PR | [sex == "Female"])) <= 0.25', delta: 0.05 }],
  optimizer: { thetaRate: 0.5, epochs: 1 },
};
