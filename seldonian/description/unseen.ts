import { inOrder } from "../random.ts";
import { counted } from "../counted.ts";
import type { Note } from "../data/description.ts";
import type { Scale } from "../encoding/scales.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** A value is reported if it lies this many times as far from the mean as any candidate value. */
const factor = 3;

/**
 * Values of a table that are new relative to the candidate data of some scales: other levels, numbers far beyond, and another
 * value than a constant.
 */
export function unseen(scales: readonly Scale[], table: Table): Note[] {
  const { columns, rows: some } = storageOf(table), rows = some ?? inOrder(table.size), constant: string[] = [];
  /** The number of odd values in a column, and the place of the first. */
  const met = <T>(values: ArrayLike<T>, isOdd: (value: T) => boolean): { times: number; first: number } => {
    let times = 0, first = -1;
    for (let i = 0; i < rows.length; i++) {
      if (isOdd(values[rows[i]]) && times++ === 0) first = i;
    }
    return { times, first };
  };
  const notes = scales.flatMap((scale): Note[] => {
    const { name } = scale, { values } = columns.get(name)!;
    const say = (text: string): Note[] => [{ kind: "warning", column: name, text }];
    if ("categories" in scale) {
      const known = new Set<string>(["", ...scale.categories]), texts = values as readonly string[];
      const { times, first } = met(texts, (text) => !known.has(text));
      if (times === 0) return [];
      return say(
        `${counted(times, "row")} of the safety part with a level that is not in candidate data, such as "${
          texts[rows[first]]
        }", which the model sees as no level`,
      );
    }
    const { low, high, mean, deviation } = scale;
    if (low === undefined || high === undefined || !(values instanceof Float64Array)) return [];
    if (deviation === 0 || low === high) {
      const { times, first } = met(values, (x) => Math.abs(x - low) > 1e-9 * Math.abs(low));
      if (times > 0) constant.push(`${name} (${low} there, ${values[rows[first]]} in ${table.place(first)})`);
      return [];
    }
    const reach = factor * Math.max(mean - low, high - mean), [least, greatest] = endsOf(values, rows);
    if (!(Math.max(mean - least, greatest - mean) > reach)) return [];
    const { times, first } = met(values, (x) => Math.abs(x - mean) > reach);
    if (times === 0 || reach === 0) return [];
    return say(
      `${counted(times, "value")} of the safety part far beyond candidate data, such as ${values[rows[first]]} in ${
        table.place(first)
      }, where that has ${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`,
    );
  });
  if (constant.length === 0) return notes;
  const shown = constant.slice(0, 3).join(", "), more = constant.length - 3;
  return [...notes, {
    kind: "warning",
    text: `constant in candidate data and not in the safety part: ${shown}${
      more > 0 ? ` and ${more} more` : ""
    }; the model does not see it`,
  }];
}

/** The least and the greatest number in some rows. */
function endsOf(values: Float64Array, rows: Int32Array): [number, number] {
  let least = Infinity, greatest = -Infinity;
  for (let i = 0; i < rows.length; i++) {
    const x = values[rows[i]];
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  return [least, greatest];
}
