import type { CsvOptions } from "../tables/csv_options.ts";

/** How files are read, of whatever format: an option that its format has no use for is refused. */
export interface ReadOptions extends CsvOptions {
  /** Of text: how characters were written, as "windows-1252"; default: UTF-8, or UTF-16 where the first bytes say so. */
  encoding?: string;
  /** Of Parquet and Arrow: columns to read; default: all. */
  columns?: readonly string[];
}
