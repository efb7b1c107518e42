import { anything, checkArgument, checkOptions, type Known } from "../../autodiff/options.ts";
import { checkAlike } from "../encoding/alike_levels.ts";
import { complete } from "../encoding/complete.ts";
import { name } from "../data/data_kinds.ts";
import type { DataSet } from "../data/data_set.ts";
import { describeParts } from "../description/describe_parts.ts";
import type { Description } from "../data/description.ts";
import { checkImputed, checkTable, Encoder } from "./encoder.ts";
import { type Encoding, encodingOptions } from "../encoding/encoding.ts";
import { checkGroups } from "../encoding/members.ts";
import { type Split, split } from "../data/split.ts";
import { type Table, tableKind } from "../tables/table.ts";

/** How to turn a table into data for `train()`. */
export interface PrepareOptions extends Encoding {
  /** The fraction of rows kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed gives the same split. */
  seed?: number;
  /** A column whose values both parts have in equal proportion. */
  stratify?: string;
  /** A column of groups: rows with equal values, such as those of one patient, stay in one part, and are one observation. */
  groupBy?: string;
}

/** The allowed options. */
const prepareOptions: Known<PrepareOptions> = {
  ...encodingOptions,
  // split() checks these.
  safetyFraction: anything,
  seed: anything,
  stratify: name,
  groupBy: name,
};

/** Data for `train()`, with a description. */
export interface Prepared {
  /** Candidate and safety data, split at random, with an encoding fitted to candidate data. */
  data: Split<DataSet>;
  /** The encoder, fitted to candidate data; it prepares later data for the model. */
  encoder: Encoder;
  /** How the table was read, with possible misreadings: check it before making a promise. */
  description: Description;
}

/**
 * Splits a table, encodes both parts, and describes them: from a file to `train()` in one step.
 *
 * @example
 * ```ts
 * import { csv, prepare } from "@seldonian/kit";
 * const table = csv("income,job,paid\n10,cook,1\n20,nurse,0\n30,cook,1\n25,nurse,1\n");
 * const { data, encoder, description } = prepare(table, { label: "paid", safetyFraction: 0.5 });
 * console.log(data.candidate.size, encoder.featureNames, `${description}`);
 * ```
 * @throws {DataError} for ambiguous data: the message has line, column, cell and a cure
 */
export function prepare(table: Table, options: PrepareOptions): Prepared {
  checkArgument("prepare a table", "it", table, tableKind);
  checkOptions("prepare a table", options, prepareOptions);
  const { safetyFraction, seed, stratify, groupBy, ...given } = options;
  const encoding = groupBy === undefined || given.features ? given : { ...given, exclude: [...given.exclude ?? [], groupBy] };
  checkImputed(table, encoding);
  const rows = complete(table, encoding);
  // Checks the whole table, so that errors name the first place in the file rather than in a part.
  checkTable(rows, encoding);
  checkGroups(table, encoding);
  checkAlike(table, encoding);
  const values = (column: string | undefined) => column === undefined ? undefined : rows.column(column);
  const { candidate, safety } = split(rows, { safetyFraction, seed, stratify: values(stratify), groups: values(groupBy) });
  const encoder = new Encoder(candidate, encoding);
  const data = { candidate: encoder.encode(candidate), safety: encoder.encode(safety) };
  return { data, encoder, description: describeParts(data, table)! };
}
