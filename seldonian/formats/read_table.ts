import type { ReadOptions } from "./read_options.ts";
import type { Table } from "../tables/table.ts";

/**
 * Reads a table from a file, by its contents: CSV, JSON Lines or a JSON array, Parquet, or Arrow, each with or without gzip.
 * @param options `file`: its name, for errors, and to distinguish CSV from JSON
 * @throws {TypeError} for an unknown option
 * @throws {RangeError} for an unsupported format, and an option that the format does not use
 * @throws {DataError} for ambiguous data, with an option for each reading
 */
export async function readTable(file: Uint8Array | Blob, options: ReadOptions = {}): Promise<Table> {
  return await (await import("./table_file.ts")).tableOfFile(file, options);
}
