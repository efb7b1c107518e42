import { Tensor, tensor, type TypedArray } from "../../autodiff/mod.ts";
import { showShape, sizeOf } from "../../autodiff/ndarray.ts";

/** Rows that pass through a model at a time, so that memory does not grow with the data. */
export const chunkSize = 500;

/** One number or truth value a row. */
export type Column = Tensor | ArrayLike<number> | readonly boolean[];

/** What a data set is made of. */
export interface DataSetParts {
  /** [rows, …]: what the model sees of each row. Nested arrays become float32. */
  features: Tensor | readonly (readonly number[])[];
  /** One label a row: a class 0, 1, …, or a number. */
  labels: Column;
  /** Columns of 0 and 1 by which constraints condition measures, as in `(PR | [M])`. The model does not see them. */
  columns?: Record<string, Column>;
}

/** Rows as tensors: features [n, …], labels [n] float64, and columns of 0 and 1. */
export interface Rows {
  features: Tensor;
  labels: Tensor;
  columns: ReadonlyMap<string, Uint8Array>;
}

/** Features, labels and columns of the same rows. Immutable; its parts share its storage. */
export class DataSet {
  readonly #features: TypedArray;
  readonly #labels: Float64Array;
  readonly #columns: ReadonlyMap<string, Uint8Array>;
  /** Which rows of the storage are this set's; `null`: all of them. */
  readonly #rows: Int32Array | null;
  /** The shape of one row's features. */
  readonly featureShape: readonly number[];

  /** @throws {RangeError} if lengths differ, or a number is not finite: the message names row and column */
  constructor(parts: DataSetParts);
  /** A part of another data set: the rows with these numbers, in this order. */
  constructor(whole: DataSet, rows: ArrayLike<number>);
  constructor(parts: DataSetParts | DataSet, rows?: ArrayLike<number>) {
    if (parts instanceof DataSet) {
      this.#features = parts.#features;
      this.#labels = parts.#labels;
      this.#columns = parts.#columns;
      this.featureShape = parts.featureShape;
      this.#rows = Int32Array.from(rows!, (row) => parts.#row(row));
      return;
    }
    const { features, labels, columns = {} } = parts;
    const { data, shape: [count, ...rest] } = checkedFeatures(features);
    this.#features = data;
    this.featureShape = rest;
    this.#labels = numbers("labels", labels);
    this.#columns = new Map(Object.entries(columns).map(([name, column]) => [name, zerosAndOnes(name, column)]));
    this.#rows = null;
    for (const [name, { length }] of [["labels", this.#labels] as const, ...this.#columns]) {
      if (length !== count) throw new RangeError(`Cannot make a data set: features have ${count} rows, and ${name} ${length}`);
    }
  }

  /** Number of rows. */
  get size(): number {
    return (this.#rows ?? this.#labels).length;
  }
  /** The names of the columns. */
  get columnNames(): string[] {
    return [...this.#columns.keys()];
  }
  /** The label of every row. */
  get labels(): Float64Array {
    return this.#rows === null ? this.#labels : Float64Array.from(this.#rows, (row) => this.#labels[row]);
  }
  /** The columns of every row. */
  get columns(): ReadonlyMap<string, Uint8Array> {
    return this.#rows === null ? this.#columns : this.#columnsAt(this.#rows);
  }

  /** The rows with these numbers, in this order, as a data set. */
  take(rows: ArrayLike<number>): DataSet {
    return new DataSet(this, rows);
  }

  /** Copies of the rows at these places. */
  at(places: ArrayLike<number>): Rows {
    const rows = Int32Array.from(places, (place) => this.#row(place));
    const width = sizeOf(this.featureShape), source = this.#features;
    const features = source instanceof Float32Array
      ? new Float32Array(rows.length * width)
      : new Float64Array(rows.length * width);
    rows.forEach((row, i) => features.set(source.subarray(row * width, (row + 1) * width), i * width));
    return {
      features: Tensor.from(features, [rows.length, ...this.featureShape]),
      labels: Tensor.from(Float64Array.from(rows, (row) => this.#labels[row])),
      columns: this.#columnsAt(rows),
    };
  }

  /** All rows in order, in pieces of at most `size`. */
  *chunks(size: number): Generator<Rows> {
    for (let start = 0; start < this.size; start += size) {
      yield this.at(Array.from({ length: Math.min(size, this.size - start) }, (_, i) => start + i));
    }
  }

  #columnsAt(rows: Int32Array): Map<string, Uint8Array> {
    return new Map(Array.from(this.#columns, ([name, column]) => [name, Uint8Array.from(rows, (row) => column[row])]));
  }

  #row(place: number): number {
    if (!(Number.isInteger(place) && place >= 0 && place < this.size)) {
      throw new RangeError(`Cannot take row ${place}: the data set has ${this.size} rows`);
    }
    return this.#rows === null ? place : this.#rows[place];
  }
}

function checkedFeatures(given: DataSetParts["features"]): Tensor {
  const features = given instanceof Tensor ? given : tensor(given);
  if (features.rank < 2) {
    throw new RangeError(`Cannot use features of shape ${showShape(features.shape)}: wanted [rows, …], as in x.reshape(rows, 1)`);
  }
  if (features.dtype === "int32") {
    throw new TypeError('Cannot use int32 features: cast them, as in x.cast("float32")');
  }
  const { data, shape: [, ...rest] } = features, width = sizeOf(rest);
  const bad = firstNotFinite(data);
  if (bad >= 0) {
    const column = rest.length === 1 ? `${bad % width}` : `${placeIn(rest, bad % width)}`;
    throw new RangeError(
      `Cannot use ${data[bad]} as a feature: row ${Math.floor(bad / width)}, column ${column} must be a finite number`,
    );
  }
  return features;
}

function numbers(name: string, column: Column): Float64Array {
  const values = Float64Array.from(column instanceof Tensor ? column.data : column as ArrayLike<number>, Number);
  const bad = firstNotFinite(values);
  if (bad >= 0) throw new RangeError(`Cannot use ${values[bad]} in ${name}: row ${bad} must be a finite number`);
  return values;
}

function zerosAndOnes(name: string, column: Column): Uint8Array {
  const values = numbers(`column ${name}`, column), bad = values.findIndex((value) => value !== 0 && value !== 1);
  if (bad >= 0) throw new RangeError(`Cannot use ${values[bad]} in column ${name}: row ${bad} must be 0 or 1`);
  return Uint8Array.from(values);
}

function firstNotFinite(values: TypedArray): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** The indices of a flat position, as "[0, 3, 7]". */
function placeIn(shape: readonly number[], flat: number): string {
  const indices: number[] = [];
  for (const length of shape.toReversed()) {
    indices.unshift(flat % length);
    flat = Math.floor(flat / length);
  }
  return showShape(indices);
}
