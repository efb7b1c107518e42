import { Tensor } from "../../autodiff/mod.ts";
import { nearestName } from "../../autodiff/nearest.ts";
import { checkWhole, clusterIdsOf } from "../data/clusters.ts";
import { complete, completeRows } from "../encoding/complete.ts";
import { checkArgument, checkOptions } from "../../autodiff/options.ts";
import { type Encoding, encodingOptions, featuresOf } from "../encoding/encoding.ts";
import { inspect } from "../../autodiff/show.ts";
import { isMissing } from "../data/missing.ts";
import { added, DataError } from "../data/data_error.ts";
import { DataSet } from "../data/data_set.ts";
import { EncodedRows } from "../description/describe_parts.ts";
import { exclusiveAmong, membersOf } from "../encoding/members.ts";
import { isImputation, missingError, requireNumbers, savedScales, type Scale, ScaleFit, scalesOf } from "../encoding/scales.ts";
import { DataStream } from "../data/data_stream.ts";
import type { Tables } from "../tables/split_tables.ts";
import type { Cell } from "../tables/table_values.ts";
import { sameKinds, tableKeys } from "../tables/table_pieces.ts";
import { storageOf, Table, tableKind } from "../tables/table.ts";

/**
 * Turns a table into features of a model: numbers are standardised, texts become one feature of 0 and 1 for each category, and a
 * new category becomes zeros. Means, deviations, categories and replacements for missing values come from the table it is fitted
 * to. This must be the candidate data: information from safety data must not go into the model. The same encoder prepares later
 * data for the model.
 *
 * @example
 * ```ts
 * import { csv, Encoder, split } from "@seldonian/kit";
 * const table = csv("income,job,paid\n10,cook,yes\n20,nurse,no\n30,cook,yes\n");
 * const { candidate, safety } = split(table, { safetyFraction: 0.34 });
 * const encoder = new Encoder(candidate, { label: { column: "paid", classes: ["no", "yes"] } });
 * console.log(encoder.featureNames, encoder.encode(safety).size);
 * ```
 */
export class Encoder {
  /** How each column is encoded. */
  readonly scales: readonly Scale[];
  /** How columns are to be encoded. */
  readonly encoding: Encoding;

  /**
   * Fits an encoding to candidate data.
   * @param candidate the table for means, deviations and values
   * @param encoding how to encode each column
   * @throws {DataError} for a column that is missing or cannot be a feature as it is, and for missing values
   */
  constructor(candidate: Table, encoding: Encoding);
  /**
   * An encoder from another one's saved `toJSON()`.
   * @throws {RangeError} for anything else
   */
  constructor(saved: unknown, encoding: Pick<Encoding, "label" | "groups" | "columns" | "exclusive" | "clusters" | "missing">);
  constructor(given: unknown, encoding: Encoding) {
    checkOptions("encode a table", encoding, encodingOptions);
    this.encoding = encoding;
    this.scales = given instanceof Table ? scalesOf(complete(given, encoding), encoding) : savedScales(given);
  }

  /** What `console.log` shows: the columns and features by name. */
  [inspect](): string {
    const { scales, featureNames } = this;
    return `Encoder of ${scales.length} columns as ${featureNames.length} features: ${featureNames.slice(0, 20).join(", ")}` +
      (featureNames.length > 20 ? ", …" : "");
  }

  /**
   * Fits an encoder to candidate data that is read in pieces.
   * @throws {DataError} as the constructor
   */
  static async fit(candidate: Tables, encoding: Encoding): Promise<Encoder> {
    checkOptions("encode a table", encoding, encodingOptions);
    let found: ScaleFit[] | undefined, named = encoding;
    for await (const piece of sameKinds(candidate())) {
      const rows = completeRows(piece, named), table = rows.length === piece.size ? piece : piece.take(rows);
      // A piece may have no complete row.
      if (table.size === 0) continue;
      if (found === undefined) {
        // The first piece decides the features: a column that looks constant or unique in a piece need not be so in all of the
        // data.
        named = { ...encoding, features: featuresOf(table, encoding) };
        found = named.features!.map((name) => new ScaleFit(name, encoding));
      }
      for (const fit of found) fit.add(table, table.column(fit.name));
    }
    if (found === undefined) {
      throw new RangeError("Cannot make an encoder without candidate data: there are no rows that are complete");
    }
    return new Encoder({ version: 1, scales: found.map((fit) => fit.scale()) }, encoding);
  }

  /** The encoding, with the features of the candidate data by name. */
  get #named(): Encoding {
    const { exclude: _, ...more } = this.encoding;
    return { ...more, features: this.scales.map(({ name }) => name) };
  }

  /** Features, labels and groups of a table that is read in pieces. */
  stream(tables: Tables): Promise<DataStream> {
    return DataStream.open(async function* (this: Encoder) {
      for await (const table of sameKinds(tables())) if (completeRows(table, this.#named).length > 0) yield this.encode(table);
    }.bind(this));
  }

  /** The names of the features: a column's name, or "column=category". */
  get featureNames(): string[] {
    return this.scales.flatMap((scale) =>
      "categories" in scale ? scale.categories.map((category) => `${scale.name}=${category}`) : [scale.name]
    );
  }

  /**
   * The features [rows, width], float32.
   * @throws {DataError} for a missing column or value
   */
  features(table: Table): Tensor {
    checkArgument("encode a table", "it", table, tableKind);
    const width = this.featureNames.length, x = new Float32Array(table.size * width);
    let at = 0;
    for (const scale of this.scales) {
      const { name, missing } = scale, values = table.column(name);
      if ("categories" in scale) {
        const place = new Map(scale.categories.map((category, i) => [category, i]));
        // A saved encoder may have missing texts as a category.
        if (!place.has("")) checkTexts(name, values, missing, table);
        for (let row = 0; row < table.size; row++) {
          const value = isMissing(values[row]) ? scale.missing ?? "" : `${values[row]}`, found = place.get(value);
          if (found !== undefined) x[row * width + at + found] = 1;
        }
        at += scale.categories.length;
        continue;
      }
      const numbers = missing === undefined ? requireNumbers(name, values, table) : onlyNumbers(name, values, table);
      const { mean, deviation } = scale;
      for (let row = 0; row < table.size; row++) {
        const value = Number.isNaN(numbers[row]) ? scale.missing! : numbers[row];
        x[row * width + at] = deviation === 0 ? 0 : (value - mean) / deviation;
      }
      at++;
    }
    return Tensor.from(x, [table.size, width]);
  }

  /**
   * Features, labels and groups of a table; with `missing: "drop"`, of its complete rows.
   * @throws {DataError} for a missing value, and for a label that is not a class, with line and column
   */
  encode(whole: Table): DataSet {
    checkArgument("encode a table", "it", whole, tableKind);
    const { label, groups = {}, columns: compared = [], exclusive = [], clusters } = this.encoding;
    const table = complete(whole, this.#named), place = (row: number) => table.place(row);
    const columns = Object.entries(groups).map(([name, rule]) => [name, membersOf(table, name, rule)] as const);
    const ids = clusters === undefined
      ? table.clusters
      : clusterIdsOf(table.column(clusters), table.size, `"${clusters}"`, place);
    if (ids !== undefined && table.clusters !== undefined) checkWhole(table.clusters, ids, `"${clusters}"`, place);
    const data = new DataSet({
      features: this.features(table),
      labels: labelsOf(table, label, this.encoding),
      columns: Object.fromEntries([...compared.map((name) => [name, table.column(name)] as const), ...columns]),
      exclusive: [...exclusive, ...exclusiveAmong(groups)],
      clusters: ids,
    }, {
      keys: () => tableKeys(table),
      place,
      featureNames: this.featureNames,
      source: new EncodedRows(table, whole, this),
    });
    return table.hasStrata ? data.stratified() : data;
  }

  /** The scales from the candidate data, from which the encoder can be made again. */
  toJSON(): { version: 1; scales: readonly Scale[] } {
    return { version: 1, scales: this.scales };
  }
}

/** @throws {DataError} for an imputed column that does not exist */
export function checkImputed(table: Table, { missing }: Encoding): void {
  if (typeof missing !== "object" || isImputation(missing.impute)) return;
  for (const name of Object.keys(missing.impute)) table.column(name);
}

/**
 * @throws {DataError} for the first value of the whole table that is needed and missing, is not a label, or is of another kind
 * than its group
 */
export function checkTable(table: Table, encoding: Encoding): void {
  const { missing = "error", label, groups = {} } = encoding;
  labelsOf(table, label, encoding);
  for (const [name, rule] of Object.entries(groups)) if (typeof rule !== "function") membersOf(table, name, rule);
  const imputed = typeof missing === "object" && !isImputation(missing.impute) ? missing.impute : undefined;
  if (missing === "drop" || (typeof missing === "object" && imputed === undefined)) return;
  for (const name of featuresOf(table, encoding)) {
    if (imputed !== undefined && Object.hasOwn(imputed, name)) continue;
    const values = table.column(name);
    if (values instanceof Float64Array) requireNumbers(name, values, table, "feature", encoding);
    else checkTexts(name, values, undefined, table, encoding);
  }
}

/** @throws {DataError} for a number, and for a missing text without a replacement */
function checkTexts(
  name: string,
  values: Float64Array | readonly string[],
  missing: unknown,
  table: Table,
  encoding: Partial<Encoding> = {},
): void {
  if (values instanceof Float64Array) {
    // A few rows without any value have no kind.
    if (values.every(Number.isNaN)) {
      if (missing !== undefined) return;
      throw missingError(name, table, "feature", encoding);
    }
    throw new DataError(`Cannot use "${name}" as texts, as in the candidate data: here it has numbers`, [
      { option: "text", value: added(storageOf(table).origin.given?.text, [name]) },
    ]);
  }
  if (missing !== undefined) return;
  const row = values.indexOf("");
  if (row >= 0) throw missingError(name, table, "feature", encoding);
}

/** Numbers, some of them possibly missing. */
function onlyNumbers(name: string, values: Float64Array | readonly string[], table: Table): Float64Array {
  return values instanceof Float64Array ? values : requireNumbers(name, values, table);
}

/** @throws {DataError} for a missing label, and for one that is not a number or class, with the nearest */
export function labelsOf(table: Table, label: Encoding["label"], encoding: Partial<Encoding>): Float64Array {
  return typeof label === "string"
    ? requireNumbers(label, table.column(label), table, "label", encoding)
    : classesOf(table, label, encoding);
}

function classesOf(
  table: Table,
  { column, classes }: { column: string; classes: readonly (Cell | boolean)[] },
  encoding: Partial<Encoding>,
): Float64Array {
  const values = table.column(column), place = new Map<string, number>();
  // True and false in the spellings of programs, or as 1 and 0.
  const spellings = (name: Cell | boolean) =>
    typeof name === "boolean" ? [`${name}`, `${name}`.toUpperCase(), name ? "True" : "False", name ? "1" : "0"] : [`${name}`];
  classes.forEach((name, i) =>
    spellings(name).forEach((written) => {
      if (place.has(written)) {
        throw new RangeError(`Cannot use ${JSON.stringify(name)} as two classes of "${column}": it is named twice`);
      }
      place.set(written, i);
    })
  );
  return Float64Array.from({ length: table.size }, (_, row) => {
    const value = values[row], found = place.get(`${value}`);
    if (found !== undefined) return found;
    if (isMissing(value)) throw missingError(column, table, "label", encoding);
    const names = classes.map(String), nearest = nearestName(`${value}`, names);
    throw new DataError(
      `Cannot use ${JSON.stringify(value)} in ${table.place(row)}, column "${column}", as a class: ${
        nearest === undefined
          ? `wanted one of ${names.map((name) => JSON.stringify(name)).join(", ")}`
          : `the nearest is "${nearest}"`
      }`,
      nearest === undefined || typeof value !== "string" ? [] : [{
        when: "if they are the same",
        option: "replace",
        value: added(storageOf(table).origin.given?.replace, { [column]: { [value]: nearest } }),
      }],
    );
  });
}
