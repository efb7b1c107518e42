import type { ReadOptions } from "./read_options.ts";
import type { Table } from "../tables/table.ts";

/**
 * Reads a table from a file, by what it holds: CSV, JSON Lines or an array of JSON, Parquet, or Arrow, each packed by gzip or not.
 * @param options `file`: its name, for errors, and to tell CSV and JSON from each other
 * @throws {TypeError} for an option that there is not
 * @throws {RangeError} for a format that is not read, and an option that the format has no use for
 * @throws {DataError} for what can be read in several ways, with an option for each
 */
export async function readTable(file: Uint8Array | Blob, options: ReadOptions = {}): Promise<Table> {
  return await (await import("./table_file.ts")).tableOfFile(file, options);
}
