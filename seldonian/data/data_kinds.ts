import { anything, isRecord, type Kind, type Known, needed, record, truth, whole } from "../../autodiff/options.ts";
import type { Cell } from "./table.ts";
import type { Encoding } from "./encoding.ts";
import type { PrepareOptions } from "./prepare.ts";
import type { CellOptions, CsvOptions } from "./rows_reader.ts";

/*
 * What options of data may be.
 */

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isCell = (value: unknown): value is Cell => isText(value) || typeof value === "number";
const hasAll = (value: unknown, holds: (of: unknown) => boolean) => isRecord(value) && Object.values(value).every(holds);

/** The name of a column, or of a file. */
export const name: Kind = { type: "string", wanted: "a name" };
/** Names of columns. */
export const names: Kind = { type: "object", wanted: "a list of names", holds: isTexts };
/** A text with nothing before or after it. */
export const content: Kind = { type: "string", wanted: "a text" };
/** What is read piece by piece. */
export const pieces: Kind = {
  type: "object",
  wanted: "a stream, or what is read by for await",
  holds: (value) => value !== null && Symbol.asyncIterator in (value as object),
};
/** Numbers of rows. */
export const rowNumbers: Kind = {
  type: "object",
  wanted: "a list of numbers of rows",
  holds: (value) => value !== null && typeof (value as ArrayLike<number>).length === "number",
};

const spellings: Kind = {
  type: "object",
  wanted: 'a list of texts, or such a list by column, as { age: ["-"] }',
  holds: (value) => isTexts(value) || hasAll(value, isTexts),
};

/** Of cells. */
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

/** Of CSV. */
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

/** Of an encoding. */
export const encodingOptions: Known<Encoding> = {
  label: needed({
    wanted: 'the column to predict, as "paid" or { column: "paid", classes: ["no", "yes"] }',
    holds: (value) => {
      if (isText(value)) return true;
      const { column, classes } = (value ?? {}) as { column?: unknown; classes?: unknown };
      return isText(column) && Array.isArray(classes) && classes.length > 1 &&
        classes.every((of) => isCell(of) || typeof of === "boolean");
    },
  }),
  features: names,
  exclude: names,
  groups: record,
  exclusive: {
    type: "object",
    wanted: 'lists of groups, as [["M", "F"]]',
    holds: (value) => Array.isArray(value) && value.every(isTexts),
  },
  clusters: name,
  columns: names,
  standardise: truth,
  missing: {
    wanted: '"error", "drop" or { impute: "mean" }; how they are written is said in reading, by missingValues',
    holds: (value) => value === "error" || value === "drop" || isImputing(value),
  },
  maxLevels: whole(1),
};

function isImputing(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { impute, label, ...more } = value as { impute?: unknown; label?: unknown };
  const isImputation = (of: unknown) =>
    of === "mean" || of === "median" || of === "mode" || (isRecord(of) && isCell((of as { value?: unknown }).value));
  return Object.keys(more).length === 0 && (label === undefined || label === "drop") &&
    (isImputation(impute) || hasAll(impute, isImputation));
}

/** Of a table that is prepared. */
export const prepareOptions: Known<PrepareOptions> = {
  ...encodingOptions,
  // The split says what they may be.
  safetyFraction: anything,
  seed: anything,
  stratify: name,
  groupBy: name,
};

/** The values of a column that make a group. */
export const groupOptions: Known<{ column: string; is: Cell | readonly Cell[] }> = {
  column: needed(name),
  is: needed({
    wanted: "a value of the column, or a list of some",
    holds: (value) => isCell(value) || (Array.isArray(value) && value.length > 0 && value.every(isCell)),
  }),
};
