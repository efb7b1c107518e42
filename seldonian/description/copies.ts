import { coincidence } from "./coincidence.ts";
import { inOrder } from "../random.ts";
import { valuesAt } from "../data/columns.ts";
import { counted } from "../counted.ts";
import { quoted } from "../data/quoted.ts";
import type { Note } from "../data/description.ts";
import { isCount, looksLikeId } from "../encoding/ids.ts";
import { rowKeysOf, wholeKeys } from "../data/row_keys.ts";
import { storageOf, type Table } from "../tables/table.ts";

/**
 * The most rows to compare. In a longer table, rows are chosen by a part of the values of one column, so that copies stay
 * together.
 */
const compared = 20000;

/** The number of rows whose distinct values are counted. */
const looked = 2000;

/**
 * Counts rows that equal another in all columns except row numbers and ids, which copies may have anew, and rows of the safety part that equal one of the
 * candidate part. A copy is no new evidence, so there is a warning if there are more than by chance.
 */
export function copies(candidate: Table, safety: Table): Note[] {
  const other = storageOf(safety).columns,
    { columns } = storageOf(candidate),
    used = candidate.names.filter((name) => {
      const { values } = columns.get(name)!;
      if (other.get(name)?.values instanceof Float64Array !== values instanceof Float64Array) return false;
      return !(looksLikeId(name, values) || (values instanceof Float64Array && isCount(values)));
    });
  if (used.length === 0) return [];
  const size = candidate.size + safety.size, part = Math.ceil(size / compared), column = mostDifferent(candidate, used);
  const [first, second] = [candidate, safety].map((table) => keysOf(table, used, column, part));
  const n = first.length + second.length, known = new Set(first), all = new Set([...first, ...second]);
  const both = second.reduce((sum, key) => sum + (known.has(key) ? 1 : 0), 0), equal = n - all.size;
  if (equal === 0) return [];
  // Two rows are in the same part as often as they have the same value in the column that defines the parts.
  const rows = n * part, expected = coincidence(candidate, used) * rows * (rows - 1) / 2 / part;
  // Rows with few distinct values are equal more often than with independent columns.
  const copied = isTelling(candidate, column) && equal > 3 * expected + 0.005 * n + 3, about = part > 1 ? "about " : "";
  return [{
    kind: copied ? "warning" : "note",
    text:
      `${about}${counted(part * equal, "row")} equal to another in every column${except(candidate, used)}, ${about}${
        counted(part * both, "row")
      } of the safety part to one of the candidate part` +
      (copied
        ? `; by chance about ${
          Math.round(part * expected).toLocaleString("en")
        }: are rows there twice? A copy is no new evidence; leave copies out`
        : ", as may happen by chance"),
  }];
}

/** The columns that were not compared, in words. */
function except({ names }: Table, used: readonly string[]): string {
  const others = names.filter((name) => !used.includes(name)).map(quoted);
  if (others.length === 0) return "";
  if (others.length > 3) return ` but ${others.length}, which differ in every row`;
  return ` but ${others.join(", ")}, which ${others.length === 1 ? "differs" : "differ"} in every row`;
}

/** The keys of rows whose value in a column is in one of this many parts of the values. */
function keysOf(table: Table, used: readonly string[], column: string, parts: number): BigUint64Array {
  const { columns, rows } = storageOf(table), all = rows ?? inOrder(table.size);
  const isChosen = parts === 1 ? null : chosen(columns.get(column)!.values, parts);
  const places = isChosen === null ? all : all.filter((row) => isChosen[row] === 1);
  return wholeKeys(
    rowKeysOf({ columns: new Map(used.map((name) => [name, valuesAt(columns.get(name)!.values, places)])) }, places.length),
  );
}

/** 1 for rows whose value is in one of this many parts, otherwise 0. */
function chosen(values: Float64Array | readonly string[], parts: number): Uint8Array {
  const found = new Uint8Array(values.length);
  if (values instanceof Float64Array) {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let row = 0; row < found.length; row++) found[row] = mixed(words[2 * row] ^ words[2 * row + 1]) % parts === 0 ? 1 : 0;
    return found;
  }
  const known = new Map<string, number>();
  for (let row = 0; row < found.length; row++) {
    const text = values[row];
    let isChosen = known.get(text);
    if (isChosen === undefined) {
      let hash = 0;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash, 31) + text.charCodeAt(i) | 0;
      known.set(text, isChosen = mixed(hash) % parts === 0 ? 1 : 0);
    }
    found[row] = isChosen;
  }
  return found;
}

/** The column with the most distinct values in the first rows. */
function mostDifferent(table: Table, names: readonly string[]): string {
  return names.map((name) => ({ name, different: different(table, name) })).reduce((a, b) => b.different > a.different ? b : a)
    .name;
}

/** Whether a column's distinct values are at least a tenth of the first rows, so that it distinguishes them. */
function isTelling(table: Table, name: string): boolean {
  return different(table, name) >= Math.min(table.size, looked) / 10;
}

/** The number of distinct values in the first rows. */
function different(table: Table, name: string): number {
  return new Set<number | string>(storageOf(table).columns.get(name)!.values.slice(0, looked) as readonly string[]).size;
}

/** A whole number >= 0; each of its bits depends on all of the word's bits. */
function mixed(word: number): number {
  const hash = Math.imul(word ^ (word >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
