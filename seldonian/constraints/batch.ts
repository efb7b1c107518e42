import { Tensor } from "../../autodiff/mod.ts";
import { showShape } from "../../autodiff/ndarray.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import type { Columns } from "../data/columns.ts";
import { inOrder } from "../random.ts";
import { ConditionError, tester } from "./conditions.ts";
import type { Leaf } from "./expression.ts";

/** What constraints ask of some rows. */
export interface Sample {
  /** The rows that a measure is of: these, or those of another data set. */
  source(leaf: Leaf): Rowed;
  /** By this is remembered what depends on labels and columns alone; `null`: nothing can be. */
  readonly key: object | null;
  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor;
  /** The numbers of the rows that count, int32. */
  rowsOf(leaf: Leaf): Tensor;
  /** Mean and variance (with n - 1) of the values. */
  moments(leaf: Leaf): Moments;
  /** The number that the leaf stands for, on these rows: shape []. */
  estimate(leaf: Leaf): Tensor;
}

/** Rows of one data set. */
export interface Rowed {
  readonly rows: number;
  /** Rows that the safety test will have, where these are candidate data. */
  readonly testRows: number;
  /** The number of a row in the user's data. */
  rowNumber(row: number): number;
}

/** How a batch is judged. */
export interface BatchOptions {
  /** Makes decisions of the output, where those are judged. */
  decide?: (predictions: Tensor) => Tensor;
  /** Rows that the safety test will have; default: as many as these. */
  testRows?: number;
  /** Which rows of the user's data these are, for messages; default: the same numbers. */
  order?: ArrayLike<number>;
}

/** Model outputs for some rows, and what constraints ask of them. What is asked twice is computed once. */
export class Batch implements Sample, Rowed {
  /** The model's output, [rows] or [rows, classes], float64. */
  readonly predictions: Tensor;
  /** What measures judge: the output, or the decisions that are made of it. */
  readonly judged: Tensor;
  readonly testRows: number;
  readonly #order: ArrayLike<number> | undefined;
  readonly #values = new Map<string, Tensor>();
  readonly #allValues = new Map<string, Tensor>();
  readonly #moments = new Map<string, Moments>();

  constructor(
    predictions: Tensor,
    /** [rows], float64. */
    readonly labels: Tensor,
    /** One value a row, by the column's name. */
    readonly columns: Columns,
    { decide, testRows, order }: BatchOptions = {},
  ) {
    this.predictions = predictions.cast("float64");
    this.judged = decide === undefined ? this.predictions : decide(predictions).cast("float64");
    this.testRows = testRows ?? labels.size;
    this.#order = order;
  }

  get key(): Tensor {
    return this.labels;
  }

  source(): Rowed {
    return this;
  }

  get rows(): number {
    return this.labels.size;
  }

  rowNumber(row: number): number {
    return this.#order?.[row] ?? row;
  }

  values(leaf: Leaf): Tensor {
    const key = `${leaf}`;
    let values = this.#values.get(key);
    if (values === undefined) {
      const rows = this.rowsOf(leaf), all = this.#ofAllRows(leaf);
      this.#values.set(key, values = rows.size === all.size ? all : all.take(rows));
    }
    return values;
  }

  /** The measure's value for every row, whichever count: groups have it in common. */
  #ofAllRows({ measure, index }: Leaf): Tensor {
    const key = `${measure.name} ${index}`;
    let values = this.#allValues.get(key);
    if (values === undefined) {
      const { judged: predictions, labels, columns } = this;
      values = measure.values({ predictions, labels, columns }, index);
      if (values.rank !== 1 || (values.size !== this.rows && measure.perRow !== false)) {
        throw new RangeError(
          `Cannot use the values of ${measure.name}, of shape ${showShape(values.shape)}: wanted ${
            measure.perRow === false ? "[n]" : `one a row, [${this.rows}]; or say perRow: false, if they are of pairs or the like`
          }`,
        );
      }
      this.#allValues.set(key, values = values.cast("float64"));
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
    const { measure, index, conditions } = leaf, key = `${leaf}`;
    if (measure.perRow === false) return Tensor.from(inOrder(this.#ofAllRows(leaf).size));
    let known = rowsOf.get(this.labels);
    if (known === undefined) rowsOf.set(this.labels, known = new Map());
    let found = known.get(key);
    if (found !== undefined) return found;
    const { data } = this.labels, tests = conditions.map((condition) => tester(condition, this.columns));
    const rows = new Int32Array(data.length);
    let n = 0;
    try {
      for (let row = 0; row < data.length; row++) {
        if (tests.every((test) => test(row)) && (measure.counts?.(data[row], index) ?? true)) rows[n++] = row;
      }
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new RangeError(`Cannot tell whether row ${this.rowNumber(error.row)} counts for ${leaf}: ${error.why}`);
    }
    known.set(key, found = Tensor.from(rows.slice(0, n)));
    return found;
  }
}

/** Samples of several data sets, each of which is asked for the measures that are of it. */
export class Samples implements Sample {
  /** The others' rows change while the main ones stay. */
  readonly key = null;
  /** @param others by the names that constraints give them */
  constructor(readonly main: Batch, readonly others: ReadonlyMap<string, Batch>) {}

  source({ data }: Leaf): Batch {
    return data === undefined ? this.main : this.others.get(data)!;
  }
  values(leaf: Leaf): Tensor {
    return this.source(leaf).values(leaf);
  }
  rowsOf(leaf: Leaf): Tensor {
    return this.source(leaf).rowsOf(leaf);
  }
  moments(leaf: Leaf): Moments {
    return this.source(leaf).moments(leaf);
  }
  estimate(leaf: Leaf): Tensor {
    return this.source(leaf).estimate(leaf);
  }
}

/** The sample of a batch and of those of other data sets, if there are some. */
export function sampleOf(main: Batch, others: ReadonlyMap<string, Batch>): Sample {
  return others.size === 0 ? main : new Samples(main, others);
}

/** Which rows count for a leaf, by the labels that they have and the leaf's name: a batch of all rows comes again at every step. */
const rowsOf = new WeakMap<Tensor, Map<string, Tensor>>();
