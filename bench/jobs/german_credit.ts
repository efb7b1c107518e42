// German credit, 1,000 applicants: logistic regression under a limit on disparate impact, 1,500 steps on all candidate data.
import { readFileSync } from "node:fs";
import { nn, train } from "../../mod.ts";

const [head, ...lines] = readFileSync(new URL("../data/german_credit.csv", import.meta.url), "utf8").trim().split("\n");
const names = head.split(","), table = lines.map((line) => line.split(","));
const column = (name: string) => table.map((row) => Number(row[names.indexOf(name)]));

// Sex is what the constraint is about, so the model does not see the columns that tell it.
const inputs = names.filter((name) => name !== "Class" && !name.startsWith("Personal.")).map((name) =>
  standardised(column(name))
);
const women = ["Personal.Female.NotSingle", "Personal.Female.Single"].map(column);
const F = table.map((_, i) => Math.max(women[0][i], women[1][i])), M = F.map((f) => 1 - f);

const start = performance.now();
const result = await train({
  data: {
    features: table.map((_, i) => inputs.map((values) => values[i])),
    labels: table.map((row) => row[names.indexOf("Class")] === "Good" ? 1 : 0),
    columns: { M, F },
  },
  model: new nn.Sequential(new nn.Linear(inputs.length, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
  safetyFraction: 0.6,
  optimizer: { thetaRate: 0.005, lambdaRate: 0.01, beta1: 0.9, beta2: 0.95, lambda: 0.5, batchSize: 400, epochs: 1500 },
});
const seconds = (performance.now() - start) / 1000;
console.log(
  `${result.passed ? "passed" : "no solution"}, safety objective ${result.objective.safety?.toFixed(3)}, ` +
    `${result.log.length} steps, ${seconds.toFixed(3)} s in train()`,
);

/** Mean 0, standard deviation 1; a column of one value is 0. */
function standardised(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => deviation === 0 ? 0 : (value - mean) / deviation);
}
