import { type Encoding, neededColumns } from "./encoding.ts";
import type { Table } from "./table.ts";

/**
 * The rows of a table that have all that is needed, where others are to be dropped; else all of them.
 * @throws {RangeError} if none is left
 */
export function complete(table: Table, encoding: Encoding): Table {
  if (encoding.missing !== "drop") return table;
  const columns = neededColumns(table, encoding).map((name) => table.column(name)), rows: number[] = [];
  for (let row = 0; row < table.size; row++) {
    if (columns.every((values) => values[row] !== "" && !Number.isNaN(values[row]))) rows.push(row);
  }
  if (rows.length === table.size) return table;
  if (rows.length > 0) return table.take(rows);
  throw new RangeError(`Cannot use ${table.size} rows with missing: "drop": each of them lacks a value`);
}
