import { checkOptions, type Known, whole } from "../../autodiff/options.ts";
import { name, names } from "../data/data_kinds.ts";
import type { Tables } from "../tables/split_tables.ts";
import type { Table } from "../tables/table.ts";

/** Bytes that are read where they are needed. */
export interface RandomAccess {
  /** Length of the file. */
  byteLength: number;
  /** The bytes from `start` to before `end`. */
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** How Parquet files are read. */
export interface ParquetOptions {
  /** Columns to read; default: all, less the numbers of rows that pandas keeps where a frame's index has no name. */
  columns?: readonly string[];
  /** Columns of numbers to read as texts, as codes of places. */
  text?: readonly string[];
  /** The file's name, for errors. */
  file?: string;
  /** Of `parquetTables`: rows a piece, default 10,000. */
  rows?: number;
}

/**
 * Reads an Apache Parquet file, of any of its compressions. Columns are of numbers or of texts as the file's schema says, whatever
 * they hold. Whole numbers and decimals become numbers, float32 the double nearest to what was written, truth values 0 and 1, times
 * and days text as in ISO 8601; a missing number is NaN, a missing text "". The reader (hyparquet) is loaded at the first use.
 * @throws {RangeError} for what is no such file, or has no rows
 * @throws {DataError} for a column to read that holds lists or structures, and for whole numbers beyond 2^53
 */
export async function readParquet(file: Uint8Array | Blob | RandomAccess, options: ParquetOptions = {}): Promise<Table> {
  checkOptions("read a Parquet file", options, known);
  const { size, read } = await (await reader()).openedParquet(file, options);
  return await read(0, size);
}

/** The same in pieces, of which one at a time is in memory. */
export function parquetTables(file: Uint8Array | Blob | RandomAccess, options: ParquetOptions = {}): Tables {
  const { rows = 10000 } = checkOptions("read a Parquet file", options, known);
  return async function* () {
    const { size, read } = await (await reader()).openedParquet(file, options);
    for (let start = 0; start < size; start += rows) yield await read(start, Math.min(size, start + rows));
  };
}

const known: Known<ParquetOptions> = { columns: names, text: names, file: name, rows: whole(1) };

/** What reads is loaded on use, so that pages that read no such file do without. */
const reader = () => import("./parquet_file.ts");
