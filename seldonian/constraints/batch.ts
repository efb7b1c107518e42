import { Tensor } from "../../autodiff/mod.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import type { Leaf } from "./expression.ts";

/** What constraints ask of some rows. */
export interface Sample {
  readonly rows: number;
  /** [rows], float64; what depends on labels and columns alone is remembered by it. */
  readonly labels: Tensor;
  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor;
  /** The numbers of the rows that count, int32. */
  rowsOf(leaf: Leaf): Tensor;
  /** Mean and variance (with n - 1) of the values. */
  moments(leaf: Leaf): Moments;
  /** The number that the leaf stands for, on these rows: shape []. */
  estimate(leaf: Leaf): Tensor;
  /** The number of a row in the user's data. */
  rowNumber(row: number): number;
}

/** Model outputs for some rows, and what constraints ask of them. What is asked twice is computed once. */
export class Batch implements Sample {
  /** The model's output, [rows] or [rows, classes], float64. */
  readonly predictions: Tensor;
  /** What measures judge: the output, or the decisions that are made of it. */
  readonly judged: Tensor;
  readonly #values = new Map<string, Tensor>();
  readonly #allValues = new Map<string, Tensor>();
  readonly #moments = new Map<string, Moments>();

  constructor(
    predictions: Tensor,
    /** [rows], float64. */
    readonly labels: Tensor,
    /** One 0 or 1 a row, by the column's name. */
    readonly columns: ReadonlyMap<string, Uint8Array>,
    /** Makes decisions of the output, where those are judged. */
    decide?: (predictions: Tensor) => Tensor,
    /** Which rows of the user's data these are, for messages; default: the same numbers. */
    readonly order?: ArrayLike<number>,
  ) {
    this.predictions = predictions.cast("float64");
    this.judged = decide === undefined ? this.predictions : decide(predictions).cast("float64");
  }

  get rows(): number {
    return this.labels.size;
  }

  rowNumber(row: number): number {
    return this.order?.[row] ?? row;
  }

  values(leaf: Leaf): Tensor {
    const key = `${leaf}`;
    let values = this.#values.get(key);
    if (values === undefined) {
      const rows = this.rowsOf(leaf), all = this.#ofAllRows(leaf);
      this.#values.set(key, values = rows.size === this.rows ? all : all.take(rows));
    }
    return values;
  }

  /** The measure's value for every row, whichever count: groups have it in common. */
  #ofAllRows({ measure, index }: Leaf): Tensor {
    const key = `${measure.name} ${index}`;
    let values = this.#allValues.get(key);
    if (values === undefined) {
      this.#allValues.set(key, values = measure.values({ predictions: this.judged, labels: this.labels }, index));
    }
    return values;
  }

  moments(leaf: Leaf): Moments {
    const key = `${leaf}`;
    let moments = this.#moments.get(key);
    if (moments === undefined) this.#moments.set(key, moments = momentsOf(this.values(leaf)));
    return moments;
  }

  estimate(leaf: Leaf): Tensor {
    const { measure: { functional }, index: [level] } = leaf;
    return functional === undefined ? this.moments(leaf).mean : functional.value(this.values(leaf), level);
  }

  rowsOf(leaf: Leaf): Tensor {
    const { measure, index, columns } = leaf, key = `${leaf}`;
    let known = rowsOf.get(this.labels);
    if (known === undefined) rowsOf.set(this.labels, known = new Map());
    let found = known.get(key);
    if (found !== undefined) return found;
    const { data } = this.labels, conditions = columns.map((name) => this.columns.get(name)!);
    const rows = new Int32Array(data.length);
    let n = 0;
    for (let row = 0; row < data.length; row++) {
      if (conditions.every((column) => column[row] === 1) && (measure.counts?.(data[row], index) ?? true)) rows[n++] = row;
    }
    known.set(key, found = Tensor.from(rows.slice(0, n)));
    return found;
  }
}

/** Which rows count for a leaf, by the labels that they have and the leaf's name: a batch of all rows comes again at every step. */
const rowsOf = new WeakMap<Tensor, Map<string, Tensor>>();
