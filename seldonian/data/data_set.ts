import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, checkOptions, type Known, list, perRow, record } from "../../autodiff/options.ts";
import { inspect } from "../../autodiff/show.ts";
import type { RandomGenerator } from "../../deps.ts";
import { rowNumbers } from "./data_kinds.ts";
import { printable } from "../printable.ts";
import { inOrder, permutation } from "../random.ts";
import { type ClusterIds, clusterIdsAt, clusterIdsOf } from "./clusters.ts";
import {
  type AllColumns,
  type Arrays,
  byKind,
  type Column,
  columnOf,
  type Columns,
  columnsAt,
  numbersAt,
  numbersOf,
  rowsOf,
} from "./columns.ts";
import { type FeatureParts, type FeatureStore, itemStore, storeOf } from "./features.ts";
import type { Description } from "./description.ts";
import { checkExclusive } from "./exclusive.ts";
import { keysAt, rowKeysOf } from "./row_keys.ts";

/** The number of rows that pass through a model at a time, so that memory does not grow with the data. */
export const chunkSize = 500;

/** The parts of a data set: `features`, or `items` of any kind. */
export interface DataSetParts {
  /**
   * The model's input for each row: a tensor [rows, …], or several by name, which `forward` gets as an object. Nested arrays
   * become float32.
   */
  features?: FeatureParts;
  /** Instead of features: one item of any kind a row. `forward` gets a list of them. */
  items?: readonly unknown[];
  /** One label a row: a class 0, 1, …, or a number; default: 0. */
  labels?: Column;
  /**
   * Further values for constraints and measures: 0 and 1 for groups, as in `(PR | [M])`, numbers and texts for conditions, as in
   * `(PR | [age < 25])`. The model does not see them. `null`, `undefined`, NaN and "" are missing: such a row meets neither a
   * condition on the column nor its opposite.
   */
  columns?: Readonly<Record<string, Column>>;
  /**
   * Sets of columns of 0 and 1 in which no row has two 1s, such as `[["M", "F"]]`. Then such groups are known to share no row,
   * which the rows alone could not show. Checked on every row.
   */
  exclusive?: readonly (readonly string[])[];
  /** Rows with equal ids are one observation, such as those of one patient: constraints are then on means of clusters. */
  clusters?: ArrayLike<number | string>;
}

/** Rows for a model: features for its `forward`, labels [n] float64, and columns. */
export interface Rows {
  /** The model's input: a tensor, tensors by name, or items of any kind. */
  // deno-lint-ignore no-explicit-any
  features: any;
  /** The targets of prediction, [rows]. */
  labels: Tensor;
  /** Columns by name, for groups and conditions. */
  columns: AllColumns;
  /** The cluster of each row, if rows are in clusters. */
  clusters?: ArrayLike<number | string>;
}

/** Data that can be read in pieces: a {@link DataSet}, or a `DataStream` for data that does not fit in memory. */
export interface Source {
  /** The number of rows. */
  readonly size: number;
  /** The names of the columns. */
  readonly columnNames: readonly string[];
  /** The shape of a row's features, for digests. */
  readonly rowShape: unknown;
  /** What a row is beyond its shape, in words; parts and pieces have the same. */
  readonly kind?: string | undefined;
  /** Sets of columns of 0 and 1 in which no row has two 1s. */
  readonly exclusive: readonly (readonly string[])[];
  /** Whether rows are in clusters, each of which is one observation. */
  readonly hasClusters: boolean;
  /** Whether a split divided strata for these rows, so that they are not quite independent draws; see `split()`. */
  readonly hasStrata: boolean;
  /** Whether labels were given; otherwise they are 0, and no measure may compare outputs with them. */
  readonly hasLabels: boolean;
  /**
   * Two words a row, in row order: a hash of the row's features, label and columns, so equal rows have equal keys. For rows from
   * an `Encoder` it is the hash of the table's row, whatever the encoding.
   * @throws {TypeError} for items with invisible content, such as functions
   */
  rowKeys(): Uint32Array | Promise<Uint32Array>;
  /** All rows in order, in pieces of at most `size`. */
  chunks(size: number): Iterable<Rows> | AsyncIterable<Rows>;
  /** All rows once, in pieces of `size` (the last may be shorter), in an order drawn by `random` as far as possible. */
  shuffled(size: number, random: RandomGenerator): Iterable<Rows> | AsyncIterable<Rows>;
  /** This many rows, drawn at random, or all. */
  sample(count: number, random: RandomGenerator): DataSet | Promise<DataSet>;
}

const partsKinds: Known<DataSetParts> = {
  // The readers of these check the details.
  features: {
    wanted: "a tensor, tensors by name, or nested lists of numbers",
    holds: (value) => typeof value === "object" && value !== null,
  },
  items: list,
  labels: { ...perRow, holds: (value) => value instanceof Tensor || perRow.holds!(value, {}) },
  columns: record,
  exclusive: list,
  clusters: perRow,
};

/** The storage that a data set and its parts share. */
interface Storage {
  readonly features: FeatureStore;
  readonly labels: Float64Array;
  readonly hasLabels: boolean;
  readonly columns: AllColumns;
  readonly exclusive: readonly (readonly string[])[];
  /** The keys of the rows, or a function that computes them. */
  keys: Uint32Array | (() => Uint32Array);
  readonly about: About;
}

/** Facts about a data set made from something else. */
export interface About {
  /** Computes the keys of the rows on demand; default: from features, labels and columns. */
  keys?: () => Uint32Array;
  /** The place of a row in the source; default: "row" and its number. */
  place?(row: number): string;
  /** What a row is beyond its shape, in words: parts and pieces of data must have the same. */
  kind?: string;
  /** The names of the features, for messages. */
  featureNames?: readonly string[];
  /** Describes, for reports, the table that the data comes from, with dropped rows and the reasons. */
  source?: { describe(parts: { candidate: Source; safety: Source }): Description | undefined };
}

/** Features, labels and columns of the same rows. Immutable; its parts share its storage. */
export class DataSet implements Source {
  readonly #storage: Storage;
  /** The storage rows of this set; `null`: all of them. */
  readonly #rows: Int32Array | null;
  /** The clusters of this set's rows, in row order. */
  readonly #clusters: ClusterIds | undefined;
  #strata = false;

  /**
   * A data set of features, labels and columns.
   * @param about facts about the source, if it was made from something else
   * @throws {RangeError} if lengths differ, a number is not finite, or a row has 1 in two exclusive columns: the message names
   * row and column
   */
  constructor(parts: DataSetParts, about?: About);
  /** A part of another data set: the rows with these numbers, in this order; with ids, in those clusters. */
  constructor(whole: DataSet, rows: ArrayLike<number>, clusters?: ArrayLike<unknown>);
  constructor(parts: DataSetParts | DataSet, more: ArrayLike<number> | About = {}, ids?: ArrayLike<unknown>) {
    if (parts instanceof DataSet) {
      const rows = more as ArrayLike<number>;
      checkArgument("take rows of data", "rows", rows, rowNumbers);
      this.#storage = parts.#storage;
      this.#rows = Int32Array.from(rows, (row) => parts.#row(row));
      this.#clusters = ids !== undefined
        ? clusterIdsOf(ids, this.#rows.length)
        : parts.#clusters && clusterIdsAt(parts.#clusters, rows);
      this.#strata = parts.#strata;
      return;
    }
    checkOptions("make a data set", parts, partsKinds);
    const about = more as About, place = about.place ?? ((row: number) => `row ${row}`);
    const { features: given, items, labels: givenLabels, columns: givenColumns = {}, exclusive = [], clusters } = parts;
    if ((given === undefined) === (items === undefined)) {
      throw new RangeError(
        given === undefined
          ? "Cannot make a data set of nothing: give features, or items"
          : "Cannot make a data set of both features and items: give one of them",
      );
    }
    const features = items === undefined ? storeOf(given!, about.featureNames, place) : itemStore(items), { size } = features;
    const labels = givenLabels === undefined ? new Float64Array(size) : numbersOf("labels", givenLabels, place);
    const columns: AllColumns = new Map(
      Object.entries(givenColumns).map(([name, column]) => [name, columnOf(name, column, place)]),
    );
    for (const [name, values] of [["labels", labels] as const, ...columns]) {
      const length = rowsOf(values);
      if (length !== size) {
        throw new RangeError(
          `Cannot make a data set: ${items === undefined ? "features have" : "there are"} ${size} ${
            items === undefined ? "rows" : "items"
          }, and ${name} ${length}`,
        );
      }
    }
    for (const names of exclusive) checkArgument("make a data set", "a part of exclusive", names, list);
    for (const names of exclusive) checkExclusive(names, columns, place);
    this.#storage = {
      features,
      labels,
      hasLabels: givenLabels !== undefined,
      columns,
      exclusive: exclusive.map((names) => [...names]),
      keys: about.keys ?? (() => rowKeysOf({ features: features.all, labels, columns }, size)),
      about,
    };
    this.#rows = null;
    this.#clusters = clusters === undefined ? undefined : clusterIdsOf(clusters, size);
  }

  get size(): number {
    return (this.#rows ?? this.#storage.labels).length;
  }
  /** The names of the columns. */
  get columnNames(): string[] {
    return [...this.#storage.columns.keys()];
  }
  get rowShape(): unknown {
    return this.#storage.features.rowShape;
  }
  get exclusive(): readonly (readonly string[])[] {
    return this.#storage.exclusive;
  }
  get hasLabels(): boolean {
    return this.#storage.hasLabels;
  }
  get hasClusters(): boolean {
    return this.#clusters !== undefined;
  }
  /** The cluster of each row, if rows are in clusters. */
  get clusters(): ArrayLike<number | string> | undefined {
    return this.#clusters;
  }
  /** The label of every row. */
  get labels(): Float64Array {
    const { labels } = this.#storage;
    return this.#rows === null ? labels : numbersAt(labels, this.#rows);
  }
  /** The columns with one value a row. */
  get columns(): Columns {
    return byKind(this.allColumns).columns;
  }
  /** The columns with several numbers a row, as float64 tensors [rows, …]. */
  get arrays(): Arrays {
    return byKind(this.allColumns).arrays;
  }
  /** The columns of both kinds. */
  get allColumns(): AllColumns {
    const { columns } = this.#storage;
    return this.#rows === null ? columns : columnsAt(columns, this.#rows);
  }

  /** What the data set has, with its first labels. */
  toString(): string {
    const { size, columnNames, labels, rowShape, hasLabels } = this, names = printable(columnNames.join(", "));
    const first = Array.from(labels.subarray(0, 8), (label) => `${Number(label.toPrecision(6))}`);
    const parts = [
      `DataSet of ${size.toLocaleString("en")} row${size === 1 ? "" : "s"}`,
      `  features: ${rowShape === null ? "items of any kind" : `${JSON.stringify(rowShape).replaceAll(",", ", ")} for each row`}`,
      ...(hasLabels ? [`  labels: ${first.join(", ")}${size > first.length ? ", …" : ""}`] : []),
      ...(names === "" ? [] : [`  columns: ${names.length > 100 ? `${names.slice(0, 99)}…` : names}`]),
    ];
    return parts.join("\n");
  }
  /** What consoles print. */
  [inspect](): string {
    return this.toString();
  }

  /** The rows with these numbers, in this order, as a data set. */
  take(rows: ArrayLike<number>): DataSet {
    return new DataSet(this, rows);
  }

  /**
   * The same rows in clusters: rows with equal ids are one observation, such as those of one patient.
   * @throws {RangeError} if there is not one id for each row
   */
  clustered(ids: ArrayLike<unknown>): DataSet {
    return new DataSet(this, inOrder(this.size), ids);
  }

  get kind(): string | undefined {
    return this.#storage.about.kind;
  }
  get hasStrata(): boolean {
    return this.#strata;
  }
  /** The same rows, marked as part of a split that divided strata. */
  stratified(): DataSet {
    const same = new DataSet(this, inOrder(this.size));
    same.#strata = true;
    return same;
  }

  /** The number of each row in the data that this is a part of, or in itself. */
  get rowNumbers(): Int32Array {
    return this.#rows ?? inOrder(this.size);
  }

  /** The place of a row in the user's data, for messages: "row 7", or "line 9 of data.csv". */
  place(row: number): string {
    const number = this.#row(row);
    return this.#storage.about.place?.(number) ?? `row ${number}`;
  }

  /** Facts about the source, if it was made from something else. */
  get about(): About {
    return this.#storage.about;
  }

  /** Whether both are parts of the same data, so that row numbers are comparable. */
  isPartOfSame(other: DataSet): boolean {
    return this.#storage === other.#storage;
  }

  rowKeys(): Uint32Array {
    const storage = this.#storage;
    if (typeof storage.keys === "function") storage.keys = storage.keys();
    return this.#rows === null ? storage.keys.slice() : keysAt(storage.keys, this.#rows);
  }

  /** Copies of the rows at these places. */
  at(places: ArrayLike<number>): Rows {
    checkArgument("take rows of data", "rows", places, rowNumbers);
    const rows = new Int32Array(places.length), { features, labels, columns } = this.#storage;
    for (let i = 0; i < rows.length; i++) rows[i] = this.#row(places[i]);
    return {
      features: features.at(rows),
      labels: Tensor.from(numbersAt(labels, rows)),
      columns: columnsAt(columns, rows),
      ...(this.#clusters && { clusters: clusterIdsAt(this.#clusters, places) }),
    };
  }

  *chunks(size: number): Generator<Rows> {
    for (let start = 0; start < this.size; start += size) {
      const places = new Int32Array(Math.min(size, this.size - start));
      for (let i = 0; i < places.length; i++) places[i] = start + i;
      yield this.at(places);
    }
  }

  *shuffled(size: number, random: RandomGenerator): Generator<Rows> {
    const order = permutation(this.size, random);
    for (let start = 0; start < order.length; start += size) yield this.at(order.subarray(start, start + size));
  }

  sample(count: number, random: RandomGenerator): DataSet {
    return count >= this.size ? this : this.take(permutation(this.size, random).subarray(0, count));
  }

  /** All rows in order, in one piece. */
  whole(): Rows {
    return this.at(inOrder(this.size));
  }

  #row(place: number): number {
    if (!(Number.isInteger(place) && place >= 0 && place < this.size)) {
      throw new RangeError(`Cannot take row ${place}: the data set has ${this.size} rows`);
    }
    return this.#rows === null ? place : this.#rows[place];
  }
}
