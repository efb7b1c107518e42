import { type Kind, type Known, truth } from "../../autodiff/options.ts";
import type { Notation } from "./cells.ts";
import { hasAll, isText, isTexts, name, names } from "../data/data_kinds.ts";

/** How cells are read: of {@link csv}, and of records by `Table.from()`. */
export interface CellOptions extends Notation {
  /**
   * How missing values are written, for all columns; or by column, besides the default: "", "NA", "N/A", "n/a", "#N/A", "NaN", "nan",
   * "null", "NULL" and "?".
   */
  missingValues?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Columns of text, taken as they stand, even where values are numbers, as codes of places. */
  text?: readonly string[];
  /** Whether white space around cells and names is left out, default true. */
  trim?: boolean;
  /** Cells that are to be read as others, by column: `{ sex: { female: "Female" } }`. */
  replace?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How {@link csv} reads. */
export interface CsvOptions extends CellOptions {
  /** Names of the columns, where the first line does not have them. */
  header?: readonly string[];
  /** One character; default: a comma, semicolon, tab or bar, whichever all of the first lines have equally often. */
  separator?: string;
  /** Lines to leave out, the first being 1, as a line of units below the names. */
  skipLines?: readonly number[];
  /** The file's name, for messages. */
  file?: string;
}

const spellings: Kind = {
  type: "object",
  wanted: 'a list of texts, or such a list by column, as { age: ["-"] }',
  holds: (value) => isTexts(value) || hasAll(value, isTexts),
};

/** What options of cells may be. */
export const cellOptions: Known<CellOptions> = {
  decimal: { type: "string", wanted: '"." or ","', holds: (value) => value === "." || value === ",", names: [".", ","] },
  thousands: { type: "string", wanted: 'a sign, such as "," or " "' },
  missingValues: spellings,
  text: names,
  trim: truth,
  replace: {
    type: "object",
    wanted: 'texts by texts by column, as { sex: { female: "Female" } }',
    holds: (value) => hasAll(value, (of) => hasAll(of, isText)),
  },
};

/** What options of CSV may be. */
export const csvOptions: Known<CsvOptions> = {
  ...cellOptions,
  header: names,
  separator: { type: "string", wanted: 'one character, such as "," or "\\t"' },
  skipLines: {
    type: "object",
    wanted: "a list of numbers of lines, the first being 1",
    holds: (value) => Array.isArray(value) && value.every((line) => Number.isInteger(line) && line > 0),
  },
  file: name,
};
