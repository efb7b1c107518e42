import { count } from "./described_column.ts";
import type { Note } from "./description.ts";
import type { Encoder } from "./encoder.ts";
import type { Table } from "./table.ts";

/** How many times as far from the mean as any candidate value a value must lie to be told. */
const factor = 3;

/** What a table has that the encoder's candidate data did not show: other levels, numbers far beyond, and another value than a constant. */
export function unseen({ scales }: Encoder, table: Table): Note[] {
  const constant: string[] = [];
  const notes = scales.flatMap((scale): Note[] => {
    const { name } = scale,
      values = table.column(name),
      say = (text: string): Note[] => [{ kind: "warning", column: name, text }];
    if ("categories" in scale) {
      const known = new Set(scale.categories),
        others = [...values as readonly string[]].filter((text) => text !== "" && !known.has(text));
      if (others.length === 0) return [];
      return say(
        `${count(others.length, "row")} of the safety part with a level that candidate data did not show, such as "${
          others[0]
        }", which the model sees as none`,
      );
    }
    const { low, high, mean, deviation } = scale;
    if (low === undefined || high === undefined || !(values instanceof Float64Array)) return [];
    if (deviation === 0) {
      const other = values.findIndex((x) => x === x && Math.abs(x - low) > 1e-9 * Math.abs(low));
      if (other >= 0) constant.push(`${name} (${low} there, ${values[other]} in ${table.place(other)})`);
      return [];
    }
    const reach = Math.max(mean - low, high - mean);
    const beyond = Array.from(values.keys()).filter((row) => Math.abs(values[row] - mean) > factor * reach);
    if (beyond.length === 0 || reach === 0) return [];
    const [row] = beyond;
    return say(
      `${count(beyond.length, "value")} of the safety part far beyond candidate data, such as ${values[row]} in ${
        table.place(row)
      }, ` +
        `where that has ${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`,
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
