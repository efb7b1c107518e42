import type { CsvOptions } from "../tables/csv_options.ts";

/** How to read files of any format; an option that the format does not use is refused. */
export interface ReadOptions extends CsvOptions {
  /** For text: the character encoding, such as "windows-1252"; default: UTF-8, or UTF-16 if the first bytes show it. */
  encoding?: string;
  /** For Parquet and Arrow: columns to read; default: all. */
  columns?: readonly string[];
}
