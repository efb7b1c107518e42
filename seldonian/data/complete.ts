import { DataError } from "./data_error.ts";
import { type Encoding, neededColumns } from "./encoding.ts";
import type { Table } from "./table.ts";

/**
 * The rows of a table that have all that is needed, where others are to be dropped; else all of them.
 * @throws {RangeError} if none is left
 */
export function complete(table: Table, encoding: Encoding): Table {
  if (!dropsRows(encoding)) return table;
  const columns = neededColumns(table, encoding).map((name) => table.column(name)), rows: number[] = [];
  for (let row = 0; row < table.size; row++) {
    if (columns.every((values) => values[row] !== "" && !Number.isNaN(values[row]))) rows.push(row);
  }
  if (rows.length === table.size) return table;
  if (rows.length > 0) return table.take(rows);
  const lacking = neededColumns(table, encoding).map((name, i) => {
    const missing = Array.prototype.filter.call(columns[i], (value) => value === "" || Number.isNaN(value)).length;
    return [name, missing] as const;
  }).sort((a, b) => b[1] - a[1]);
  throw new DataError(
    `Cannot use the ${table.size.toLocaleString("en")} rows with missing: "drop": each of them lacks a value, ${
      lacking[0][1].toLocaleString("en")
    } of them in the column "${lacking[0][0]}"`,
    [
      { when: "to leave that out", option: "exclude", value: [lacking[0][0]] },
      { when: "to fill features in from the candidate data", option: "missing", value: { impute: "median" } },
    ],
  );
}

/** Whether rows are left out for what they lack. */
export function dropsRows({ missing }: Encoding): boolean {
  return missing === "drop" || (typeof missing === "object" && missing.label === "drop");
}
