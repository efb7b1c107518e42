import { noteUse } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import { pick, put } from "../../autodiff/primitives/indexing.ts";
import { clusterNumbers } from "../data/clusters.ts";
import type { AllColumns } from "../data/columns.ts";
import { inOrder } from "../random.ts";
import { ConditionError } from "./conditions.ts";
import { commonPlaces, countingIn, withClusters } from "./counting.ts";
import { Leaf } from "./expression.ts";
import { seen, valuesOf } from "./measure_values.ts";
import { factsOf, type KnownRows } from "./row_facts.ts";
import { commonIn, type DataRelation, type Sample, type Units } from "./sample.ts";

/** How a batch is judged. */
export interface BatchOptions {
  /** Turns outputs into decisions, where those are judged. */
  decide?: (predictions: Tensor) => Tensor;
  /** The number of rows in the safety test; default: as many as these. */
  testRows?: number;
  /** The rows' numbers in the user's data, for messages; default: the same numbers. */
  order?: ArrayLike<number>;
  /** The rows' places, for messages; default: "row" and the number. */
  places?: ArrayLike<string>;
  /** Sets of columns in which no row has two 1s. */
  exclusive?: readonly (readonly string[])[];
  /** The cluster of each row; a cluster is one observation. */
  clusters?: ArrayLike<number | string>;
}

/** For data without exclusive columns: one shared object, because it serves as a cache key. */
const none: readonly (readonly string[])[] = [];

/** Model outputs for some rows, as constraints see them. Each result is computed once. */
export class Batch implements Sample, Units {
  /** The model's output, [rows] or [rows, classes], float64. */
  readonly predictions: Tensor;
  /** What measures judge: the output, or the decisions made from it. */
  readonly judged: Tensor;
  readonly testRows: number;
  readonly exclusive: readonly (readonly string[])[];
  /** The cluster of each row, numbered in order of appearance; `null`: every row is its own. */
  readonly #clusterOf: Int32Array | null;
  readonly #order: ArrayLike<number> | undefined;
  readonly #places: ArrayLike<string> | undefined;
  readonly #values = new Map<string, Tensor>();
  readonly #rowValues = new Map<string, Tensor>();
  readonly #moments = new Map<string, Moments>();
  readonly #estimates = new Map<string, Tensor>();
  readonly rows: number;

  constructor(
    predictions: Tensor,
    /** [rows], float64. */
    readonly labels: Tensor,
    /** Columns by name. */
    readonly columns: AllColumns,
    { decide, testRows, order, places, exclusive = none, clusters }: BatchOptions = {},
  ) {
    this.predictions = predictions.cast("float64");
    this.judged = decide === undefined ? this.predictions : decide(predictions).cast("float64");
    this.exclusive = exclusive;
    if (clusters !== undefined) noteUse(clusters);
    this.#clusterOf = clusters === undefined ? null : clusterNumbers(clusters);
    this.rows = this.#clusterOf === null
      ? labels.size
      : this.#clusterOf.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
    this.testRows = testRows ?? this.rows;
    this.#order = order;
    this.#places = places;
  }

  get key(): Tensor {
    return this.labels;
  }

  get classes(): number {
    return Math.max(2, this.predictions.shape[1] ?? 1);
  }

  get clustered(): boolean {
    return this.#clusterOf !== null;
  }

  source(): Units {
    return this;
  }

  relation(): DataRelation {
    return "same";
  }

  rowNumber(row: number): number {
    return this.#given(this.#clusterOf === null ? row : this.#clusterOf.indexOf(row));
  }

  place(row: number): string {
    return this.#placeOf(this.#clusterOf === null ? row : this.#clusterOf.indexOf(row));
  }

  #placeOf(row: number): string {
    return this.#places?.[row] ?? `row ${this.#given(row)}`;
  }

  /** The user's number for a row. */
  #given(row: number): number {
    return this.#order?.[row] ?? row;
  }

  sided(leaf: Leaf, side: "lower" | "upper", range: readonly [number, number] | null): Leaf {
    const { measure, index } = leaf;
    if (measure.sided === undefined) return leaf;
    return new Leaf(measure.sided(side, range, seen({ predictions: this.judged, ...this.#known }), index), leaf);
  }

  values(leaf: Leaf): Tensor {
    const key = `${leaf}`;
    let values = this.#values.get(key);
    if (values === undefined) {
      const { rows, clusters } = this.#counting(leaf);
      values = this.#ofRows(leaf, rows);
      if (clusters !== null) values = put([values, clusters.places], { shape: clusters.sizes.shape }).div(clusters.sizes);
      this.#values.set(key, values);
    }
    return values;
  }

  get #known(): KnownRows {
    return { labels: this.labels, columns: this.columns };
  }

  /** The measure's value for each row that counts. */
  #ofRows(leaf: Leaf, rows: Tensor): Tensor {
    const all = this.#ofAllRows(leaf);
    if (rows.size === all.shape[0]) return all;
    // Numbers of rows are positions in a vector, whatever the rows.
    return all.rank === 1 ? pick([all, rows]) : all.take(rows);
  }

  /** The measure's value for every row, counting or not: groups share it. */
  #ofAllRows({ measure, index }: Leaf): Tensor {
    const key = `${measure.name} ${index}`;
    let values = this.#rowValues.get(key);
    if (values === undefined) {
      values = valuesOf(measure, index, { predictions: this.judged, ...this.#known });
      this.#rowValues.set(key, values);
    }
    return values;
  }

  rowValues(leaf: Leaf): { values: Tensor; rowNumber(i: number): number; place(i: number): string } {
    const { rows } = this.#counting(leaf);
    return {
      values: this.#ofRows(leaf, rows),
      rowNumber: (i) => this.#given(rows.data[i]),
      place: (i) => this.#placeOf(rows.data[i]),
    };
  }

  moments(leaf: Leaf): Moments {
    const key = `${leaf}`;
    let moments = this.#moments.get(key);
    if (moments === undefined) this.#moments.set(key, moments = momentsOf(this.values(leaf)));
    return moments;
  }

  estimate(leaf: Leaf): Tensor {
    const { measure: { functional }, index: [level] } = leaf;
    if (functional === undefined) return this.moments(leaf).mean;
    let estimate = this.#estimates.get(`${leaf}`);
    if (estimate === undefined) this.#estimates.set(`${leaf}`, estimate = functional.value(this.values(leaf), level ?? NaN));
    return estimate;
  }

  rowsOf(leaf: Leaf): Tensor {
    const { rows, clusters } = this.#counting(leaf);
    return clusters === null ? rows : clusters.numbers;
  }

  /** The rows that count for a leaf, and their clusters. */
  #counting(leaf: Leaf): Counting {
    if (leaf.measure.perRow === false) return { rows: Tensor.from(inOrder(this.#ofAllRows(leaf).size)), clusters: null };
    const clusterOf = this.#clusterOf, { rows: units } = this;
    const find = clusterOf === null
      ? (known: KnownRows) => [countingIn(leaf, known)]
      : (known: KnownRows) => withClusters(countingIn(leaf, known), clusterOf, units);
    try {
      const [rows, numbers, places, sizes] = factsOf(this.labels).of(`${leaf}`, this, find, clusterOf === null);
      return { rows, clusters: clusterOf === null ? null : { numbers, places, sizes } };
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new RangeError(
        `Cannot tell ${
          error.row === null ? "which rows count" : `whether ${this.#placeOf(error.row)} counts`
        } for ${leaf}: ${error.why}`,
      );
    }
  }

  common(a: Leaf, b: Leaf): readonly Tensor[] {
    const find = (known: KnownRows) => commonPlaces(countingIn(a, known), countingIn(b, known));
    if (this.#clusterOf !== null) return commonIn(this, a, b);
    return factsOf(this.labels).of(`${a}\n${b}`, this, find);
  }
}

/**
 * The rows that count for a leaf, int32. For clusters: their numbers, the place of each row's cluster among them, and their
 * sizes.
 */
interface Counting {
  rows: Tensor;
  clusters: { numbers: Tensor; places: Tensor; sizes: Tensor } | null;
}
