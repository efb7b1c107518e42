import { isRecord, type Known, needed, record, truth, whole } from "../../autodiff/options.ts";
import { hasAll, isCell, isText, isTexts, name, names } from "../data/data_kinds.ts";
import { noColumn } from "../tables/no_column.ts";
import { checkMeant } from "./unmeant.ts";
import type { Cell } from "../tables/table_values.ts";
import { storageOf, type Table } from "../tables/table.ts";

/** What stands for a missing feature: a number of the candidate data's column, or its commonest value, or a value. */
export type Imputation = "mean" | "median" | "mode" | { value: Cell };

/** What becomes of rows in which something is missing that is needed. */
export type MissingPolicy =
  | "error"
  | "drop"
  | { impute: Imputation | Readonly<Record<string, Imputation>>; label?: "drop" };

/** The rows of a group: a column of 0 and 1, some values of a column, or a function of the row. */
export type GroupRule =
  | string
  | { column: string; is: Cell | readonly Cell[] }
  | ((row: Readonly<Record<string, Cell>>) => boolean | null | undefined);

/** What becomes of a table's columns. */
export interface Encoding {
  /** The column to predict: of numbers; or one whose classes 0, 1, … are written like this, in this order. */
  label: string | { column: string; classes: readonly (Cell | boolean)[] };
  /**
   * The columns that the model sees; default: all but the label, the clusters, what groups and conditions are made of, and what
   * `exclude` names.
   */
  features?: readonly string[];
  /** Columns that are no features, where these are not named one by one. */
  exclude?: readonly string[];
  /**
   * The groups that constraints name: a column of 0 and 1; the values of a column that make a row a member, as `{ column: "sex",
   * is: "Male" }`; or a function of the row. Groups of one column that share no value are known to exclude each other. A row whose value
   * is missing, or of which the function tells `null`, is a member of none, nor of the opposite.
   */
  groups?: Readonly<Record<string, GroupRule>>;
  /** Groups of which no row has two, such as `[["M", "F"]]`, beside those of one column. Checked on every row. */
  exclusive?: readonly (readonly string[])[];
  /** A column of ids: rows that share one, as those of one patient, are one observation together. */
  clusters?: string;
  /** Columns that constraints compare, as in `[age < 25]`, as they stand. */
  columns?: readonly string[];
  /** Whether numbers are brought to mean 0 and standard deviation 1; default true. */
  standardise?: boolean;
  /**
   * What becomes of a row whose label or a feature is missing: an error (default); left out ("drop"), as is one whose group or compared
   * column is missing, so that what is promised is of complete rows; or the feature is imputed from candidate data, while rows without a
   * label are an error, or with `label: "drop"` left out.
   */
  missing?: MissingPolicy;
  /** How many different texts a feature may have, each of which becomes a feature; default: a tenth of the rows, from 20 to 1,000. */
  maxLevels?: number;
}

/** What options of an encoding may be. */
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

/** The values of a column that make a group. */
export const groupOptions: Known<{ column: string; is: Cell | readonly Cell[] }> = {
  column: needed(name),
  is: needed({
    wanted: "a value of the column, or a list of some",
    holds: (value) => isCell(value) || (Array.isArray(value) && value.length > 0 && value.every(isCell)),
  }),
};

/** The name of the label's column. */
export function labelColumn({ label }: Pick<Encoding, "label">): string {
  return typeof label === "string" ? label : label.column;
}

/** The columns that groups and conditions are made of, as far as can be known. */
export function groupColumns({ groups = {}, columns = [] }: Encoding): string[] {
  const named = Object.values(groups).flatMap((of) => typeof of === "function" ? [] : [typeof of === "string" ? of : of.column]);
  return [...new Set([...columns, ...named])];
}

/** The columns without whose values a row is left out. */
export function neededColumns(table: Table, encoding: Encoding): string[] {
  if (encoding.missing !== "drop") return [labelColumn(encoding)];
  return [...new Set([...featuresOf(table, encoding), labelColumn(encoding), ...groupColumns(encoding)])];
}

/**
 * The columns that the model sees.
 * @throws {DataError} for a column that nobody can have meant, where they are not named one by one
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
