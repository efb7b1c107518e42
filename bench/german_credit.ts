/** German credit as arrays, standardised over all applicants, because trials draw from all of them. @module */
import { germanCredit } from "../examples/datasets/german_credit.ts";

const table = germanCredit();
// The constraint is about sex, so the model does not see the columns that reveal it.
const inputs = table.names.filter((name) => name !== "Class" && !name.startsWith("Personal.")).map((name) =>
  standardised([...table.column(name) as Float64Array])
);
const [married, single] = ["NotSingle", "Single"].map((how) => table.numbers(`Personal.Female.${how}`));
export const F: number[] = Array.from(married, (isMarried, row) => Math.max(isMarried, single[row]));
export const M: number[] = F.map((f) => 1 - f);
export const features: number[][] = F.map((_, row) => inputs.map((values) => values[row]));
export const labels: number[] = table.texts("Class").map((text) => Number(text === "Good"));

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
