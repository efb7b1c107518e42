/**
 * How often training finds a solution whose promise is for populations with other proportions of groups, beside the usual promise
 * and beside Student's bound, and how often the model that it returns breaks the promise in the worst population. Each trial draws
 * rows from a table, which is the truth.
 *
 *   deno run -A bench/shift.ts [--trials 40] [--only NAME] [--size ROWS]
 * @module
 */
import { parseArgs } from "node:util";
import { type DataSet, Encoder, nn, Passed, split, train, type TrainOptions } from "../mod.ts";
import { uniformFloat64 } from "../deps.ts";
import { adult } from "../examples/datasets/adult.ts";
import { germanCredit, isWoman } from "../examples/datasets/german_credit.ts";
import { randomStream } from "../seldonian/random.ts";
import { keptQuantile } from "../seldonian/bounds/quantiles.ts";

const { values: flags } = parseArgs({
  options: { trials: { type: "string", default: "40" }, only: { type: "string", default: "" }, size: { type: "string" } },
});
const trials = Number(flags.trials), delta = 0.05, normal = keptQuantile(delta, Infinity);

/** A mean in a formula: the coefficient, the value of a row from its output p and label y, and the rows. */
interface Term {
  coefficient: number;
  value(p: number, y: number): number;
  rows(columns: ReadonlyMap<string, ArrayLike<number | string>>, row: number): boolean;
}

interface Case {
  name: string;
  table: DataSet;
  text: string;
  /** The same formula: constant + Σ terms, at most 0. */
  constant: number;
  terms: Term[];
  sizes: number[];
  known: [men: number, women: number];
  between: [number, number][];
}

const everyone: Term["rows"] = () => true,
  isOne = (name: string): Term["rows"] => (columns, row) => columns.get(name)![row] === 1;
const error: Term["value"] = (p, y) => y === 1 ? 1 - p : p, positive: Term["value"] = (p) => p;

const credit = germanCredit(),
  loans = new Encoder(credit, {
    label: { column: "Class", classes: ["Bad", "Good"] },
    features: [
      ...["Duration", "Amount", "InstallmentRatePercentage", "Age", "NumberExistingCredits"],
      ...["CheckingAccountStatus.lt.0", "CheckingAccountStatus.0.to.200", "CheckingAccountStatus.none"],
    ],
    groups: {
      women: isWoman,
      men: (row) => !isWoman(row),
      young: (row) => Number(row.Age) < 26,
      old: (row) => Number(row.Age) >= 26,
    },
    exclusive: [["women", "men"], ["young", "old"]],
  }).encode(credit);
const people = await adult(),
  incomes = new Encoder(people, {
    label: { column: "income", classes: ["<=50K", ">50K"] },
    features: ["age", "education-num", "hours-per-week", "capital-gain", "capital-loss", "sex", "race"],
    groups: {
      women: { column: "sex", is: "Female" },
      men: { column: "sex", is: "Male" },
      white: { column: "race", is: "White" },
      others: (row) => row.race !== "White",
    },
    exclusive: [["women", "men"], ["white", "others"]],
  }).encode(people);

const cases: Case[] = [
  {
    name: "German credit, errors",
    table: loans,
    text: "ER <= 0.38",
    constant: -0.38,
    terms: [{ coefficient: 1, value: error, rows: everyone }],
    sizes: [300, 600, 1200],
    known: [0.4, 0.6],
    between: [[0.7, 0.3], [0.4, 0.6]],
  },
  {
    name: "German credit, the young and the old",
    table: loans,
    text: "(PR | [young]) >= 0.85 * (PR | [old])",
    constant: 0,
    terms: [{ coefficient: 0.85, value: positive, rows: isOne("old") }, {
      coefficient: -1,
      value: positive,
      rows: isOne("young"),
    }],
    sizes: [300, 600, 1200],
    known: [0.4, 0.6],
    between: [[0.7, 0.3], [0.4, 0.6]],
  },
  {
    name: "Adult, errors",
    table: incomes,
    text: "ER <= 0.25",
    constant: -0.25,
    terms: [{ coefficient: 1, value: error, rows: everyone }],
    sizes: [500, 1000, 2000],
    known: [0.8, 0.2],
    between: [[0.5, 0.5], [0.8, 0.2]],
  },
  {
    name: "Adult, difference of races",
    table: incomes,
    text: "(PR | [white]) - (PR | [others]) <= 0.06",
    constant: -0.06,
    terms: [{ coefficient: 1, value: positive, rows: isOne("white") }, {
      coefficient: -1,
      value: positive,
      rows: isOne("others"),
    }],
    sizes: [500, 1000, 2000],
    known: [0.8, 0.2],
    between: [[0.5, 0.5], [0.8, 0.2]],
  },
];

/** The formula's estimate in a population, and Student's upper bound by the delta method. */
function judged({ terms, constant }: Case, data: DataSet, outputs: ArrayLike<number>, [men, women]: readonly number[]) {
  const { columns } = data, isMan = columns.get("men") as ArrayLike<number>, n = data.size;
  let count = 0;
  for (let i = 0; i < n; i++) count += isMan[i];
  const influence = new Float64Array(n), weight = (i: number) => isMan[i] === 1 ? men / count : women / (n - count);
  let value = constant;
  for (const { coefficient, value: z, rows } of terms) {
    let share = 0, sum = 0;
    for (let i = 0; i < n; i++) {
      if (!rows(columns, i)) continue;
      share += weight(i);
      sum += weight(i) * z(outputs[i], data.labels[i]);
    }
    value += coefficient * sum / share;
    for (let i = 0; i < n; i++) {
      if (rows(columns, i)) influence[i] += coefficient * weight(i) * (z(outputs[i], data.labels[i]) - sum / share) / share;
    }
  }
  return { value, student: value + normal * Math.sqrt(influence.reduce((sum, x) => sum + x * x, 0)) };
}

function outputsOf(model: nn.Module, data: DataSet): ArrayLike<number> {
  return model.forward(data.whole().features).data;
}

function draw(table: DataSet, n: number, seed: number): DataSet {
  const random = randomStream(seed, "draws");
  return table.take(Int32Array.from({ length: n }, () => Math.floor(uniformFloat64(random) * table.size)));
}

const shiftOf = ([men, women]: [number | [number, number], number | [number, number]]) => ({ men, women });

for (const one of cases.filter(({ name }) => name.includes(flags.only))) {
  const { table, text, sizes, known, between: [first, last] } = one, limits = [0, 1].map((g) => [first[g], last[g]].sort());
  const interval = shiftOf(limits as [[number, number], [number, number]]);
  const today = table.columns.get("men") as ArrayLike<number>,
    men = Array.from(today).reduce((sum, x) => sum + x, 0) / table.size;
  console.log(`\n${one.name}: ${text}; men ${men.toFixed(2)} today, ${known[0]} known, ${limits[0].join(" to ")} between`);
  console.log("rows | usual: found, broken | known: found, broken, Student's | between: found, broken, Student's");
  for (const n of sizes.filter((size) => flags.size === undefined || size === Number(flags.size))) {
    const counts = { usual: [0, 0, 0], known: [0, 0, 0], between: [0, 0, 0] };
    for (let seed = 0; seed < trials; seed++) {
      const { candidate, safety } = split(draw(table, n, seed), { seed });
      const given = {
        data: { candidate, safety },
        model: new nn.LogisticRegression((table.rowShape as number[])[0]),
        objective: nn.logLoss,
        constraints: [{ text, delta }],
        candidates: 1,
        seed,
      };
      const plans: [keyof typeof counts, TrainOptions<nn.Module>["shift"], (readonly number[])[]][] = [
        ["usual", undefined, [first, last]],
        ["known", shiftOf(known), [known]],
        ["between", interval, [first, last]],
      ];
      for (const [name, shift, populations] of plans) {
        const result = await train({ ...given, shift }), model = result instanceof Passed ? result.model : result.failed?.model;
        if (model === undefined) continue;
        const all = outputsOf(model, table), tested = outputsOf(model, safety);
        const breaks = populations.some((p) => judged(one, table, all, p).value > 0);
        if (result.passed) counts[name][0]++;
        if (result.passed && breaks) counts[name][1]++;
        if (populations.every((p) => judged(one, safety, tested, p).student <= 0)) counts[name][2]++;
      }
    }
    const shown = ([found, broken, student]: number[], more = true) =>
      [found, broken, ...more ? [student] : []].map((k) => (k / trials).toFixed(2)).join(" ");
    console.log(`${n} | ${shown(counts.usual, false)} | ${shown(counts.known)} | ${shown(counts.between)}`);
  }
}
