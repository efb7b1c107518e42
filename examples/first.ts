// Loans that women and everyone else get about equally often: the README's twelve lines. About a second.
//
//   deno run -RW examples/first.ts
// It writes the model to loans.safetensors if the test has passed.
import { readFile, writeFile } from "node:fs/promises";
import { nn, prepare, readTable, train } from "@seldonian/kit";

const table = await readTable(await readFile("examples/datasets/german_credit.csv"));
const features = table.names.filter((name) => name !== "Class" && !name.startsWith("Personal."));
const label = { column: "Class", classes: ["Bad", "Good"] };
const { data } = prepare(table, { label, features, groups: { women: "Personal.Female.NotSingle" } });

// PR: how often the decision is yes. delta: how often a model that breaks this may still pass.
const constraints = [{ text: "abs((PR | [women]) - (PR | [!women])) <= 0.15", delta: 0.05 }];
const model = new nn.LogisticRegression(features.length);
const optimizer = { regularization: 0.03 };
const result = await train({ data, model, objective: nn.logLoss, constraints, rates: "decided", optimizer });
console.log(`${result}`);
if (result.passed) await writeFile("loans.safetensors", nn.save(result.model)); // a model exists only if the test passed
