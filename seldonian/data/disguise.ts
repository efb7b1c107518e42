import { sampleCorrelation } from "../../deps.ts";
import type { ColumnValues } from "./columns.ts";

/** Rows from which on what a column tells of another is no chance, and rows a level. */
const fewest = 30, rowsALevel = 20;

/** How a feature tells the label, if it does so in every row: by its levels, by a line, or by a threshold. */
export function disguiseOf(feature: ColumnValues, label: ColumnValues): string | undefined {
  const rows = Array.from(feature.keys()).filter((row) => isKnown(feature[row]) && isKnown(label[row]));
  const classes = new Set(rows.map((row) => label[row]));
  if (rows.length < fewest || classes.size < 2) return undefined;
  const levels = new Map<number | string, number | string>();
  let tells = true;
  for (const row of rows) {
    const known = levels.get(feature[row]);
    if (known === undefined) levels.set(feature[row], label[row]);
    else if (known !== label[row]) tells = false;
  }
  // Many levels tell the label by chance.
  if (levels.size > 1 && levels.size <= rows.length / rowsALevel) return tells ? "its levels tell" : undefined;
  if (typeof feature[0] === "string") return undefined;
  const x = rows.map((row) => feature[row] as number);
  if (typeof label[0] !== "string" && levels.size > 2) {
    const correlation = sampleCorrelation(x, rows.map((row) => label[row] as number));
    if (Math.abs(correlation) > 0.999) return "it is nearly proportional to";
  }
  if (classes.size !== 2) return undefined;
  const [first] = classes, ends = { low: [Infinity, Infinity], high: [-Infinity, -Infinity] };
  rows.forEach((row, i) => {
    const side = label[row] === first ? 0 : 1;
    ends.low[side] = Math.min(ends.low[side], x[i]);
    ends.high[side] = Math.max(ends.high[side], x[i]);
  });
  return ends.high[0] < ends.low[1] || ends.high[1] < ends.low[0] ? "a threshold on it tells" : undefined;
}

function isKnown(value: number | string): boolean {
  return value !== "" && value === value;
}
