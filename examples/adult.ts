// Who earns more than 50,000 dollars? The rate of yes for women is at least four fifths of the rate for men, and true high
// earners of both sexes are found about equally often, each with 95 % confidence. A few seconds.
//
//   deno run examples/adult.ts [--epochs N] [--seed N]
// The data is UCI's Adult, unchanged: 7 % of the people have an unknown occupation, employer or country.
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { adult } from "./datasets/adult.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});
const seed = Number(flags.seed), unknown = { value: "unknown" };

const { data, encoder, description } = prepare(await adult(), {
  label: { column: "income", classes: ["<=50K", ">50K"] },
  // The survey's weight says nothing about a person, and there is a numeric column for education.
  exclude: ["fnlwgt", "education"],
  groups: { men: { column: "sex", is: "Male" }, women: { column: "sex", is: "Female" } },
  // Without these rows the promise would only be about people with complete answers.
  missing: { impute: { workclass: unknown, occupation: unknown, "native-country": unknown } },
  seed,
});
console.log(`${description}\n`);

const result = await train({
  data,
  model: new nn.LogisticRegression(encoder.featureNames.length),
  objective: nn.logLoss,
  constraints: [
    { text: "(PR | [women]) / (PR | [men]) >= 0.8", delta: 0.05 },
    { text: "abs((TPR | [women]) - (TPR | [men])) <= 0.2", delta: 0.05 },
    { text: "ACC >= 0.79", delta: 0.05 },
  ],
  rates: "decided",
  optimizer: { thetaRate: 0.01, lambdaRate: 0.02, batchSize: 500, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);
