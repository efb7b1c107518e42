import { checkOptions, type Known } from "../../autodiff/options.ts";
import { name, names } from "../data/data_kinds.ts";
import type { Table } from "../tables/table.ts";
import { limitsKind } from "../tables/limits.ts";
import type { ArrowOptions } from "./read_options.ts";

/**
 * Reads a file or a stream of Apache Arrow IPC, including Feather version 2, uncompressed or with LZ4 or Zstandard. The schema
 * decides whether columns are numbers or texts; values are converted as in Parquet: see `readParquet()`. The reader (flechette)
 * is loaded at the first use.
 * @throws {RangeError} for a file of another format, a truncated file, or no rows
 * @throws {DataError} for a selected column that has neither numbers nor texts, for integers beyond 2^53, and beyond a limit
 */
export async function readArrow(bytes: Uint8Array, options: ArrowOptions = {}): Promise<Table> {
  checkOptions("read an Arrow file", options, known);
  return await (await import("./arrow_file.ts")).tableOfArrow(bytes, options);
}

const known: Known<ArrowOptions> = { columns: names, text: names, file: name, limits: limitsKind };
