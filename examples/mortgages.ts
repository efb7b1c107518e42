// Mortgage decisions that turn down good applicants of two races about equally often, with 95 % confidence.
//
//   deno run examples/mortgages.ts [--epochs N] [--seed N]
// The promise is about decisions, not probabilities. Cross-validation within the candidate data chooses how cautious training is.
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { hmdaBoston } from "./datasets/hmda_boston.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "300" }, seed: { type: "string", default: "0" } },
});

const seed = Number(flags.seed);
const { data, encoder, description } = prepare(hmdaBoston(), {
  label: { column: "deny", classes: ["yes", "no"] }, // 1: the bank lent
  groups: { Black: { column: "afam", is: "yes" }, White: { column: "afam", is: "no" } },
  seed,
});
console.log(`${description}\n`);

const result = await train({
  data,
  model: new nn.LogisticRegression(encoder.featureNames.length),
  objective: nn.logLoss,
  constraints: [
    { text: "abs((TPR | [Black]) - (TPR | [White])) <= 0.1", delta: 0.05 },
    { text: "Precision >= 0.85", delta: 0.05 },
  ],
  rates: "decided",
  optimizer: { thetaRate: 0.01, lambdaRate: 0.02, regularization: 0.001, epochs: Number(flags.epochs) },
  tune: { space: { inflation: [1, 2, 4] }, folds: 4, draws: 3 },
  seed,
});
console.log(`${result}`);
if (result.passed) {
  const decided = result.model.decide(data.safety.at([0, 1, 2]).features);
  console.log(`Of the first applicants of the safety data ${decided.data.filter((loan) => loan === 1).length} of 3 get a loan.`);
}
