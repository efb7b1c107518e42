import { equalIntervalBreaks, quantileSorted, sampleCorrelation } from "../../deps.ts";
import { edits } from "../nearest.ts";
import { inOrder } from "../random.ts";
import { isDate } from "./cells.ts";
import type { StoredColumn } from "./column_reader.ts";
import { DataError } from "./data_error.ts";
import { doubtError } from "./doubt_error.ts";
import { type Encoding, featuresOf, groupColumns, labelColumn } from "./encoding.ts";
import { isIndex, looksLikeId } from "./ids.ts";
import { ColumnDescription, Description, type Note } from "./description.ts";
import { type Cell, storageOf, type Table } from "./table.ts";

/** Rows at most that quantiles, histograms and correlations are computed of: evenly spaced ones of a longer table. */
const lookedAt = 10000;

/** Bars of a histogram. */
const bars = 12;

/** Levels whose names are compared with each other, at most. */
const comparedLevels = 200;

/**
 * What a table was read as, short enough to be read: each column as numbers, texts, or neither; what is missing; and what may have been
 * misread, as cells that are nearly numbers, levels that differ by case or a letter, columns that are constant, and columns that look
 * like ids, dates or the label in disguise. Quantiles, histograms and correlations are of 10,000 rows at most.
 * @param encoding what the columns are for, as far as that is known; a problem with it becomes a warning here
 *
 * @example
 * ```ts
 * import { csv, describe } from "@seldonian/kit";
 * console.log(`${describe(csv("age,job,paid\n31,cook,1\n45,,0\n"), { label: "paid" })}`);
 * ```
 */
export function describe(table: Table, encoding: Partial<Encoding> = {}): Description {
  const { columns, origin, rows } = storageOf(table), notes: Note[] = origin.repairs.map((text) => ({ kind: "mended", text }));
  const roles = rolesOf(table, encoding, notes), sampled = sampleOf(table.size);
  const order = (row: number) => rows === null ? row : rows[row], label = roles.get("label")?.[0];
  const labels = label === undefined ? undefined : codesOf(columns.get(label)!, sampled, order);
  const described = Array.from(columns, ([name, stored]) => {
    const one = columnOf(name, stored, { table, sampled, order, notes });
    if (name === label && (one.levelCount === 1 || (one.numbers && one.numbers.low === one.numbers.high))) {
      notes.push({ kind: "warning", column: name, text: "every row has the same label, so that there is nothing to learn" });
    }
    const role = [...roles].find(([, names]) => names.includes(name))?.[0];
    if (role === "feature" && labels !== undefined) checkDisguise(one, codesOf(stored, sampled, order), labels, label!, notes);
    return { ...one, ...(role !== undefined && { role }) };
  });
  return new Description({
    ...(origin.file !== undefined && { file: origin.file }),
    rows: table.size,
    columns: described,
    notes,
  });
}

/** What the columns are for; problems become warnings. */
function rolesOf(
  table: Table,
  encoding: Partial<Encoding>,
  notes: Note[],
): Map<NonNullable<ColumnDescription["role"]>, string[]> {
  if (encoding.label === undefined) return new Map();
  const full = encoding as Encoding, roles = new Map<NonNullable<ColumnDescription["role"]>, string[]>();
  roles.set("label", table.names.filter((name) => name === labelColumn(full)));
  if (full.clusters !== undefined) roles.set("cluster", [full.clusters]);
  try {
    roles.set("feature", [...featuresOf(table, full)]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push({ kind: "problem", text: error.message, ...(error instanceof DataError && { error }) });
  }
  const features = roles.get("feature") ?? [];
  roles.set("group", groupColumns(full).filter((name) => !features.includes(name)));
  roles.set("left out", table.names.filter((name) => ![...roles.values()].flat().includes(name)));
  return roles;
}

/** Evenly spaced rows. */
function sampleOf(size: number): Int32Array {
  if (size <= lookedAt) return inOrder(size);
  return Int32Array.from({ length: lookedAt }, (_, i) => Math.floor(i * size / lookedAt));
}

interface Looking {
  table: Table;
  sampled: Int32Array;
  /** The row of the storage that a row of the table is. */
  order: (row: number) => number;
  notes: Note[];
}

function columnOf(name: string, stored: StoredColumn, { table, sampled, order, notes }: Looking): ColumnDescription {
  const { values, doubt, trimmed = 0, numbers, zeros, declared } = stored,
    { size } = table,
    placeOf = (row: number) => table.place(row);
  const say = (kind: Note["kind"], text: string) => notes.push({ kind, column: name, text });
  if (trimmed > 0) say("mended", `white space around ${count(trimmed, "value")} was left out`);
  if (doubt !== undefined) {
    const error = doubtError(name, doubt, (row) => placeOfStored(table, row), storageOf(table).origin);
    notes.push({ kind: "problem", column: name, text: error.message, error });
    return { name, kind: "mixed", missing: doubt.cells < size ? size - doubt.cells : 0 };
  }
  if (numbers !== undefined) {
    say(
      "note",
      `${count(numbers.count, "value")} of a column of texts ${
        numbers.count === 1 ? "is a number" : "are numbers"
      }, such as "${numbers.text}"`,
    );
  }
  if (zeros !== undefined) {
    say(
      "note",
      `${count(zeros.count, "number")} begin${
        zeros.count === 1 ? "s" : ""
      } with a zero, such as ${zeros.text}; if they are codes, read them as text`,
    );
  }
  if (values instanceof Float64Array) {
    const described = describedNumbers(name, values, { sampled, order, size });
    if (described.missing > 0) say("missing", `${count(described.missing, "value")} missing`);
    if (described.missing === size) say("warning", "every value is missing");
    else if (described.numbers!.low === described.numbers!.high) say("note", `constant, ${described.numbers!.low} in every row`);
    else if (nearlyConstant(described.numbers!)) say("warning", "constant but for rounding");
    if (isIndex(values)) say("note", "it numbers the rows in the order of the file");
    else if (looksLikeId(name, values)) say("note", "it looks like an id: every row has another value");
    return described;
  }
  const levels = new Map<string, number>();
  for (let row = 0; row < size; row++) {
    const value = values[order(row)];
    levels.set(value, (levels.get(value) ?? 0) + 1);
  }
  const missing = levels.get("") ?? 0;
  levels.delete("");
  if (missing > 0) say("missing", `${count(missing, "value")} missing`);
  if (missing === size) say("warning", "every value is missing");
  if (levels.size === size && size >= 20) {
    say("note", `every row has another text, such as "${[...levels.keys()][0]}": an id, a name or free text?`);
  }
  if (levels.size === 1 && missing === 0) say("note", `constant, "${[...levels.keys()][0]}" in every row`);
  if (levels.size > 0 && [...levels.keys()].slice(0, 50).every(isDate)) say("note", "it looks like dates or times");
  const sorted = [...levels].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (declared !== true || sorted.length <= comparedLevels) alikeLevels(sorted.slice(0, comparedLevels), say);
  const first = values.findIndex((value) => looksMissing(value));
  if (first >= 0 && !declared) {
    say(
      "note",
      `"${values[first]}" in ${placeOf(0) && placeOfStored(table, first)} may stand for a missing value; it is a level here`,
    );
  }
  return { name, kind: "text", missing, levels: sorted.slice(0, 20), levelCount: levels.size };
}

function placeOfStored(table: Table, row: number): string {
  const { rows } = storageOf(table), place = rows === null ? row : rows.indexOf(row);
  return place < 0 ? "another part" : table.place(place);
}

function describedNumbers(
  name: string,
  values: Float64Array,
  { sampled, order, size }: { sampled: Int32Array; order: (row: number) => number; size: number },
): ColumnDescription {
  let missing = 0, low = Infinity, high = -Infinity, sum = 0;
  for (let row = 0; row < size; row++) {
    const x = values[order(row)];
    if (x !== x) missing++;
    else {
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  const known = size - missing;
  if (known === 0) return { name, kind: "number", missing };
  const some = Float64Array.from(sampled, (row) => values[order(row)]).filter((x) => x === x).sort();
  const quartiles = some.length === 0
    ? [low, low, low]
    : [0.25, 0.5, 0.75].map((p) => quantileSorted(some as unknown as number[], p));
  const breaks = low < high ? equalIntervalBreaks([low, high], bars) : [low, high],
    counts = new Array<number>(breaks.length - 1).fill(0);
  for (const x of some) counts[Math.min(counts.length - 1, Math.floor((x - low) / (high - low || 1) * counts.length))]++;
  return {
    name,
    kind: "number",
    missing,
    numbers: { low, high, mean: sum / known, quartiles: quartiles as [number, number, number], breaks, counts },
  };
}

function nearlyConstant({ low, high }: { low: number; high: number }): boolean {
  return high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high));
}

/** Levels that differ by case or white space, and rare ones a letter away from a frequent one. */
function alikeLevels(levels: readonly (readonly [string, number])[], say: (kind: Note["kind"], text: string) => void): void {
  const plain = (text: string) => text.normalize("NFKC").toLowerCase().replace(/[\s_-]+/g, "");
  const known = new Map<string, string>();
  for (const [level] of levels) {
    const same = known.get(plain(level));
    if (same === undefined) known.set(plain(level), level);
    else say("warning", `"${same}" and "${level}" differ by case or white space alone, and are two levels here`);
  }
  for (const [rare, times] of levels) {
    if (rare.length < 4 || /\d/.test(rare)) continue;
    const near = levels.find(([level, more]) =>
      more >= 10 * times && level !== rare && Math.abs(level.length - rare.length) <= 1 &&
      edits(level.toLowerCase(), rare.toLowerCase()) === 1
    );
    if (near !== undefined) {
      say("warning", `"${rare}", ${count(times, "time")}, is one letter away from "${near[0]}", and another level here`);
    }
  }
}

function looksMissing(text: string): boolean {
  return /^(none|nil|-+|—|–|\.+|missing|unknown|#\w+!)$/i.test(text);
}

/** The values at some rows as numbers: of texts the number of the level. */
function codesOf(
  { values }: StoredColumn,
  sampled: Int32Array,
  order: (row: number) => number,
): { codes: Float64Array; levels: number } {
  if (values instanceof Float64Array) {
    const codes = Float64Array.from(sampled, (row) => values[order(row)]);
    return { codes, levels: new Set(codes.subarray(0, 1000)).size };
  }
  const known = new Map<Cell, number>();
  const codes = Float64Array.from(sampled, (row) => {
    const value = values[order(row)];
    if (!known.has(value)) known.set(value, known.size);
    return known.get(value)!;
  });
  return { codes, levels: known.size };
}

/** Warns of a feature that tells the label. */
function checkDisguise(
  { name, kind }: ColumnDescription,
  feature: { codes: Float64Array; levels: number },
  label: { codes: Float64Array; levels: number },
  labelName: string,
  notes: Note[],
): void {
  const n = feature.codes.length;
  if (n < 30 || label.levels < 2) return;
  const say = (how: string) =>
    notes.push({ kind: "warning", column: name, text: `${how} the label "${labelName}": is it known when the model decides?` });
  // A level tells the label where all rows of it have one label; many levels do so by chance.
  if (kind === "text" || feature.levels <= 20) {
    if (feature.levels < 2 || feature.levels > Math.max(20, n / 20)) return;
    const of = new Map<number, number>();
    for (let i = 0; i < n; i++) {
      const known = of.get(feature.codes[i]);
      if (known === undefined) of.set(feature.codes[i], label.codes[i]);
      else if (known !== label.codes[i]) return;
    }
    if (new Set(of.values()).size > 1) say("its levels tell");
    return;
  }
  const pairs = Array.from({ length: n }, (_, i) => [feature.codes[i], label.codes[i]]).filter(([x, y]) => x === x && y === y);
  if (pairs.length < 30) return;
  const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
  if (Math.abs(sampleCorrelation(x, y)) > 0.999) return void say("it is nearly proportional to");
  if (label.levels !== 2) return;
  const [first] = y, ends = [Infinity, -Infinity, Infinity, -Infinity];
  pairs.forEach(([a, b]) => {
    const at = b === first ? 0 : 2;
    ends[at] = Math.min(ends[at], a);
    ends[at + 1] = Math.max(ends[at + 1], a);
  });
  if (ends[1] < ends[2] || ends[3] < ends[0]) say("a threshold on it tells");
}

/** "1 value", "2 values". */
export function count(n: number, what: string): string {
  return `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
}
