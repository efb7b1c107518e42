// Draws docs/figures/rates.svg, the rates of the README's program: deno run -R -W docs/figures/rates.ts, from the repository's root.
import { readFile, writeFile } from "node:fs/promises";
import { nn, plotRates, prepare, readTable, train } from "@seldonian/kit";

const table = await readTable(await readFile("examples/datasets/german_credit.csv"));
const features = table.names.filter((name) => name !== "Class" && !name.startsWith("Personal."));
const label = { column: "Class", classes: ["Bad", "Good"] };
const groups = { women: "Personal.Female.NotSingle" };
const { data } = prepare(table, { label, features, groups });

const text = "abs((PR | [women]) - (PR | [!women])) <= 0.15";
const model = new nn.LogisticRegression(features.length);
const optimizer = { regularization: 0.03, inflation: 3 };
const result = await train({
  data,
  model,
  objective: nn.logLoss,
  constraints: [{ text, delta: 0.05 }],
  rates: "decided",
  optimizer,
});
console.log(`${result}`);
await writeFile("docs/figures/rates.svg", await plotRates(result.constraints));
console.error(Object.keys(result), result.constraints[0]);
