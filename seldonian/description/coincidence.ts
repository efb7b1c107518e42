import { spaced } from "../random.ts";
import { valuesAt } from "../data/columns.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** Rows at most that the chance is computed of. */
const lookedAt = 5000;

/**
 * The chance that two rows are equal in some columns, if columns are independent: the product over columns of the part of pairs that have
 * the same value. Columns that depend on each other make it greater, but seldom by much; copied rows do.
 */
export function coincidence(table: Table, names: readonly string[]): number {
  const { columns, rows } = storageOf(table), { size } = table;
  const some = spaced(size, lookedAt);
  const places = rows === null ? some : some.map((row) => rows[row]), pairs = places.length * (places.length - 1) / 2;
  let chance = 1;
  for (const name of names) {
    const { values } = columns.get(name)!;
    const counts = new Map<number | string, number>();
    for (const value of valuesAt(values, places)) counts.set(value, (counts.get(value) ?? 0) + 1);
    let equal = 0;
    for (const count of counts.values()) equal += count * (count - 1) / 2;
    chance *= equal / pairs;
  }
  return chance;
}
