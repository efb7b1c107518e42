import { type Kind, type Known, truth } from "../../autodiff/options.ts";
import type { Notation } from "./cells.ts";
import { hasAll, isText, isTexts, name, names } from "../data/data_kinds.ts";
import { type Limits, limitsKind } from "./limits.ts";

/** How to read cells: for {@link csv}, and for records in `Table.from()`. */
export interface CellOptions extends Notation {
  /**
   * The spellings of missing values, for all columns; or by column, in addition to the default: "", "NA", "N/A", "n/a", "#N/A",
   * "NaN", "nan", "null", "NULL" and "?".
   */
  missingValues?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Text columns, taken as they are even if values look like numbers, such as postal codes. */
  text?: readonly string[];
  /** Whether to remove white space around cells and names; default true. */
  trim?: boolean;
  /** Replacements for cells, by column: `{ sex: { female: "Female" } }`. */
  replace?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How {@link csv} reads. */
export interface CsvOptions extends CellOptions {
  /** Names of the columns, if the first line does not have them. */
  header?: readonly string[];
  /** One character; default: a comma, semicolon, tab or bar, whichever all of the first lines have equally often. */
  separator?: string;
  /** Lines to skip, counted from 1, such as a line of units below the names. */
  skipLines?: readonly number[];
  /** The file's name, for messages. */
  file?: string;
  /** What reading may cost. */
  limits?: Limits;
}

const spellings: Kind = {
  type: "object",
  wanted: 'a list of texts, or such a list by column, as { age: ["-"] }',
  holds: (value) => isTexts(value) || hasAll(value, isTexts),
};

/** The allowed options for cells. */
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

/** The allowed options for CSV. */
export const csvOptions: Known<CsvOptions> = {
  ...cellOptions,
  header: names,
  separator: { type: "string", wanted: 'one character, such as "," or "\\t"' },
  skipLines: {
    type: "object",
    wanted: "a list of line numbers, counted from 1",
    holds: (value) => Array.isArray(value) && value.every((line) => Number.isInteger(line) && line > 0),
  },
  file: name,
  limits: limitsKind,
};
