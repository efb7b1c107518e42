// German credit, 1,000 applicants: logistic regression with a limit on disparate impact, 1,500 steps on all candidate data; with
// "bfgs", 300 evaluations of that search.
import process from "node:process";
import { nn, train } from "../../mod.ts";
import { F, features, labels, M } from "../german_credit.ts";

const start = performance.now();
const result = await train({
  data: {
    features,
    labels,
    columns: { M, F },
    exclusive: [["M", "F"]],
  },
  model: new nn.Sequential(new nn.Linear(features[0].length, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
  safetyFraction: 0.6,
  optimizer: process.argv[2] === "bfgs"
    ? { name: "bfgs", epochs: 300, regularization: 0.003 }
    : { thetaRate: 0.005, lambdaRate: 0.01, beta1: 0.9, beta2: 0.95, lambda: 0.5, batchSize: 400, epochs: 1500 },
});
const seconds = (performance.now() - start) / 1000;
console.log(
  `${result.passed ? "passed" : "no solution"}, safety objective ${result.objective.safety?.toFixed(3)}, ` +
    `${result.log.length} steps, ${seconds.toFixed(3)} s in train()`,
);
