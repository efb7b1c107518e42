import { checkOptions, type Known } from "../../autodiff/options.ts";
import { name, names } from "../data/data_kinds.ts";
import type { Table } from "../tables/table.ts";

/** How Arrow files are read. */
export interface ArrowOptions {
  /** Columns to read; default: all, less the numbers of rows that pandas keeps where a frame's index has no name. */
  columns?: readonly string[];
  /** Columns of numbers to read as texts, as codes of places. */
  text?: readonly string[];
  /** The file's name, for errors. */
  file?: string;
}

/**
 * Reads a file or a stream of Apache Arrow IPC, as Feather of version 2 is, uncompressed or by LZ4 or Zstandard. Columns are of
 * numbers or of texts as its schema says, and become what they become of Parquet: see `readParquet()`. The reader (flechette) is
 * loaded at the first use.
 * @throws {RangeError} for what is no such file, is cut short, or has no rows
 * @throws {DataError} for a column to read that is neither of numbers nor of texts, and for whole numbers beyond 2^53
 */
export async function readArrow(bytes: Uint8Array, options: ArrowOptions = {}): Promise<Table> {
  checkOptions("read an Arrow file", options, known);
  return await (await import("./arrow_file.ts")).tableOfArrow(bytes, options);
}

const known: Known<ArrowOptions> = { columns: names, text: names, file: name };
