// Hourly earnings, predicted without favour: too low or too high on average by at most a dollar, for women and men, for the young, and
// for those who left school early. Each promise holds with 95 % confidence.
//
//   deno run examples/earnings.ts [--epochs N] [--seed N]
//
// The model's numbers lie between 2 and 73 dollars, as earnings do, so that the bounds on its errors are proven.
import { parseArgs } from "node:util";
import { Encoder, nn, split, train } from "../mod.ts";
import { cpsEarnings } from "./datasets/cps_earnings.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});

const table = await cpsEarnings(), seed = Number(flags.seed), range = [2, 73] as const, widest = range[1] - range[0];
const { candidate, safety } = split(table, { seed });
const features = table.names.filter((name) => name !== "earnings"), columns = ["gender", "age", "education"];
const encoder = new Encoder(candidate, { label: "earnings", features, columns });

const result = await train({
  data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) },
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
