import { isRecord, type Known, needed, record, truth, whole } from "../../autodiff/options.ts";
import { hasAll, isCell, isText, isTexts, name, names } from "../data/data_kinds.ts";
import { noColumn } from "../tables/no_column.ts";
import { checkMeant } from "./unmeant.ts";
import type { Cell } from "../tables/table_values.ts";
import { storageOf, type Table } from "../tables/table.ts";

/**
 * The replacement for a missing feature: the mean, median or commonest value of the candidate data's column, or a given value.
 */
export type Imputation = "mean" | "median" | "mode" | { value: Cell };

/** How to treat rows with a missing value that is needed. */
export type MissingPolicy =
  | "error"
  | "drop"
  | { impute: Imputation | Readonly<Record<string, Imputation>>; label?: "drop" };

/** The rows of a group: a column of 0 and 1, some values of a column, or a function of the row. */
export type GroupRule =
  | string
  | { column: string; is: Cell | readonly Cell[] }
  | ((row: Readonly<Record<string, Cell>>) => boolean | null | undefined);

/** How to encode a table's columns. */
export interface Encoding {
  /** The column to predict: a numeric one; or one with classes 0, 1, …, given by their spellings in this order. */
  label: string | { column: string; classes: readonly (Cell | boolean)[] };
  /**
   * The columns that the model sees; default: all except the label, the clusters, columns of groups and conditions, and those in
   * `exclude`.
   */
  features?: readonly string[];
  /** Columns to leave out of the default features. */
  exclude?: readonly string[];
  /**
   * The groups for constraints: a column of 0 and 1; the values of a column that make a row a member, such as
   * `{ column: "sex", is: "Male" }`; or a function of the row. Groups of one column that share no value exclude each other. A row
   * with a missing value, or for which the function returns `null`, is a member neither of the group nor of its opposite.
   */
  groups?: Readonly<Record<string, GroupRule>>;
  /**
   * Sets of groups in which no row belongs to two, such as `[["M", "F"]]`, in addition to groups of one column. Checked on every
   * row.
   */
  exclusive?: readonly (readonly string[])[];
  /** A column of ids: rows that share one, such as those of one patient, are one observation. */
  clusters?: string;
  /** Columns that constraints compare, as in `[age < 25]`, unchanged. */
  columns?: readonly string[];
  /** Whether to scale numbers to mean 0 and standard deviation 1; default true. */
  standardise?: boolean;
  /**
   * How to treat a row with a missing label or feature. "error" (default): an error. "drop": leave it out, and also rows with a
   * missing group or compared column, so that the promise is about complete rows. `impute`: fill in the feature from candidate
   * data; a missing label is an error, or with `label: "drop"` drops the row.
   */
  missing?: MissingPolicy;
  /** The most distinct texts of a feature, each of which becomes a feature; default: a tenth of the rows, from 20 to 1,000. */
  maxLevels?: number;
}

/** The allowed options of an encoding. */
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
    wanted: '"error", "drop" or { impute: "mean" }; their spelling is an option for reading, missingValues',
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

/** The allowed options of a group of column values. */
export const groupOptions: Known<{ column: string; is: Cell | readonly Cell[] }> = {
  column: needed(name),
  is: needed({
    wanted: "a value of the column, or a list of some",
    holds: (value) => isCell(value) || (Array.isArray(value) && value.length > 0 && value.every(isCell)),
  }),
};

/** The name of the label column. */
export function labelColumn({ label }: Pick<Encoding, "label">): string {
  return typeof label === "string" ? label : label.column;
}

/** The columns of groups and conditions, as far as known. */
export function groupColumns({ groups = {}, columns = [] }: Encoding): string[] {
  const named = Object.values(groups).flatMap((of) => typeof of === "function" ? [] : [typeof of === "string" ? of : of.column]);
  return [...new Set([...columns, ...named])];
}

/** The columns that a row needs to be complete. */
export function neededColumns(table: Table, encoding: Encoding): string[] {
  if (encoding.missing !== "drop") return [labelColumn(encoding)];
  return [...new Set([...featuresOf(table, encoding), labelColumn(encoding), ...groupColumns(encoding)])];
}

/**
 * The columns that the model sees.
 * @throws {DataError} for a default feature that nobody can have meant
 */
export function featuresOf(table: Table, encoding: Encoding): readonly string[] {
  const { features, exclude = [], clusters } = encoding, label = labelColumn(encoding), { names } = table;
  for (
    const name of [label, ...features ?? [], ...exclude, ...groupColumns(encoding), ...clusters === undefined ? [] : [clusters]]
  ) {
    if (!names.includes(name)) throw noColumn(name, names, storageOf(table).origin.file);
  }
  if (features !== undefined) {
    if (features.includes(label)) {
      throw new RangeError(`Cannot use the label "${label}" as a feature: leave it out of \`features\``);
    }
    const twice = features.find((name, i) => features.indexOf(name) < i);
    if (twice !== undefined) throw new RangeError(`Cannot use "${twice}" as two features: it is named twice in \`features\``);
    const both = features.find((name) => exclude.includes(name));
    if (both !== undefined) throw new RangeError(`Cannot use "${both}" as a feature: it is named in \`exclude\` as well`);
    return features;
  }
  const out = new Set([label, clusters, ...exclude, ...groupColumns(encoding)]), chosen = names.filter((name) => !out.has(name));
  if (chosen.length === 0) {
    throw new RangeError("Cannot find a feature: every column is a label, a group or left out; name some in `features`");
  }
  checkMeant(table, chosen, exclude, encoding.maxLevels);
  return chosen;
}
