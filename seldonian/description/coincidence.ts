import { spaced } from "../random.ts";
import { valuesAt } from "../data/columns.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** The most rows for estimating the chance. */
const lookedAt = 5000;

/**
 * The probability that two rows are equal in some columns if columns are independent: the product over columns of the fraction of
 * pairs with the same value. Dependent columns increase it, but seldom by much; copied rows increase it a lot.
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
