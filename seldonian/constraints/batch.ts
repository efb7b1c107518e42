import { Tensor } from "../../autodiff/mod.ts";
import { showShape } from "../../autodiff/shape.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import { put } from "../../autodiff/primitives/indexing.ts";
import { clusterNumbers } from "../data/clusters.ts";
import type { Columns } from "../data/columns.ts";
import { inOrder } from "../random.ts";
import type { Sets } from "../sets.ts";
import { ConditionError, tester } from "./conditions.ts";
import type { Leaf } from "./expression.ts";
import type { Known } from "./membership.ts";
import { rounding } from "../outputs.ts";
import type { Measure, Outcomes } from "./measure.ts";

/** What constraints ask of some rows. */
export interface Sample {
  /** The rows that a measure is of: these, or those of another data set. */
  source(leaf: Leaf): Units;
  /** What is known of two data sets. */
  relation(a: Units, b: Units): Relation;
  /** By this is remembered what depends on labels and columns alone; `null`: nothing can be. */
  readonly key: object | null;
  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor;
  /** The numbers of the rows that count, int32. */
  rowsOf(leaf: Leaf): Tensor;
  /** The values of the user's rows, where {@link values} are means of clusters of them, and which rows they are. */
  rowValues(leaf: Leaf): { values: Tensor; rowNumber(i: number): number; place(i: number): string };
  /** Mean and variance (with n - 1) of the values. */
  moments(leaf: Leaf): Moments;
  /** The number that the leaf stands for, on these rows: shape []. */
  estimate(leaf: Leaf): Tensor;
}

/** What is independent of one data set: its rows, or its clusters of rows, which are called rows then. */
export interface Units extends Known {
  readonly rows: number;
  /** Rows that the safety test will have, where these are candidate data. */
  readonly testRows: number;
  /** Whether a row here is a cluster of the user's rows, so that groups of rows that exclude each other may have it in common. */
  readonly clustered: boolean;
  /** The number of a row in the user's data; of a cluster its first one's. */
  rowNumber(row: number): number;
  /** Where that row stands, for messages. */
  place(row: number): string;
}

/**
 * What the user says of two data sets: they are one and the same, drawn independently, or the i-th rows of both belong together.
 * Data alone cannot tell: a copy with noise looks independent.
 */
export type Relation = "same" | "independent" | "paired" | "unknown";

/** What the user says of other data sets, by name. */
export interface Relations {
  /** Those that are independent of the main data and of each other. */
  independent: readonly string[];
  /** Those whose i-th row belongs to the i-th row of the main data. */
  paired: readonly string[];
}

/** How a batch is judged. */
export interface BatchOptions {
  /** Makes decisions of the output, where those are judged. */
  decide?: (predictions: Tensor) => Tensor;
  /** Rows that the safety test will have; default: as many as these. */
  testRows?: number;
  /** Which rows of the user's data these are, for messages; default: the same numbers. */
  order?: ArrayLike<number>;
  /** Where these rows stand, for messages; default: "row" and the number. */
  places?: ArrayLike<string>;
  /** Columns of which no row has two 1s. */
  exclusive?: readonly (readonly string[])[];
  /** Which rows are one observation. */
  clusters?: ArrayLike<number | string>;
}

/** What is known of columns of which nothing is said; one for all, by which is remembered what follows. */
const none: readonly (readonly string[])[] = [];

/** Model outputs for some rows, and what constraints ask of them. What is asked twice is computed once. */
export class Batch implements Sample, Units {
  /** The model's output, [rows] or [rows, classes], float64. */
  readonly predictions: Tensor;
  /** What measures judge: the output, or the decisions that are made of it. */
  readonly judged: Tensor;
  readonly testRows: number;
  readonly exclusive: readonly (readonly string[])[];
  /** The cluster of each row, numbered in the order in which they come; `null`: every row is one. */
  readonly #clusterOf: Int32Array | null;
  readonly #order: ArrayLike<number> | undefined;
  readonly #places: ArrayLike<string> | undefined;
  readonly #values = new Map<string, Tensor>();
  readonly #rowValues = new Map<string, Tensor>();
  readonly #moments = new Map<string, Moments>();
  readonly rows: number;

  constructor(
    predictions: Tensor,
    /** [rows], float64. */
    readonly labels: Tensor,
    /** Columns by name. */
    readonly columns: Columns,
    { decide, testRows, order, places, exclusive = none, clusters }: BatchOptions = {},
  ) {
    this.predictions = predictions.cast("float64");
    this.judged = decide === undefined ? this.predictions : decide(predictions).cast("float64");
    this.exclusive = exclusive;
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

  /** The user's number of a row. */
  #given(row: number): number {
    return this.#order?.[row] ?? row;
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

  /** The measure's value for each of the rows that count. */
  #ofRows(leaf: Leaf, rows: Tensor): Tensor {
    const all = this.#ofAllRows(leaf);
    return rows.size === all.size ? all : all.take(rows);
  }

  /** The measure's value for every row, whichever count: groups have it in common. */
  #ofAllRows({ measure, index }: Leaf): Tensor {
    const key = `${measure.name} ${index}`;
    let values = this.#rowValues.get(key);
    if (values === undefined) {
      values = valuesOf(measure, index, { predictions: this.judged, labels: this.labels, columns: this.columns });
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
    return functional === undefined ? this.moments(leaf).mean : functional.value(this.values(leaf), level);
  }

  rowsOf(leaf: Leaf): Tensor {
    const { rows, clusters } = this.#counting(leaf);
    return clusters === null ? rows : clusters.numbers;
  }

  /** Which rows count for a leaf, and which clusters they make up. */
  #counting(leaf: Leaf): Counting {
    const { measure } = leaf, key = `${leaf}`;
    if (measure.perRow === false) return { rows: Tensor.from(inOrder(this.#ofAllRows(leaf).size)), clusters: null };
    let known = countingRows.get(this.labels);
    if (known === undefined) countingRows.set(this.labels, known = new Map());
    let found = known.get(key);
    if (found !== undefined) return found;
    const { size } = this.labels, rows = new Int32Array(size);
    let n = 0;
    try {
      const counts = rowTest(leaf, this.labels.data, this.columns);
      for (let row = 0; row < size; row++) if (counts(row)) rows[n++] = row;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new RangeError(
        `Cannot tell ${
          error.row === null ? "which rows count" : `whether ${this.#placeOf(error.row)} counts`
        } for ${leaf}: ${error.why}`,
      );
    }
    const counting = rows.slice(0, n);
    found = {
      rows: Tensor.from(counting),
      clusters: this.#clusterOf === null ? null : clustersOf(counting, this.#clusterOf, this.rows),
    };
    known.set(key, found);
    return found;
  }
}

/** Whether a row counts for a leaf, by its number. */
export function rowTest(
  { measure, index, conditions }: Leaf,
  labels: ArrayLike<number>,
  columns: Columns,
): (row: number) => boolean {
  const tests = conditions.map((condition) => tester(condition, columns));
  return (row) => tests.every((test) => test(row) === true) && (measure.counts?.(labels[row], index) ?? true);
}

/** Which rows count for a leaf, int32; and of clusters their numbers, the place of each row's among them, and their sizes. */
interface Counting {
  rows: Tensor;
  clusters: { numbers: Tensor; places: Tensor; sizes: Tensor } | null;
}

/** The values of a measure for all rows, float64. @throws {RangeError} for another shape than [rows] */
export function valuesOf(measure: Measure, index: readonly number[], outcomes: Outcomes): Tensor {
  const rows = outcomes.labels.size;
  let values: Tensor;
  try {
    values = measure.values(outcomes, index);
  } catch (error) {
    if (!(error instanceof Error && error.name === "RangeError")) throw error;
    const { shape } = outcomes.predictions;
    throw new RangeError(`Cannot compute ${measure.name} of outputs of shape ${showShape(shape)}: ${error.message}`, {
      cause: error,
    });
  }
  if (values.rank !== 1 || (values.size !== rows && measure.perRow !== false)) {
    throw new RangeError(
      `Cannot use the values of ${measure.name}, of shape ${showShape(values.shape)}: wanted ${
        measure.perRow === false ? "[n]" : `one a row, [${rows}]; or say perRow: false, if they are of pairs or the like`
      }`,
    );
  }
  const found = values.cast("float64"), [low, high] = measure.range;
  // Outputs may be rounded to a little beyond 0 and 1.
  const beyond = measure.binary === true &&
    found.data.some((z) => (z < low && z >= low - rounding) || (z > high && z <= high + rounding));
  return beyond ? found.clip(low, high) : found;
}

/** The clusters that some rows are of, in their order. */
function clustersOf(rows: Int32Array, clusterOf: Int32Array, count: number): NonNullable<Counting["clusters"]> {
  const sizes = new Float64Array(count), place = new Int32Array(count), numbers: number[] = [];
  for (const row of rows) sizes[clusterOf[row]]++;
  sizes.forEach((size, cluster) => {
    place[cluster] = numbers.length;
    if (size > 0) numbers.push(cluster);
  });
  return {
    numbers: Tensor.from(Int32Array.from(numbers)),
    places: Tensor.from(rows.map((row) => place[clusterOf[row]])),
    sizes: Tensor.from(Float64Array.from(numbers, (cluster) => sizes[cluster])),
  };
}

/** Samples of several data sets, each of which is asked for the measures that are of it. */
export class Samples implements Sample {
  /** The others' rows change while the main ones stay. */
  readonly key = null;
  readonly #names: ReadonlyMap<Units, string | undefined>;
  /** @param relations what is said of other data sets */
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
  values(leaf: Leaf): Tensor {
    return this.source(leaf).values(leaf);
  }
  rowsOf(leaf: Leaf): Tensor {
    return this.source(leaf).rowsOf(leaf);
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

/** Which rows count for a leaf, by the labels that they have and the leaf's name: a batch of all rows comes again at every step. */
const countingRows = new WeakMap<Tensor, Map<string, Counting>>();
