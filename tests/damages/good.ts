/** An undamaged table: 1,200 people from a fixed seed, so every run damages the same cells. */

/** Numbers in [0, 1); a seed gives the same numbers on every machine. */
export type Random = () => number;

/** A generator of random numbers: 32-bit xorshift with a mixed seed. */
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

export const names = ["x", "z", "age", "score", "income", "sex", "race", "region", "y"];

/** The label is the last column. */
export const label = names.length - 1;

/** 1,200 rows with a text for each name. Ages, scores and incomes are positive, nothing is missing, and all rows differ. */
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

/** The spec for the command line; the features are all columns but the label and the column of the constraint. */
export const spec = {
  data: { file: "data.csv", label: "y" },
  model: { kind: "logistic" },
  constraints: [{ text: 'abs((PR | [sex == "Male"]) - (PR | [sex == "Female"])) <= 0.25', delta: 0.05 }],
  optimizer: { thetaRate: 0.5, epochs: 1 },
};
