// Loans that treat men and women equally, by five definitions; each promise holds with 95 % confidence.
//
//   deno run examples/fair_loans.ts [--epochs N] [--seed N]
// The data is from the Python toolkit's tutorial on fair loans; the model does not see sex.
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { germanCredit, loanEncoding } from "./datasets/german_credit.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "1000" }, seed: { type: "string", default: "0" } },
});

const definitions = {
  "Demographic parity": "abs((PR | [M]) - (PR | [F])) <= 0.15",
  "Disparate impact": "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.8",
  "Equal opportunity": "abs((FNR | [M]) - (FNR | [F])) <= 0.2",
  "Predictive equality": "abs((FPR | [M]) - (FPR | [F])) <= 0.2",
  "Equalized odds": "abs((FPR | [M]) - (FPR | [F])) + abs((TPR | [M]) - (TPR | [F])) <= 0.35",
};

const table = germanCredit(), seed = Number(flags.seed);
const { data, encoder, description } = prepare(table, { ...loanEncoding(table), safetyFraction: 0.6, seed });
console.log(`${description}\n`);

for (const [name, text] of Object.entries(definitions)) {
  const result = await train({
    data,
    model: new nn.LogisticRegression(encoder.featureNames.length),
    objective: nn.logLoss,
    constraints: [{ text, delta: 0.05 }],
    optimizer: { thetaRate: 0.005, lambdaRate: 0.1, regularization: 0.03, inflation: 3, epochs: Number(flags.epochs) },
    seed,
  });
  console.log(`${name}. ${result}\n`);
}
