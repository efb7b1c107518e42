import { sampleCorrelation } from "../../deps.ts";
import type { ColumnValues } from "../data/columns.ts";
import { isMissing } from "../data/missing.ts";

/** The fewest rows, and the fewest rows for each level, for which agreement of two columns is not chance. */
const fewest = 30, rowsALevel = 20;

/** The least fraction of rows in which a disguise predicts the label, and the greatest fraction of the commonest label. */
const nearlyAll = 0.97, atMost = 0.9;

/** How a feature predicts the label in nearly all rows, if it does: by its levels, by a line, or by a threshold. */
export function disguiseOf(feature: ColumnValues, label: ColumnValues): string | undefined {
  const rows = Array.from(feature.keys()).filter((row) => !isMissing(feature[row]) && !isMissing(label[row])), n = rows.length;
  const classes = counted(rows, (row) => label[row]), levels = counted(rows, (row) => feature[row]);
  if (n < fewest || classes.size < 2 || Math.max(...classes.values()) > atMost * n) return undefined;
  // Many levels predict the label by chance.
  if (levels.size > 1 && levels.size <= n / rowsALevel) {
    const pairs = new Map<number | string, Map<number | string, number>>();
    for (const row of rows) {
      const of = pairs.get(feature[row]) ?? new Map();
      pairs.set(feature[row], of.set(label[row], (of.get(label[row]) ?? 0) + 1));
    }
    const right = [...pairs.values()].reduce((sum, of) => sum + Math.max(...of.values()), 0);
    return right >= nearlyAll * n ? `its levels tell${inPart(right, n)}` : undefined;
  }
  if (typeof feature[0] === "string") return undefined;
  const x = rows.map((row) => feature[row] as number);
  if (typeof label[0] !== "string" && levels.size > 2) {
    const correlation = sampleCorrelation(x, rows.map((row) => label[row] as number));
    if (Math.abs(correlation) > 0.999) return "it is nearly proportional to";
  }
  if (classes.size !== 2) return undefined;
  const right = bestThreshold(x, rows.map((row) => label[row] === label[rows[0]]));
  return right >= nearlyAll * n ? `a threshold on it tells${inPart(right, n)}` : undefined;
}

/** The number of rows that the best threshold on x classifies correctly. */
function bestThreshold(x: readonly number[], isFirst: readonly boolean[]): number {
  const order = x.map((value, i) => ({ value, first: isFirst[i] })).sort((a, b) => a.value - b.value), n = order.length;
  const firsts = isFirst.filter(Boolean).length;
  let below = 0, best = Math.max(firsts, n - firsts);
  order.forEach(({ value, first }, i) => {
    if (first) below++;
    if (order[i + 1]?.value === value) return;
    const right = below + (n - i - 1 - (firsts - below));
    best = Math.max(best, right, n - right);
  });
  return best;
}

function counted(rows: readonly number[], of: (row: number) => number | string): Map<number | string, number> {
  const counts = new Map<number | string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  return counts;
}

function inPart(right: number, n: number): string {
  return right === n ? "" : `, in ${(100 * right / n).toFixed(1)} % of the rows,`;
}
