import { kindOf, twoKinds, valuesAt } from "../data/columns.ts";
import { rowKeysOf } from "../data/row_keys.ts";
import { storageOf, type Table } from "./table.ts";

/** The keys of a table's rows, two words each: from all cells, in the order of the sorted column names. */
export function tableKeys(table: Table): Uint32Array {
  const { columns, rows } = storageOf(table);
  return rowKeysOf({
    columns: new Map(Array.from(columns, ([name, { values }]) => [name, rows === null ? values : valuesAt(values, rows)])),
  }, table.size);
}

/**
 * Consecutive tables, checked.
 * @throws {RangeError} for a column with texts in one table and numbers in another, or missing from one
 */
export async function* sameKinds(tables: AsyncIterable<Table>): AsyncGenerator<Table> {
  let kinds: Map<string, string> | undefined, row = 0;
  for await (const table of tables) {
    const here = new Map(Array.from(storageOf(table).columns, ([name, { values }]) => [name, kindOf(values)]));
    kinds ??= here;
    for (const [name, kind] of kinds) {
      const found = here.get(name);
      if (found === undefined) table.column(name);
      else if (found !== kind) throw twoKinds(name, kind, found, row);
    }
    yield table;
    row += table.size;
  }
}
