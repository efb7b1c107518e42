/**
 * Ten problems that fail, and what becomes of them if somebody follows the advice of the result: the first advice that is an option
 * and was not followed before, at most three times, each time on rows that were neither trained on nor tested before.
 *
 *   deno run -A bench/advice.ts [--only NAME]
 * @module
 */
import { parseArgs } from "node:util";
import { uniformFloat64 } from "../deps.ts";
import { type Advice, DataSet, type DataSetParts, Encoder, nn, train, type TrainOptions } from "../mod.ts";
import { cpsEarnings } from "../examples/datasets/cps_earnings.ts";
import { germanCredit, loanEncoding } from "../examples/datasets/german_credit.ts";
import { randomStream } from "../seldonian/random.ts";

const { values: flags } = parseArgs({ options: { only: { type: "string" } } });

/** The rows of an attempt: of the first, and of those that follow. */
type Rows = (attempt: number) => DataSet | DataSetParts;
type Options = Omit<TrainOptions<nn.Module>, "data">;

/** Numbers between -1 and 1, others for each attempt. */
function noise(attempt: number): () => number {
  const random = randomStream(attempt, "draws");
  return () => 2 * uniformFloat64(random) - 1;
}

/** People in two groups, the second with higher scores; a row's label is 1 if score and luck are above 0. */
const people = (n: number, { luck = 0.5, width = 2, gap = 0.3 } = {}): Rows => (attempt) => {
  const next = noise(attempt), M = Array.from({ length: n }, () => Number(next() > 0));
  const features = M.map((m) => [next() + gap * m, ...Array.from({ length: width - 1 }, next)]);
  const labels = features.map(([score], i) => Number(score - gap * M[i] / 2 + luck * next() > 0));
  return new DataSet({ features, labels, columns: { M, F: M.map((m) => 1 - m) }, exclusive: [["M", "F"]] });
};

/** Points in a square; those within a circle are of class 1. */
const circle = (n: number): Rows => (attempt) => {
  const next = noise(attempt), features = Array.from({ length: n }, () => [next(), next()]);
  return { features, labels: features.map(([x, y]) => Number(x * x + y * y < 0.6)) };
};

/** Labels between -1 and 3 whose mean is above their median. */
const skewed = (n: number): Rows => (attempt) => {
  const next = noise(attempt), features = Array.from({ length: n }, () => [next()]);
  return { features, labels: features.map(([x]) => x + 2 * next() ** 4) };
};

const earnings = await cpsEarnings(),
  range = [2, 73] as const,
  ofEarnings = {
    label: "earnings",
    features: ["gender", "age", "region", "education"],
    columns: ["gender", "age", "education"],
  };
/** A quarter of the table for each attempt, and the encoder of the first. */
const quarters = (() => {
  const quarter = (k: number) => earnings.take(Array.from({ length: Math.floor(earnings.size / 4) }, (_, i) => 4 * i + k));
  const encoder = new Encoder(quarter(0), ofEarnings);
  return { encoder, width: encoder.featureNames.length, rows: (attempt: number) => encoder.encode(quarter(attempt)) };
})();
/** As many rows as the table has, drawn from it with replacement: a promise within 0.3 needs so many. */
const drawnAgain: Rows = (attempt) => {
  const next = noise(attempt), rows = Array.from({ length: earnings.size }, () => Math.floor((next() + 1) / 2 * earnings.size));
  return quarters.encoder.encode(earnings.take(rows));
};

const loans = germanCredit(), encoding = loanEncoding(loans);
/** Half of the applicants, drawn anew for each attempt: there are too few for others each time. */
const applicants: Rows = (attempt) => {
  const next = noise(attempt), drawn = Array.from({ length: loans.size }, (_, i) => i).filter(() => next() > 0);
  return new Encoder(loans, encoding).encode(loans.take(drawn));
};

const network = (width: number) =>
  new nn.Sequential(new nn.Linear(2, width), new nn.Tanh(), new nn.Linear(width, 1), new nn.Sigmoid());
const logistic = (width: number) => new nn.LogisticRegression(width), objective = nn.logLoss, delta = 0.05;
const parity = (most: number) => [{ text: `abs((PR | [M]) - (PR | [F])) <= ${most}`, delta }];
const accurate = (least: number) => [{ text: `ACC >= ${least}`, delta }];

const ofGroups = {
  objective: nn.meanSquaredError,
  constraints: [
    { text: "abs((Mean_Error | [gender == g])) <= 0.8", forEvery: { g: ["female", "male"] }, delta },
    { text: "abs((Mean_Error | [age < 25])) <= 1.2", delta },
    { text: "abs((Mean_Error | [education < 12 && age >= 25])) <= 1.2", delta },
  ],
  ranges: { Mean_Error: [-71, 71] as const },
};

const problems: Record<string, { rows: Rows; options: Options }> = {
  "earnings within 0.3 for women and men, thirty steps": {
    rows: drawnAgain,
    options: {
      ...ofGroups,
      model: new nn.BoundedLinearRegression(quarters.width, range),
      constraints: [{ text: "abs((Mean_Error | [gender == g])) <= 0.3", forEvery: { g: ["female", "male"] }, delta }],
      optimizer: { batchSize: 5000, epochs: 5 },
    },
  },
  "earnings of four groups by a network, batches of 200": {
    rows: quarters.rows,
    options: {
      ...ofGroups,
      model: new nn.Sequential(
        new nn.Linear(quarters.width, 8),
        new nn.Tanh(),
        new nn.BoundedLinearRegression(8, range),
      ),
      optimizer: { thetaRate: 0.01, lambdaRate: 0.05, batchSize: 200, epochs: 10 },
    },
  },
  "German credit, decisions, no inflation": {
    rows: applicants,
    options: {
      model: logistic(encoding.features!.length),
      objective,
      constraints: parity(0.12),
      rates: "decided",
      optimizer: { inflation: 1 },
    },
  },
  "a circle, too few steps": {
    rows: circle(2000),
    options: { model: network(16), objective, constraints: accurate(0.8), optimizer: { epochs: 150 } },
  },
  "medians whose mean is to be right, multipliers too slow": {
    rows: skewed(4000),
    options: {
      model: new nn.BoundedLinearRegression(1, [-1, 3]),
      objective: nn.meanAbsoluteError,
      constraints: [{ text: "abs(Mean_Error) <= 0.05", delta }],
      ranges: { Mean_Error: [-4, 4] },
      optimizer: { lambda: 0, lambdaRate: 0.0001, thetaRate: 0.05, epochs: 200 },
    },
  },
  "Hoeffding's bound on few rows": {
    rows: people(500, { luck: 0.1, gap: 0 }),
    options: { model: logistic(2), objective, constraints: accurate(0.87), bound: "hoeffding" },
  },
  "interval analysis of two groups": {
    rows: people(400, { gap: 0.6 }),
    options: { model: logistic(2), objective, constraints: parity(0.04), analysis: "interval" },
  },
  "a test on a twentieth of the rows": {
    rows: people(1000, { luck: 0.2, gap: 0 }),
    options: { model: logistic(2), objective, constraints: accurate(0.88), rates: "decided", safetyFraction: 0.05 },
  },
  "many features, few rows, decisions": {
    rows: people(400, { luck: 0.5, width: 60, gap: 0 }),
    options: { model: logistic(60), objective, constraints: accurate(0.76), rates: "decided", optimizer: { inflation: 0.5 } },
  },
  "labels that nothing tells": {
    rows: people(1000, { luck: 50 }),
    options: { model: logistic(2), objective, constraints: accurate(0.7) },
  },
};

/** The options after an advice. */
function followed(options: Options, { options: advised = {} }: Advice): Options {
  const { optimizer, ...others } = advised;
  return { ...options, ...others, optimizer: { ...options.optimizer, ...optimizer } };
}

let passed = 0, count = 0;
for (const [name, { rows, options: given }] of Object.entries(problems)) {
  if (flags.only !== undefined && !name.includes(flags.only)) continue;
  count++;
  let options = given, result = await train({ ...options, data: rows(0) });
  const history: string[] = [];
  if (flags.only !== undefined) console.log(`${result}\n`);
  for (let attempt = 1; attempt <= 3 && !result.passed; attempt++) {
    const next = result.advice.find(({ attempt, options }) => options !== undefined && !history.includes(attempt));
    if (next === undefined) break;
    history.push(next.attempt);
    options = followed(options, next);
    result = await train({ ...options, data: rows(attempt) });
    if (flags.only !== undefined) console.log(`${result}\n`);
  }
  const follow = history.length === 0
    ? (result.passed ? "it never failed" : `only: ${result.advice[0]?.attempt}`)
    : history.join("; then ");
  if (result.passed && history.length > 0) passed++;
  console.log(`${result.passed ? "passes" : "fails "}  ${name}: ${follow}`);
}
console.log(`${passed} of ${count} pass after the advice`);
