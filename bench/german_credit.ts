/** German credit as arrays, standardised over all applicants, because trials draw from all of them. @module */
import { germanCredit } from "../examples/datasets/german_credit.ts";

const table = germanCredit();
// The constraint is about sex, so the model does not see the columns that reveal it.
const inputs = table.names.filter((name) => name !== "Class" && !name.startsWith("Personal.")).map((name) =>
  standardised(table.numbers(name))
);
const [married, single] = ["NotSingle", "Single"].map((how) => table.numbers(`Personal.Female.${how}`));
export const F: number[] = Array.from(married, (isMarried, row) => Math.max(isMarried, single[row]));
export const M: number[] = F.map((f) => 1 - f);
export const features: number[][] = rowsOf(inputs);
export const labels: number[] = table.texts("Class").map((text) => Number(text === "Good"));

/** Mean 0, standard deviation 1; a column of one value is 0. */
function standardised(values: Float64Array): Float64Array {
  const scaled = new Float64Array(values.length);
  let sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const centre = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  for (let i = 0; i < values.length; i++) scaled[i] = deviation === 0 ? 0 : (values[i] - centre) / deviation;
  return scaled;
}

/** Columns as rows. Loops, because functions that are called for each number take longer than the rest before they are compiled. */
function rowsOf(columns: readonly Float64Array[]): number[][] {
  const rows: number[][] = [];
  for (let row = 0; row < columns[0].length; row++) {
    const values: number[] = rows[row] = [];
    for (let k = 0; k < columns.length; k++) values.push(columns[k][row]);
  }
  return rows;
}
