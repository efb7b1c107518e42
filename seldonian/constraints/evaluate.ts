import { Tensor } from "../../autodiff/mod.ts";
import { lower } from "../bounds/bound.ts";
import { student } from "../bounds/student.ts";
import type { Expression, Leaf } from "./expression.ts";
import { DomainError, type Interval, point } from "./interval.ts";
import { operations } from "./operations.ts";
import type { Shares } from "./shares.ts";

/** Model outputs for some rows, with all that constraints can ask of these rows. Values of a measure are computed once. */
export class Batch {
  /** [rows] or [rows, classes], float64. */
  readonly predictions: Tensor;
  readonly #values = new Map<string, Tensor>();

  constructor(
    predictions: Tensor,
    /** [rows], float64. */
    readonly labels: Tensor,
    /** One 0 or 1 a row, by the column's name. */
    readonly columns: ReadonlyMap<string, Uint8Array>,
  ) {
    this.predictions = predictions.cast("float64");
  }

  get rows(): number {
    return this.labels.size;
  }

  /** One number for each row that counts, [n] float64. */
  values(leaf: Leaf): Tensor {
    const key = `${leaf}`;
    let values = this.#values.get(key);
    if (values === undefined) {
      const all = leaf.measure.values(this, leaf.index), rows = this.#rowsOf(leaf, key);
      this.#values.set(key, values = rows.size === this.rows ? all : all.take(rows));
    }
    return values;
  }

  #rowsOf({ measure, index, columns }: Leaf, key: string): Tensor {
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

/** What is known of one measure. */
export interface LeafReport {
  /** As the constraint names it. */
  name: string;
  /** Rows that it is the mean of. */
  n: number;
  mean: number;
  /** High-confidence bounds; infinite where none is needed, or where there are too few rows for one. */
  lower: number;
  upper: number;
  /** The part of delta that each bound may miss with; `null` where none is needed. */
  deltaLower: number | null;
  deltaUpper: number | null;
  /** The family of the bounds. */
  bound: string;
  /** What the bounds take for granted of the values. */
  assumes: string;
}

/** A constraint on some data. */
export interface Evaluation {
  /** g with every measure at its mean. */
  value: number;
  /** High-confidence bounds on g, shape [], differentiable. g <= 0 is the promise, so `upper` decides. */
  interval: Interval;
  leaves: LeafReport[];
  /** Why a bound is infinite, if one is. */
  note?: string;
}

/** With fewer values, a bound on their mean says nothing, as in the Python toolkit. */
export const fewestValues = 5;

/**
 * Bounds a constraint's g, with interval arithmetic from its measures' bounds.
 * @param forecast on candidate data: bounds that the safety test will find with `rows` rows in all, wider by `inflation`
 */
export function evaluate(
  g: Expression,
  shares: readonly Shares[],
  batch: Batch,
  forecast?: { rows: number; inflation: number },
): Evaluation {
  const intervals = new Map<string, Interval>(), means = new Map<string, number>();
  let note: string | undefined;
  const leaves = shares.map(({ leaf, lower: deltaLower, upper: deltaUpper }) => {
    const values = batch.values(leaf), n = values.size, name = `${leaf}`;
    const prediction = forecast && { n: roundHalfEven(n / batch.rows * forecast.rows), inflation: forecast.inflation };
    const few = n < fewestValues;
    if (few) note ??= `${name} has ${n} ${n === 1 ? "row" : "rows"}, and a bound needs at least ${fewestValues}`;
    const interval = {
      lower: few || deltaLower === undefined ? Tensor.scalar(-Infinity) : lower(student, values, deltaLower, prediction),
      upper: few || deltaUpper === undefined ? Tensor.scalar(Infinity) : student.upper(values, deltaUpper, prediction),
    };
    const mean = n === 0 ? NaN : values.detach().mean().value;
    intervals.set(name, interval);
    means.set(name, mean);
    return {
      name,
      n,
      mean,
      lower: interval.lower.value,
      upper: interval.upper.value,
      deltaLower: deltaLower ?? null,
      deltaUpper: deltaUpper ?? null,
      bound: student.name,
      assumes: student.assumes,
    };
  });
  const value = valueOf(g, means);
  try {
    const interval = intervalOf(g, intervals);
    if (interval.upper.value === Infinity) {
      note ??= "its interval arithmetic has no finite upper bound, as where a divisor may be 0";
    }
    return { value, interval, leaves, note };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const interval = { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
    return { value, interval, leaves, note: note ?? error.message };
  }
}

function intervalOf(x: Expression, leaves: ReadonlyMap<string, Interval>): Interval {
  if (x.kind === "constant") return point(x.value);
  if (x.kind === "leaf") return leaves.get(`${x}`)!;
  return operations[x.operator].interval(...x.operands.map((operand) => intervalOf(operand, leaves)));
}

function valueOf(x: Expression, means: ReadonlyMap<string, number>): number {
  if (x.kind === "constant") return x.value;
  if (x.kind === "leaf") return means.get(`${x}`)!;
  return operations[x.operator].value(...x.operands.map((operand) => valueOf(operand, means)));
}

/** To the nearest whole number, halves to the even one, as Python's round(). */
function roundHalfEven(x: number): number {
  const down = Math.floor(x), rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
