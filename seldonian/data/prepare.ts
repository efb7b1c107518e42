import { DataSet, type Source } from "./data_set.ts";
import { describe } from "./describe.ts";
import { count } from "./described_column.ts";
import { Description } from "./description.ts";
import { checkTable, complete, Encoder } from "./encoder.ts";
import { checkEncoding, type Encoding, neededColumns } from "./encoding.ts";
import { checkGroups } from "./members.ts";
import { wholeKeys } from "./row_keys.ts";
import { type Split, split } from "./split.ts";
import { type Table, wholeOf } from "./table.ts";
import { unseen } from "./unseen.ts";

/** How a table becomes data for `train()`. */
export interface PrepareOptions extends Encoding {
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed, the same split. */
  seed?: number;
  /** A column whose values both parts have equally often. */
  stratify?: string;
  /** A column whose equal values, as of one patient, stay in one part, and are one observation. */
  groupBy?: string;
}

/** Data for `train()`, and what it was read as. */
export interface Prepared {
  /** Candidate and safety data, split at random, encoded by what candidate data shows. */
  data: Split<DataSet>;
  /** Made of the candidate data; it prepares what the model meets later. */
  encoder: Encoder;
  /** What the table was read as, with what may have been misread: worth a look before a promise is made. */
  description: Description;
}

/**
 * Splits a table, encodes both parts, and describes what was read: from a file to `train()` in one step.
 *
 * @example
 * ```ts
 * import { csv, prepare } from "@seldonian/kit";
 * const table = csv("income,job,paid\n10,cook,1\n20,nurse,0\n30,cook,1\n25,nurse,1\n");
 * const { data, encoder, description } = prepare(table, { label: "paid", safetyFraction: 0.5 });
 * console.log(data.candidate.size, encoder.featureNames, `${description}`);
 * ```
 * @throws {DataError} for what would have to be guessed: the message has line, column and cell, and what settles it
 */
export function prepare(table: Table, options: PrepareOptions): Prepared {
  const { safetyFraction, seed, stratify, groupBy, ...given } = options;
  const encoding = groupBy === undefined || given.features ? given : { ...given, exclude: [...given.exclude ?? [], groupBy] };
  checkEncoding(encoding);
  checkGroups(table, encoding);
  const rows = complete(table, encoding);
  // On the whole table, so that the first place of the file is named, and not of a part.
  checkTable(rows, encoding);
  const values = (column: string | undefined) => column === undefined ? undefined : rows.column(column);
  const { candidate, safety } = split(rows, { safetyFraction, seed, stratify: values(stratify), groups: values(groupBy) });
  const encoder = new Encoder(candidate, encoding);
  const data = { candidate: encoder.encode(candidate), safety: encoder.encode(safety) };
  return { data, encoder, description: describeParts(data)! };
}

/** What the table was read as that both parts are of, with what is known of the parts; undefined of data that is of no table. */
export function describeParts({ candidate, safety }: Split<Source>): Description | undefined {
  if (!(candidate instanceof DataSet && safety instanceof DataSet)) return undefined;
  const { source } = safety.about;
  if (source === undefined) return undefined;
  const { encoder, table: tested } = source, { encoding } = encoder, table = wholeOf(tested), whole = describe(table, encoding);
  const dropped = encoding.missing === "drop" ? table.size - complete(table, encoding).size : 0;
  const equal = equalRows({ candidate, safety }), notes = [...whole.notes];
  notes.push({ kind: "parts", text: `${count(candidate.size, "row")} to train on, ${count(safety.size, "row")} to test` });
  if (dropped > 0) {
    const lacking = neededColumns(table, encoding).flatMap((name) => {
      const values = table.column(name), missing = Array.prototype.filter.call(values, (x) => x === "" || Number.isNaN(x)).length;
      return missing === 0 ? [] : [`${name} (${missing.toLocaleString("en")})`];
    });
    notes.push({
      kind: "warning",
      text: `${count(dropped, "row")} of ${table.size.toLocaleString("en")} left out, because a value is missing in ${
        lacking.join(", ")
      }; what is promised is of complete rows`,
    });
  }
  if (equal > 0) {
    notes.push({
      kind: equal > 0.02 * safety.size ? "warning" : "note",
      text: `${
        count(equal, "row")
      } of the safety part equal to one of the candidate part in every column; if they are copies, leave them out before`,
    });
  }
  notes.push(...unseen(encoder, tested));
  return new Description({ ...whole, notes });
}

/** How many rows of the safety part are equal to a candidate row, in all columns of the table. */
function equalRows({ candidate, safety }: Split<DataSet>): number {
  const known = new Set(wholeKeys(candidate.rowKeys()));
  return wholeKeys(safety.rowKeys()).reduce((sum, key) => sum + (known.has(key) ? 1 : 0), 0);
}
