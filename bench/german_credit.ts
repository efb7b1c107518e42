/** German credit as tables of numbers: data/german_credit.csv, whose source stands in README.md. @module */
import { readFileSync } from "node:fs";

const [head, ...lines] = readFileSync(new URL("data/german_credit.csv", import.meta.url), "utf8").trim().split("\n");
const names = head.split(","), table = lines.map((line) => line.split(","));
const column = (name: string) => table.map((row) => Number(row[names.indexOf(name)]));
// Sex is what the constraint is about, so the model does not see the columns that tell it.
const inputs = names.filter((name) => name !== "Class" && !name.startsWith("Personal.")).map((name) =>
  standardised(column(name))
);
const women = ["Personal.Female.NotSingle", "Personal.Female.Single"].map(column);
export const F: number[] = table.map((_, i) => Math.max(women[0][i], women[1][i]));
export const M: number[] = F.map((f) => 1 - f);
export const features: number[][] = table.map((_, i) => inputs.map((values) => values[i]));
export const labels: number[] = table.map((row) => row[names.indexOf("Class")] === "Good" ? 1 : 0);

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Mean 0, standard deviation 1; a column of one value is 0. */
function standardised(values: number[]): number[] {
  const centre = mean(values), deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  return values.map((value) => deviation === 0 ? 0 : (value - centre) / deviation);
}
