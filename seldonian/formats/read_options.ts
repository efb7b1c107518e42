import type { CsvOptions } from "../tables/csv_options.ts";
import type { Limits } from "../tables/limits.ts";

/** How to read files of any format; an option that the format does not use is refused. */
export interface ReadOptions extends CsvOptions {
  /** For text: the character encoding, such as "windows-1252"; default: UTF-8, or UTF-16 if the first bytes show it. */
  encoding?: string;
  /** For Parquet and Arrow: columns to read; default: all. */
  columns?: readonly string[];
}

/** How to read Arrow files. */
export interface ArrowOptions {
  /** Columns to read; default: all, except the row numbers that pandas stores if a frame's index has no name. */
  columns?: readonly string[];
  /** Numeric columns to read as texts, such as postal codes. */
  text?: readonly string[];
  /** The file's name, for errors. */
  file?: string;
  /** What reading may cost. */
  limits?: Limits;
}

/** How to read Parquet files. */
export interface ParquetOptions extends ArrowOptions {
  /** For `parquetTables`: the rows of a piece, default 10,000. */
  rows?: number;
}

/** Bytes that are read on demand. */
export interface RandomAccess {
  /** The length of the file. */
  byteLength: number;
  /** The bytes from `start` to before `end`. */
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}
