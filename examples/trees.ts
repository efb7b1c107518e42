// A random forest that treats men and women equally: it is grown as usual, then its leaves learn to keep the promise.
//
//   deno run examples/trees.ts [--trees N] [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { germanCredit, loanEncoding } from "./datasets/german_credit.ts";

const { values: flags } = parseArgs({
  options: {
    trees: { type: "string", default: "20" },
    epochs: { type: "string", default: "300" },
    seed: { type: "string", default: "0" },
  },
});

const table = germanCredit(), seed = Number(flags.seed);
const { data } = prepare(table, { ...loanEncoding(table), safetyFraction: 0.6, seed });

// Grown on candidate data only: safety data must not influence the structure either.
const grown = { features: data.candidate.whole().features, labels: data.candidate.labels };
const model = nn.RandomForest.grow(grown, { trees: Number(flags.trees), maxDepth: 4, minLeaf: 10, seed });

const result = await train({
  data,
  model,
  objective: nn.logLoss,
  constraints: [
    { text: "abs((PR | [M]) - (PR | [F])) <= 0.15", delta: 0.05 },
    { text: "ACC >= 0.55", delta: 0.05 },
  ],
  optimizer: { thetaRate: 0.02, lambdaRate: 0.05, inflation: 3, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
if (result.passed) {
  const leaves = result.model.trees.reduce((sum, { leaf }) => sum + leaf.shape[0], 0);
  console.log(`${result.model.trees.length} trees with ${leaves} leaves, in a file of ${nn.save(result.model).length} bytes.`);
}
