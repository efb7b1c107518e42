// Fair predictions of hourly earnings: the average error is at most a dollar for women and men, for the young, and for those who
// left school early. Each promise holds with 95 % confidence.
//
//   deno run examples/earnings.ts [--epochs N] [--seed N]
// Predictions are between 2 and 73 dollars, like earnings, so that the bounds on errors are proven.
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { cpsEarnings } from "./datasets/cps_earnings.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});

const seed = Number(flags.seed), range = [2, 73] as const, widest = range[1] - range[0];
const { data, encoder, description } = prepare(await cpsEarnings(), {
  label: "earnings",
  // The model does not see columns that promises compare, unless they are named here too.
  features: ["gender", "age", "region", "education"],
  columns: ["gender", "age", "education"],
  seed,
});
console.log(`${description}\n`);

const result = await train({
  data,
  model: new nn.BoundedLinearRegression(encoder.featureNames.length, range),
  objective: nn.meanSquaredError,
  constraints: [
    { text: "abs((Mean_Error | [gender == g])) <= 1", forEvery: { g: ["female", "male"] }, delta: 0.05 },
    { text: "abs((Mean_Error | [age < 25])) <= 1", delta: 0.05 },
    { text: "abs((Mean_Error | [education < 12 && age >= 25])) <= 1", delta: 0.05 },
  ],
  ranges: { Mean_Error: [-widest, widest] },
  optimizer: { thetaRate: 0.01, lambdaRate: 0.05, batchSize: 1000, inflation: 4, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
