import { counted } from "../counted.ts";
import { DataError } from "../data/data_error.ts";
import { type Encoding, neededColumns } from "./encoding.ts";
import { isMissing, missingIn } from "../data/missing.ts";
import type { Table } from "../tables/table.ts";

/**
 * The complete rows of a table, if incomplete rows are to be dropped; otherwise all rows.
 * @throws {DataError} if none is left
 */
export function complete(table: Table, encoding: Encoding): Table {
  if (!dropsRows(encoding)) return table;
  const rows = completeRows(table, encoding);
  if (rows.length === table.size) return table;
  if (rows.length > 0) return table.take(rows);
  const [[name, missing]] = neededColumns(table, encoding).map((name) => [name, missingIn(table.column(name)).count] as const)
    .sort((a, b) => b[1] - a[1]);
  throw new DataError(
    `Cannot leave out rows with missing values: none of the ${counted(table.size, "row")} is complete, and ${
      missing.toLocaleString("en")
    } of them lack a value in the column "${name}"`,
    [
      { when: "to leave the column out", option: "exclude", value: [...encoding.exclude ?? [], name] },
      { when: "to fill features in from the candidate data", option: "missing", value: { impute: "median" } },
    ],
  );
}

/** The numbers of the complete rows. */
export function completeRows(table: Table, encoding: Encoding): number[] {
  const columns = dropsRows(encoding) ? neededColumns(table, encoding).map((name) => table.column(name)) : [],
    rows: number[] = [];
  for (let row = 0; row < table.size; row++) if (!columns.some((values) => isMissing(values[row]))) rows.push(row);
  return rows;
}

/** Whether incomplete rows are dropped. */
export function dropsRows({ missing }: Encoding): boolean {
  return missing === "drop" || (typeof missing === "object" && missing.label === "drop");
}
