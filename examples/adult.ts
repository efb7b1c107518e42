// Who earns more than 50,000 dollars: decisions under which women are chosen at four fifths of the rate of men at least, and those who
// earn it are found as often, each with 95 % confidence. A few seconds.
//
//   deno run examples/adult.ts [--epochs N] [--seed N]
//
// The data is UCI's Adult as it stands there, in which 7 % of the people have an unknown occupation, employer or country.
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { adult } from "./datasets/adult.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});
const seed = Number(flags.seed), unknown = { value: "unknown" };

const { data, encoder, description } = prepare(await adult(), {
  label: { column: "income", classes: ["<=50K", ">50K"] },
  // A weight of the survey says nothing of a person, and education stands beside it as a number.
  exclude: ["fnlwgt", "education"],
  groups: { men: { column: "sex", is: "Male" }, women: { column: "sex", is: "Female" } },
  // They are people too: without them the promise would be of those whose answers are complete.
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
