import { Tensor } from "../../autodiff/mod.ts";
import type { RandomGenerator } from "../../deps.ts";
import { inOrder, permutation } from "../random.ts";
import { type Column, columnOf, type Columns, columnsAt, numbersOf } from "./columns.ts";
import { type FeatureParts, type FeatureStore, itemStore, storeOf } from "./features.ts";

/** Rows that pass through a model at a time, so that memory does not grow with the data. */
export const chunkSize = 500;

/** What a data set is made of: `features`, or `items` of any kind. */
export interface DataSetParts {
  /**
   * What the model sees of each row: a tensor [rows, …], or several by name, which `forward` gets as an object. Nested arrays
   * become float32.
   */
  features?: FeatureParts;
  /** Instead of features: one thing of any kind a row. `forward` gets a list of them. */
  items?: readonly unknown[];
  /** One label a row: a class 0, 1, …, or a number; default: 0. */
  labels?: Column;
  /**
   * What constraints and measures know of the rows besides: 0 and 1 for groups, as in `(PR | [M])`, numbers and texts for
   * conditions, as in `(PR | [age < 25])`. The model does not see them.
   */
  columns?: Readonly<Record<string, Column>>;
}

/** Rows for a model: features as its `forward` takes them, labels [n] float64, and columns. */
export interface Rows {
  /** What the model is given: a tensor, tensors by name, or items of any kind. */
  // deno-lint-ignore no-explicit-any
  features: any;
  /** What is to be predicted, [rows]. */
  labels: Tensor;
  /** Columns by name, of which groups and conditions are made. */
  columns: Columns;
}

/** Data that is read in pieces: a {@link DataSet}, or a `DataStream` of what does not fit in memory. */
export interface Source {
  /** Number of rows. */
  readonly size: number;
  /** The names of the columns. */
  readonly columnNames: readonly string[];
  /** What a row's features are like, for digests. */
  readonly rowShape: unknown;
  /** All rows in order, in pieces of at most `size`. */
  chunks(size: number): Iterable<Rows> | AsyncIterable<Rows>;
  /** All rows once, in pieces of `size`, the last one perhaps shorter; in an order that `random` draws, as far as that is possible. */
  shuffled(size: number, random: RandomGenerator): Iterable<Rows> | AsyncIterable<Rows>;
  /** So many of the rows, drawn at random, or all. */
  sample(count: number, random: RandomGenerator): DataSet | Promise<DataSet>;
}

/** Features, labels and columns of the same rows. Immutable; its parts share its storage. */
export class DataSet implements Source {
  readonly #features: FeatureStore;
  readonly #labels: Float64Array;
  readonly #columns: Columns;
  /** Which rows of the storage are this set's; `null`: all of them. */
  readonly #rows: Int32Array | null;

  /**
   * A data set of features, labels and columns.
   * @throws {RangeError} if lengths differ, or a number is not finite: the message names row and column
   */
  constructor(parts: DataSetParts);
  /** A part of another data set: the rows with these numbers, in this order. */
  constructor(whole: DataSet, rows: ArrayLike<number>);
  constructor(parts: DataSetParts | DataSet, rows?: ArrayLike<number>) {
    if (parts instanceof DataSet) {
      this.#features = parts.#features;
      this.#labels = parts.#labels;
      this.#columns = parts.#columns;
      this.#rows = Int32Array.from(rows!, (row) => parts.#row(row));
      return;
    }
    const { features, items, labels, columns = {} } = parts;
    if ((features === undefined) === (items === undefined)) {
      throw new RangeError(
        features === undefined
          ? "Cannot make a data set of nothing: give features, or items"
          : "Cannot make a data set of both features and items: give one of them",
      );
    }
    this.#features = items === undefined ? storeOf(features!) : itemStore(items);
    const { size } = this.#features;
    this.#labels = labels === undefined ? new Float64Array(size) : numbersOf("labels", labels);
    this.#columns = new Map(Object.entries(columns).map(([name, column]) => [name, columnOf(name, column)]));
    this.#rows = null;
    for (const [name, { length }] of [["labels", this.#labels] as const, ...this.#columns]) {
      if (length !== size) {
        throw new RangeError(
          `Cannot make a data set: ${items === undefined ? "features have" : "there are"} ${size} ${
            items === undefined ? "rows" : "items"
          }, and ${name} ${length}`,
        );
      }
    }
  }

  get size(): number {
    return (this.#rows ?? this.#labels).length;
  }
  /** The names of the columns. */
  get columnNames(): string[] {
    return [...this.#columns.keys()];
  }
  get rowShape(): unknown {
    return this.#features.rowShape;
  }
  /** The label of every row. */
  get labels(): Float64Array {
    return this.#rows === null ? this.#labels : Float64Array.from(this.#rows, (row) => this.#labels[row]);
  }
  /** The columns of every row. */
  get columns(): Columns {
    return this.#rows === null ? this.#columns : columnsAt(this.#columns, this.#rows);
  }

  /** The rows with these numbers, in this order, as a data set. */
  take(rows: ArrayLike<number>): DataSet {
    return new DataSet(this, rows);
  }

  /** Copies of the rows at these places. */
  at(places: ArrayLike<number>): Rows {
    const rows = Int32Array.from(places, (place) => this.#row(place));
    return {
      features: this.#features.at(rows),
      labels: Tensor.from(Float64Array.from(rows, (row) => this.#labels[row])),
      columns: columnsAt(this.#columns, rows),
    };
  }

  *chunks(size: number): Generator<Rows> {
    for (let start = 0; start < this.size; start += size) {
      yield this.at(Array.from({ length: Math.min(size, this.size - start) }, (_, i) => start + i));
    }
  }

  *shuffled(size: number, random: RandomGenerator): Generator<Rows> {
    const order = permutation(this.size, random);
    for (let start = 0; start < order.length; start += size) yield this.at(order.subarray(start, start + size));
  }

  sample(count: number, random: RandomGenerator): DataSet {
    return count >= this.size ? this : this.take(permutation(this.size, random).subarray(0, count));
  }

  /** All rows in order, at once. */
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
