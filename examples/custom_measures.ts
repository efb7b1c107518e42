// Custom measures: any mean over independent rows, or over pairs of them, can be promised.
//
//   deno run examples/custom_measures.ts [--epochs N] [--seed N]
// Two measures of the Python toolkit: MED_MF pairs men and women at random and compares their errors; CVaRSQE is about the worst
// errors.
import { parseArgs } from "node:util";
import { type measures, nn, prepare, Tensor, train } from "../mod.ts";
import { cpsEarnings } from "./datasets/cps_earnings.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});
const [least, most] = [2, 73], squared = (most - least) ** 2;

/** The errors, ŷ - y. */
const errors = ({ predictions, labels }: measures.Outcomes) => predictions.reshape(labels.size).sub(labels);

/** A man's error minus a woman's, for as many pairs as the rarer gender has rows. Rows come in random order. */
const MED_MF: measures.Measure = {
  name: "MED_MF",
  task: "regression",
  indices: 0,
  range: [least - most, most - least].map((end) => 2 * end) as [number, number],
  perRow: false,
  values: (outcomes) => {
    const genders = outcomes.columns.get("gender")!, rows: Record<string, number[]> = { male: [], female: [] };
    for (let row = 0; row < genders.length; row++) rows[genders[row]].push(row);
    const pairs = Math.min(rows.male.length, rows.female.length), error = errors(outcomes);
    const of = (gender: string) => error.take(Tensor.from(Int32Array.from(rows[gender].slice(0, pairs))));
    return of("male").sub(of("female"));
  },
};

/**
 * The mean of the worst tenth of the squared errors is the least value over c of c + E[max(z - c, 0)] / 0.1 (R. T. Rockafellar
 * and S. Uryasev, 2000). So any c that is fixed before the data is seen gives a mean that is at least as large. The built-in
 * `CVaR_[0.1]` finds the best c.
 */
const CVaRSQE: measures.Measure = {
  name: "CVaRSQE",
  task: "regression",
  indices: 0,
  range: [200, 200 + (squared - 200) / 0.1],
  values: (outcomes) => errors(outcomes).square().sub(200).relu().div(0.1).add(200),
};

const seed = Number(flags.seed);
const features = ["gender", "age", "region", "education"];
const { data, encoder } = prepare(await cpsEarnings(), { label: "earnings", features, columns: ["gender"], seed });
const result = await train({
  data,
  model: new nn.BoundedLinearRegression(encoder.featureNames.length, [least, most]),
  objective: nn.meanSquaredError,
  measures: [MED_MF, CVaRSQE],
  constraints: [
    { text: "abs(MED_MF) <= 1", delta: 0.05 },
    { text: "CVaRSQE <= 410", delta: 0.05 },
  ],
  optimizer: { thetaRate: 0.01, lambdaRate: 0.05, batchSize: 1000, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
