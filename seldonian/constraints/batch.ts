import { decided, noteUse } from "../../autodiff/recorder.ts";
import { Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";
import { showShape } from "../../autodiff/shape.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import { pick, put } from "../../autodiff/primitives/indexing.ts";
import { clusterNumbers } from "../data/clusters.ts";
import { type AllColumns, byKind } from "../data/columns.ts";
import { inOrder } from "../random.ts";
import type { Sets } from "../sets.ts";
import { ConditionError } from "./conditions.ts";
import { commonPlaces, countingIn, withClusters } from "./counting.ts";
import { Leaf } from "./expression.ts";
import type { Known } from "./membership.ts";
import { rounding } from "../outputs.ts";
import type { Measure, Outcomes } from "./measure.ts";
import { factsOf, type KnownRows } from "./row_facts.ts";

/** Some rows, as constraints see them. */
export interface Sample {
  /** The rows that a leaf measures: these, or another data set's. */
  source(leaf: Leaf): Units;
  /** How two data sets relate. */
  relation(a: Units, b: Units): Relation;
  /** The key under which to cache what depends on labels and columns alone; `null`: nothing can be cached. */
  readonly key: object | null;
  /** The leaf to bound on a side, see {@link Measure.sided}. */
  sided(leaf: Leaf, side: "lower" | "upper", range: readonly [number, number] | null): Leaf;
  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor;
  /** The numbers of the rows that count, int32. */
  rowsOf(leaf: Leaf): Tensor;
  /** The places of the rows that count for both leaves: among those of the first, and among those of the second, int32. */
  common(a: Leaf, b: Leaf): readonly Tensor[];
  /** The values of the user's rows, where {@link values} are means of their clusters, and the rows' numbers and places. */
  rowValues(leaf: Leaf): { values: Tensor; rowNumber(i: number): number; place(i: number): string };
  /** Mean and variance (with n - 1) of the values. */
  moments(leaf: Leaf): Moments;
  /** The leaf's estimate on these rows, shape []. */
  estimate(leaf: Leaf): Tensor;
}

/** The independent units of a data set: its rows, or its clusters, called rows here. */
export interface Units extends Known {
  readonly rows: number;
  /** The number of rows in the safety test, if these are candidate data. */
  readonly testRows: number;
  /** Whether a row here is a cluster of the user's rows. Then groups of rows that exclude each other may share a cluster. */
  readonly clustered: boolean;
  /** The number of a row in the user's data; for a cluster, that of its first row. */
  rowNumber(row: number): number;
  /** The row's place, for messages. */
  place(row: number): string;
}

/**
 * The user's statement about two data sets: the same one, drawn independently, or paired by row number. Data alone cannot show
 * it: a copy with noise looks independent.
 */
export type Relation = "same" | "independent" | "paired" | "unknown";

/** The user's statements about other data sets, by name. */
export interface Relations {
  /** Data sets independent of the main data and of each other. */
  independent: readonly string[];
  /** Data sets whose i-th row belongs to the i-th row of the main data. */
  paired: readonly string[];
}

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

  relation(): Relation {
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

/** Outputs, and what the data says of the same rows. */
type Judged = Pick<Outcomes, "predictions" | "labels"> & { columns: AllColumns };

/**
 * The values of a measure for all rows, float64.
 * @throws {RangeError} for another shape than [rows]
 */
export function valuesOf(measure: Measure, index: readonly number[], outcomes: Judged): Tensor {
  const rows = outcomes.labels.size;
  let values: Tensor;
  try {
    values = measure.values(seen(outcomes), index);
  } catch (error) {
    if (!(error instanceof Error && error.name === "RangeError")) throw error;
    const { shape } = outcomes.predictions;
    throw new RangeError(`Cannot compute ${measure.name} of outputs of shape ${showShape(shape)}: ${error.message}`, {
      cause: error,
    });
  }
  if (!(values instanceof Tensor)) {
    throw new TypeError(
      `Cannot use the values of ${measure.name}: they are ${shown(values)}; wanted a tensor with one number a row, [${rows}]`,
    );
  }
  const width = measure.functional?.width;
  if (width !== undefined && values.rank === 2 && values.shape[0] === rows && values.shape[1] === width) {
    return values.cast("float64");
  }
  if (values.rank !== 1 || (values.size !== rows && measure.perRow !== false)) {
    throw new RangeError(
      `Cannot use the values of ${measure.name}, of shape ${showShape(values.shape)}: wanted ${
        measure.perRow === false ? "[n]" : `one a row, [${rows}]; or say perRow: false, if they are of pairs or the like`
      }`,
    );
  }
  const found = values.cast("float64"), [low, high] = measure.range;
  // Rounding may push outputs a little beyond 0 and 1.
  const beyond = measure.binary === true &&
    decided(() => isBeyond(found.data, low, high));
  return beyond ? found.clip(low, high) : found;
}

/** What a measure sees. Columns are no tensors, so a recording of a step on other rows ends where they are read. */
function seen({ predictions, labels, columns: all }: Judged): Outcomes {
  const { columns, arrays } = byKind(all);
  return {
    predictions,
    labels,
    arrays,
    get columns() {
      noteUse(all);
      return columns;
    },
  };
}

/** Whether a number is beyond its range by no more than rounding. */
function isBeyond(values: TypedArray, low: number, high: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const z = values[i];
    if ((z < low && z >= low - rounding) || (z > high && z <= high + rounding)) return true;
  }
  return false;
}

/** The places of the rows that count for both leaves of a sample. */
export function commonIn(sample: Pick<Sample, "rowsOf">, a: Leaf, b: Leaf): Tensor[] {
  return commonPlaces(sample.rowsOf(a).data, sample.rowsOf(b).data).map((places) => Tensor.from(places));
}

/** Samples of several data sets; each computes its own measures. */
class Samples implements Sample {
  /** The other sets' rows change while the main ones stay. */
  readonly key = null;
  readonly #names: ReadonlyMap<Units, string | undefined>;
  /**
   * @param relations how the other data sets relate
   */
  constructor(readonly sets: Sets<Batch>, readonly relations: Relations) {
    this.#names = new Map(sets.entries.map(([name, batch]) => [batch, name]));
  }

  source({ data }: Leaf): Batch {
    return this.sets.of(data)!;
  }
  relation(a: Units, b: Units): Relation {
    if (a === b) return "same";
    const is = (kind: keyof Relations) =>
      [a, b].map((units) => this.#names.get(units)).every((name) => name === undefined || this.relations[kind].includes(name));
    return is("independent") ? "independent" : is("paired") ? "paired" : "unknown";
  }
  sided(leaf: Leaf, side: "lower" | "upper", range: readonly [number, number] | null): Leaf {
    return this.source(leaf).sided(leaf, side, range);
  }
  values(leaf: Leaf): Tensor {
    return this.source(leaf).values(leaf);
  }
  rowsOf(leaf: Leaf): Tensor {
    return this.source(leaf).rowsOf(leaf);
  }
  common(a: Leaf, b: Leaf): readonly Tensor[] {
    const source = this.source(a);
    return source === this.source(b) ? source.common(a, b) : commonIn(this, a, b);
  }
  rowValues(leaf: Leaf): ReturnType<Sample["rowValues"]> {
    return this.source(leaf).rowValues(leaf);
  }
  moments(leaf: Leaf): Moments {
    return this.source(leaf).moments(leaf);
  }
  estimate(leaf: Leaf): Tensor {
    return this.source(leaf).estimate(leaf);
  }
}

/** The sample of all batches. */
export function sampleOf(sets: Sets<Batch>, relations: Relations): Sample {
  return sets.all.length === 1 ? sets.main : new Samples(sets, relations);
}
