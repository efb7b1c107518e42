import { checkOptions, type Known, whole } from "../../autodiff/options.ts";
import { name, names } from "../data/data_kinds.ts";
import { limitsKind } from "../tables/limits.ts";
import type { Tables } from "../tables/split_tables.ts";
import type { Table } from "../tables/table.ts";
import type { ParquetOptions, RandomAccess } from "./read_options.ts";

/**
 * Reads an Apache Parquet file, with any of its compressions. The file's schema decides whether columns are numbers or texts,
 * whatever their contents. Integers and decimals become numbers, float32 the double nearest to the written number, truth values 0
 * and 1, times and days ISO 8601 text; a missing number is NaN, a missing text "". The reader (hyparquet) is loaded at the first
 * use.
 * @throws {RangeError} for a file of another format, without rows, or with a page whose checksum shows that it was changed
 * @throws {DataError} for a selected column of lists or structures, for integers beyond 2^53, and beyond a limit
 */
export async function readParquet(file: Uint8Array | Blob | RandomAccess, options: ParquetOptions = {}): Promise<Table> {
  checkOptions("read a Parquet file", options, known);
  const { size, read } = await (await reader()).openedParquet(file, options);
  return await read(0, size);
}

/** Reads a Parquet file as {@link readParquet} does, one piece at a time. */
export function parquetTables(file: Uint8Array | Blob | RandomAccess, options: ParquetOptions = {}): Tables {
  const { rows = 10000 } = checkOptions("read a Parquet file", options, known);
  return async function* () {
    const { size, read } = await (await reader()).openedParquet(file, options);
    for (let start = 0; start < size; start += rows) yield await read(start, Math.min(size, start + rows));
  };
}

const known: Known<ParquetOptions> = { columns: names, text: names, file: name, limits: limitsKind, rows: whole(1) };

/** The reader is loaded on use, so that pages that read no such file do without it. */
const reader = () => import("./parquet_file.ts");
