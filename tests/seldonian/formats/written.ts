/** Files of other programs, and their expected contents. */
import { ok } from "node:assert/strict";
import type { Table } from "../../../seldonian/tables/table.ts";
import { fixture } from "../../helpers/fixtures.ts";

/** Files that formats/make.py wrote with pyarrow 26.0.1, pandas 3.1.1, polars 2.1.0 and DuckDB 2.0.1. */
export const written = (name: string) => fixture(`formats/${name}`);
/** Checks that a call returns or throws an error of the kit. */
export const readsOrRefuses = async (read: () => unknown) => {
  try {
    await read();
  } catch (error) {
    ok(error instanceof RangeError && error.message.startsWith("Cannot "), `${error}`);
  }
};
export const columnsOf = (table: Table) => table.names.map((name) => [name, [...table.column(name)]]);

/** The contents of make.py's `typed`. */
export const typed = [
  ["code", ["01234", "NA", ""]],
  ["note", ["née, 日本", "", "NaN"]],
  ["job", ["cook", "", "cook"]],
  ["level", [7, NaN, 9]],
  ["u8", [0, 255, NaN]],
  ["u16", [0, 65535, NaN]],
  ["u32", [0, 4294967295, NaN]],
  ["u64", [0, 2 ** 53 - 1, NaN]],
  ["i64", [1 - 2 ** 53, 2 ** 53 - 1, NaN]],
  ["share", [0.1, NaN, 3e-7]],
  ["half", [0.5, NaN, -2]],
  ["money", [0.1, -12345678901234.56, NaN]],
  ["flag", [1, 0, NaN]],
  ["none", [NaN, NaN, NaN]],
  ["day", ["2020-02-29", "1900-01-01", ""]],
  ["at", ["2020-01-31T12:30:15.123456Z", "1969-12-31T23:59:59.000001Z", ""]],
  ["instant", ["2020-01-31T12:30:15.123456Z", "1969-12-31T23:59:59.000001Z", ""]],
];
