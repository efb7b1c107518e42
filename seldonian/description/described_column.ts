import { counted } from "../counted.ts";
import { equalIntervalBreaks, quantileSorted } from "../../deps.ts";
import { alikeLevels, alikeText, levelsOf } from "../encoding/alike_levels.ts";
import { isDate, lookOf } from "../tables/cells.ts";
import { quoted } from "../data/quoted.ts";
import type { StoredColumn } from "../tables/column_reader.ts";
import type { ColumnDescription, Note } from "../data/description.ts";
import { storedPlace, type Table } from "../tables/table.ts";
import { isDistinct, isIndex, looksLikeId } from "../encoding/ids.ts";
import { differentHalves, oddValues } from "./odd_values.ts";

/** The number of bars of a histogram. */
const bars = 12;

/** The number of levels to check by name, the commonest. */
const namedLevels = 200;

/** A column's description, with notes. */
interface Described {
  column: ColumnDescription;
  notes: Note[];
  /** The medians of both halves of the file, if they differ. */
  halves?: [number, number];
}

/** A column of a table, with the findings from reading, and the rows for quantiles and a histogram. */
interface Describing {
  name: string;
  values: Float64Array | readonly string[];
  stored: StoredColumn;
  sampled: Int32Array;
  table: Table;
}

/** A column in figures, with notes on it. */
export function describedColumn({ name, values, stored, sampled, table }: Describing): Described {
  const { met: { numbers, zeros, breaks, minus } = {}, missing } = stored, notes: Note[] = [];
  const say = (kind: Note["kind"], text: string) => notes.push({ kind, text });
  if (numbers !== undefined) {
    say(
      "note",
      `${counted(numbers.count, "value")} of a column of texts ${
        numbers.count === 1 ? "is a number" : "are numbers"
      }, such as ${numbers.text}`,
    );
  }
  if (zeros !== undefined) {
    say("note", `${counted(zeros.count, "number")} with a zero in front, such as ${zeros.text}; codes are to be read as text`);
  }
  if (minus !== undefined) say("mended", `${counted(minus.count, "number")} with the minus sign of word processors, U+2212`);
  if (breaks !== undefined) {
    say("note", `${counted(breaks.count, "value")} with line breaks, the first in ${storedPlace(table, breaks.row)}`);
  }
  const { column, notes: more, halves } = values instanceof Float64Array
    ? ofNumbers(name, values, sampled)
    : ofTexts(name, values, (row) => table.place(row));
  if (column.missing === values.length) say("warning", "every value is missing");
  else if (column.missing > 0) {
    const written = [...missing?.keys() ?? []].map(quoted).join(", ");
    say("missing", `${counted(column.missing, "value")} missing${written === "" ? "" : `, some written as ${written}`}`);
  }
  return { column, notes: [...notes, ...more], halves };
}

function ofNumbers(name: string, values: Float64Array, sampled: Int32Array): Described {
  let missing = 0, low = Infinity, high = -Infinity, sum = 0;
  for (let row = 0; row < values.length; row++) {
    const x = values[row];
    if (x !== x) missing++;
    else {
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  if (missing === values.length) return { column: { name, kind: "number", missing }, notes: [] };
  const notes: Note[] = [], say = (kind: Note["kind"], text: string) => notes.push({ kind, text });
  if (low === high) say("note", `constant, ${low} in every row`);
  else if (high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) say("warning", "constant but for rounding");
  const numbersRows = isIndex(values);
  if (numbersRows) say("note", "it numbers the rows in the order of the file");
  else if (looksLikeId(name, values)) say("note", "it looks like an id: every row has a different value");
  else if (isDistinct(values)) say("note", "every row has a different whole number: is it an id?");
  const sample = Float64Array.from(sampled, (row) => values[row]), halves = numbersRows ? undefined : differentHalves(sample);
  for (const text of numbersRows ? [] : oddValues(sample)) say("note", text);
  const some = [...sample.filter((x) => x === x).sort()];
  const quartiles = [0.25, 0.5, 0.75].map((p) => some.length === 0 ? low : quantileSorted(some, p)) as [number, number, number];
  const breaks = low < high ? equalIntervalBreaks([low, high], bars) : [low, high],
    counts = new Array<number>(breaks.length - 1).fill(0);
  for (const x of some) counts[Math.min(counts.length - 1, Math.floor((x - low) / (high - low || 1) * counts.length))]++;
  const numbers = { low, high, mean: sum / (values.length - missing), quartiles, breaks, counts };
  return { column: { name, kind: "number", missing, numbers, ...(low === high && { distinct: 1 }) }, notes, halves };
}

function ofTexts(name: string, values: readonly string[], placeOf: (row: number) => string): Described {
  const sorted = levelsOf(values), named = sorted.slice(0, namedLevels);
  const missing = values.length - sorted.reduce((sum, [, times]) => sum + times, 0);
  const notes: Note[] = [], say = (kind: Note["kind"], text: string) => notes.push({ kind, text }), [[first] = [""]] = sorted;
  if (sorted.length === values.length && sorted.length >= 20) {
    say("note", `every row has a different text, such as ${quoted(first)}: an id, a name or free text`);
  }
  if (sorted.length === 1 && missing === 0) say("note", `constant, ${quoted(first)} in every row`);
  if (named.length > 0 && named.every(([level]) => isDate(level))) say("note", "dates or times");
  notes.push(...alikeLevels(named).map((alike): Note => ({ kind: "warning", text: alikeText(alike) })));
  const once = sorted.filter(([, times]) => times === 1), most = sorted[0]?.[1] ?? 0;
  if (once.length > 0 && once.length <= sorted.length / 2 && most >= 20) {
    notes.push({
      kind: "note",
      rare: true,
      text: `${counted(once.length, "level")} in one row only, ${quoted(once[0][0])} in ${placeOf(values.indexOf(once[0][0]))}`,
    });
  }
  const lost = named.find(([level]) => /\ufffd|Ã[\u0080-\u00bf¤-¿]|â€/.test(level))?.[0];
  if (lost !== undefined) {
    say(
      "warning",
      `letters may have been lost in ${quoted(lost)}, as in ${
        placeOf(values.indexOf(lost))
      }: was the file read in another encoding before?`,
    );
  }
  const unsaid = named.map(([level]) => level).filter((level) => lookOf(level) === "missing");
  if (unsaid.length > 0 && sorted.length > 1) {
    const are = unsaid.length > 1 ? "may each stand for a missing value" : "may stand for a missing value";
    const place = placeOf(values.indexOf(unsaid[0]));
    say(
      "note",
      `${unsaid.map(quoted).join(", ")} ${are}, the first as in ${place}; ${
        unsaid.length > 1 ? "they are levels" : "it is a level"
      } here`,
    );
  }
  return { column: { name, kind: "text", missing, levels: sorted.slice(0, 20), levelCount: sorted.length }, notes };
}
