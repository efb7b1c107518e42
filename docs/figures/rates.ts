// Draws docs/figures/rates.svg, the rates of the README's program: deno run -R -W docs/figures/rates.ts, from the root.
import { readFile, writeFile } from "node:fs/promises";
import { nn, plotRates, prepare, readTable, train } from "@seldonian/kit";

const table = await readTable(await readFile("examples/datasets/german_credit.csv"));
const features = table.names.filter((name) => name !== "Class" && !name.startsWith("Personal."));
const label = { column: "Class", classes: ["Bad", "Good"] };
const { data } = prepare(table, { label, features, groups: { women: "Personal.Female.NotSingle" } });

const constraints = [{ text: "abs((PR | [women]) - (PR | [!women])) <= 0.15", delta: 0.05 }];
const model = new nn.LogisticRegression(features.length);
const optimizer = { regularization: 0.03 };
const result = await train({ data, model, objective: nn.logLoss, constraints, rates: "decided", optimizer });
console.log(`${result}`);
await writeFile("docs/figures/rates.svg", `${await plotRates(result.constraints)}\n`);
