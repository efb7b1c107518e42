// With how much data does it find a solution, how good is it, and how often does it break its promise? The kit on German credit,
// beside a logistic regression, two learners of other schools, and a constant:
//
//   deno run -RW --allow-env --allow-sys examples/experiment.ts [trials] [results.sqlite] [page.html]
//
// Trials run on all cores. With a name, results are kept: a killed run goes on where it was.
import process from "node:process";
import { DataSet, nn } from "../mod.ts";
import {
  constant,
  experiment,
  fitted,
  penalized,
  type Question,
  reductions,
  seldonian,
  trialProgress,
} from "../seldonian/experiments/mod.ts";
import { F, features, labels, M } from "../bench/german_credit.ts";

const model = new nn.Sequential(new nn.Linear(features[0].length, 1), new nn.Sigmoid()), objective = nn.logLoss;
const optimizer = { thetaRate: 0.005, lambdaRate: 0.02, beta2: 0.95, lambda: 0.5, regularization: 0.03 };
const promise = {
  constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
  rates: "decided" as const,
};
const question: Question = {
  ...promise,
  population: new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] }),
  performance: "ER",
  contenders: {
    "the kit": seldonian({ ...promise, model, objective, safetyFraction: 0.6, optimizer: { ...optimizer, inflation: 3 } }),
    "logistic regression": fitted({ model, objective, optimizer }),
    "without a test": penalized({ ...promise, model, objective, optimizer }),
    "reductions": reductions({ groups: ["M", "F"], difference: 0.03 }),
    "constant": constant(),
  },
};

const [trials = "5", store, page] = process.argv.slice(2);
// Threads run this file, too, as far as here.
const results = await experiment({
  ...question,
  sizes: [139, 228, 373, 611, 1000],
  trials: Number(trials),
  store,
  workers: import.meta.url,
  onTrial: trialProgress(),
});
console.log(`${results}`);
if (page !== undefined) await (await import("node:fs/promises")).writeFile(page, await results.page());
