import { Tensor } from "../../autodiff/mod.ts";
import * as v from "../../deps.ts";
import { checkWhole, clusterIdsOf } from "./clusters.ts";
import { kindOf } from "./columns.ts";
import { type DataSet, withRowKeys } from "./data_set.ts";
import { DataStream, type Tables } from "./streams.ts";
import { type Cell, sameKinds, Table, tableKeys } from "./table.ts";

/** What becomes of a table's columns. */
export interface Encoding {
  /** The column to predict: of numbers; or one whose classes 0, 1, … are written like this, in this order. */
  label: string | { column: string; classes: readonly Cell[] };
  /** The columns that the model sees; default: all but the label and the clusters. */
  features?: readonly string[];
  /**
   * The groups that constraints name: a column of 0 and 1; the values of a column that make a row a member, as `{ column: "sex",
   * is: "Male" }`; or a function of the row. Groups of one column that share no value are known to exclude each other.
   */
  groups?: Readonly<
    Record<string, string | { column: string; is: Cell | readonly Cell[] } | ((row: Readonly<Record<string, Cell>>) => boolean)>
  >;
  /** Groups of which no row has two, such as `[["M", "F"]]`, beside those of one column. Checked on every row. */
  exclusive?: readonly (readonly string[])[];
  /** A column of ids: rows that share one, as those of one patient, are one observation together. */
  clusters?: string;
  /** Columns that constraints compare, as in `[age < 25]`, as they stand. */
  columns?: readonly string[];
  /** Whether numbers are brought to mean 0 and standard deviation 1; default true. */
  standardise?: boolean;
}

/** How a column was found to be encoded: (x - mean) / deviation, or one feature for each category. */
export type Scale = { name: string; mean: number; deviation: number } | { name: string; categories: readonly string[] };

/**
 * Makes a model's features of a table: numbers are standardised, texts become one feature of 0 and 1 for each category, and a
 * category that was not seen becomes zeros. Means, deviations and categories are those of the table it is made from, which is to
 * be the candidate data: what safety data tells must not go into the model. The same encoder prepares what the model meets later.
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
  readonly #scales: readonly Scale[];
  readonly #encoding: Encoding;

  /**
   * Fits an encoding to candidate data.
   * @param candidate the table that means, deviations and values are taken from
   * @param encoding what becomes of each column
   * @throws {RangeError} for a column that is not there, or a number that is missing
   */
  constructor(candidate: Table, encoding: Encoding);
  /** As another encoder's `toJSON()` was saved. @throws {RangeError} for anything else */
  constructor(saved: unknown, encoding: Pick<Encoding, "label" | "groups" | "columns" | "exclusive" | "clusters">);
  constructor(given: unknown, encoding: Encoding) {
    this.#encoding = encoding;
    this.#scales = given instanceof Table ? scalesOf(given, encoding) : savedScales(given);
  }

  /** An encoder of candidate data that is read in pieces. @throws {RangeError} as the constructor */
  static async fit(candidate: Tables, encoding: Encoding): Promise<Encoder> {
    let found: Accumulated[] | undefined;
    for await (const table of sameKinds(candidate())) {
      const names = featuresOf(table, encoding);
      found ??= names.map((name) =>
        table.column(name) instanceof Float64Array ? { name, count: 0, mean: 0, squares: 0 } : { name, seen: new Set() }
      );
      for (const column of found) accumulate(column, table.column(column.name));
    }
    if (found === undefined) throw new RangeError("Cannot make an encoder without candidate data: there are no rows");
    const scales = found.map((column): Scale => {
      if ("seen" in column) return { name: column.name, categories: [...column.seen].sort() };
      const { name, mean, squares, count } = column;
      return encoding.standardise === false
        ? { name, mean: 0, deviation: 1 }
        : { name, mean, deviation: Math.sqrt(squares / count) || 1 };
    });
    return new Encoder({ version: 1, scales }, encoding);
  }

  /** Features, labels and groups of a table that is read in pieces. */
  stream(tables: Tables): Promise<DataStream> {
    return DataStream.open(async function* (this: Encoder) {
      for await (const table of sameKinds(tables())) yield this.encode(table);
    }.bind(this));
  }

  /** What each feature is: a column's name, or "column=category". */
  get featureNames(): string[] {
    return this.#scales.flatMap((scale) =>
      "categories" in scale ? scale.categories.map((category) => `${scale.name}=${category}`) : [scale.name]
    );
  }

  /** The features [rows, width], float32. @throws {RangeError} for a column or a number that is missing */
  features(table: Table): Tensor {
    const width = this.featureNames.length, x = new Float32Array(table.size * width);
    let at = 0;
    for (const scale of this.#scales) {
      const values = table.column(scale.name);
      if ("categories" in scale) {
        const place = new Map(scale.categories.map((category, i) => [category, i]));
        for (let row = 0; row < table.size; row++) {
          const found = place.get(`${values[row]}`);
          if (found !== undefined) x[row * width + at + found] = 1;
        }
        at += scale.categories.length;
      } else {
        const numbers = requireNumbers(scale.name, values);
        for (let row = 0; row < table.size; row++) x[row * width + at] = (numbers[row] - scale.mean) / scale.deviation;
        at++;
      }
    }
    return Tensor.from(x, [table.size, width]);
  }

  /** Features, labels and groups of a table. @throws {RangeError} for what is missing or no class, with row and column */
  encode(table: Table): DataSet {
    const { label, groups = {}, columns: compared = [], exclusive = [], clusters } = this.#encoding;
    const columns = Object.entries(groups).map(([name, of]) => {
      if (typeof of === "string") return [name, requireNumbers(of, table.column(of))] as const;
      if (typeof of === "object") return [name, membersOf(table, name, of)] as const;
      const members = new Uint8Array(table.size);
      let i = 0;
      for (const row of rowsOf(table)) members[i++] = of(row) ? 1 : 0;
      return [name, members] as const;
    });
    const ids = clusters === undefined ? table.clusters : clusterIdsOf(table.column(clusters), table.size, `"${clusters}"`);
    if (ids !== undefined && table.clusters !== undefined) checkWhole(table.clusters, ids, `"${clusters}"`);
    const data = withRowKeys({
      features: this.features(table),
      labels: typeof label === "string" ? requireNumbers(label, table.column(label)) : classesOf(table, label),
      columns: Object.fromEntries([...compared.map((name) => [name, table.column(name)] as const), ...columns]),
      exclusive: [...exclusive, ...exclusiveAmong(groups)],
      clusters: ids,
    }, () => tableKeys(table));
    return table.hasStrata ? data.stratified() : data;
  }

  /** What was found in the candidate data: with it, an encoder can be made again. */
  toJSON(): { version: 1; scales: readonly Scale[] } {
    return { version: 1, scales: this.#scales };
  }
}

/** A group of the rows that have one of these values in a column. */
type GroupOf = { column: string; is: Cell | readonly Cell[] };

/** @throws {RangeError} for a number as a value of a column of texts, and the other way round: no row could be a member */
function membersOf(table: Table, name: string, { column, is }: GroupOf): Uint8Array {
  const values = table.column(column), wanted = new Set(valuesOf({ column, is })), kind = kindOf(values);
  const other = [...wanted].find((value) => (typeof value === "number") !== (kind === "numbers"));
  if (other !== undefined || wanted.size === 0) {
    throw new RangeError(
      `Cannot make the group "${name}" of the rows whose "${column}" is ${
        JSON.stringify(other) ?? "none"
      }: the column is of ${kind}; ` +
        `wanted ${
          kind === "numbers" ? 'numbers, as in { column: "age", is: [1, 2] }' : 'texts, as in { column: "sex", is: "Male" }'
        }`,
    );
  }
  return Uint8Array.from(values as ArrayLike<unknown> as ArrayLike<Cell>, (value) => wanted.has(value) ? 1 : 0);
}

function valuesOf({ is }: GroupOf): readonly Cell[] {
  return typeof is === "object" ? is : [is];
}

/** Groups of one column that share no value: all of a column's together if no two share one, and else pair by pair. */
function exclusiveAmong(groups: NonNullable<Encoding["groups"]>): string[][] {
  const found: string[][] = [], byColumn = new Map<string, [name: string, values: ReadonlySet<Cell>][]>();
  for (const [name, of] of Object.entries(groups)) {
    if (typeof of !== "object") continue;
    byColumn.set(of.column, [...byColumn.get(of.column) ?? [], [name, new Set(valuesOf(of))]]);
  }
  for (const members of byColumn.values()) {
    const pairs = members.flatMap(([name, values], i) =>
      members.slice(i + 1).filter(([, others]) => ![...values].some((value) => others.has(value))).map(([other]) => [name, other])
    );
    if (members.length > 2 && pairs.length === members.length * (members.length - 1) / 2) {
      found.push(members.map(([name]) => name));
    } else found.push(...pairs);
  }
  return found;
}

/** Each row in turn, all of them as one object that reads the columns where it stands. */
function* rowsOf(table: Table): Generator<Readonly<Record<string, Cell>>> {
  const row = {};
  let i = 0;
  for (const name of table.names) {
    let values: Float64Array | readonly string[] | undefined;
    Object.defineProperty(row, name, { enumerable: true, get: () => (values ??= table.column(name))[i] });
  }
  for (; i < table.size; i++) yield row;
}

/** A column of which pieces have been seen. */
type Accumulated = { name: string; count: number; mean: number; squares: number } | { name: string; seen: Set<string> };

/** Joins mean and squares of two parts (T. F. Chan, G. H. Golub and R. J. LeVeque, 1983). */
function accumulate(column: Accumulated, values: Float64Array | readonly string[]): void {
  if ("seen" in column) {
    for (const value of values) column.seen.add(`${value}`);
    return;
  }
  const numbers = requireNumbers(column.name, values), mean = average(numbers), count = column.count + numbers.length;
  const apart = mean - column.mean, squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  column.squares += squares + apart * apart * column.count * numbers.length / count;
  column.mean += apart * numbers.length / count;
  column.count = count;
}

/** The columns that the model sees. */
function featuresOf(candidate: Table, { label: of, features, clusters }: Encoding): readonly string[] {
  const label = typeof of === "string" ? of : of.column,
    names = features ?? candidate.names.filter((name) => name !== label && name !== clusters);
  candidate.column(label);
  if (names.includes(label)) throw new RangeError(`Cannot use the label "${label}" as a feature: leave it out of \`features\``);
  return names;
}

function scalesOf(candidate: Table, encoding: Encoding): Scale[] {
  const { standardise = true } = encoding;
  return featuresOf(candidate, encoding).map((name): Scale => {
    const values = candidate.column(name);
    if (!(values instanceof Float64Array)) return { name, categories: [...new Set(values)].sort() };
    if (!standardise) return { name, mean: 0, deviation: 1 };
    requireNumbers(name, values);
    const mean = average(values), deviation = Math.sqrt(average(values.map((x) => (x - mean) ** 2)));
    return { name, mean, deviation: deviation > 0 ? deviation : 1 };
  });
}

const schema = v.object({
  version: v.literal(1),
  scales: v.array(v.union([
    v.object({ name: v.string(), mean: v.number(), deviation: v.number() }),
    v.object({ name: v.string(), categories: v.array(v.string()) }),
  ])),
});

function savedScales(given: unknown): readonly Scale[] {
  const { success, output } = v.safeParse(schema, given);
  if (success) return output.scales;
  throw new RangeError("Cannot make an encoder: wanted a table, or what an encoder's toJSON() gave");
}

function classesOf(table: Table, { column, classes }: { column: string; classes: readonly Cell[] }): Float64Array {
  const place = new Map(classes.map((name, i) => [`${name}`, i])), values = table.column(column);
  return Float64Array.from({ length: table.size }, (_, row) => {
    const found = place.get(`${values[row]}`);
    if (found !== undefined) return found;
    throw new RangeError(
      `Cannot use "${values[row]}" in row ${row} of "${column}" as a class: wanted one of ${classes.join(", ")}`,
    );
  });
}

function requireNumbers(name: string, values: Float64Array | readonly string[]): Float64Array {
  if (!(values instanceof Float64Array)) {
    const row = values.findIndex((value) => value === "" || Number.isNaN(Number(value)));
    throw new RangeError(
      `Cannot use "${
        values[row]
      }" in row ${row} of "${name}" as a number; to use the column's texts as classes, name them in the encoding`,
    );
  }
  const row = values.findIndex(Number.isNaN);
  if (row < 0) return values;
  throw new RangeError(
    `Cannot use row ${row}: its "${name}" is missing; leave such rows out, as in table.take(rows), or the column`,
  );
}

function average(values: Float64Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}
