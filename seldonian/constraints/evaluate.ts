import { Tensor } from "../../autodiff/mod.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Sample } from "./batch.ts";
import type { Expression, Leaf } from "./expression.ts";
import { DomainError, type Interval, point } from "./interval.ts";
import type { Forecast, Judgement } from "./judgement.ts";
import { boundLeaf, type LeafReport } from "./leaf_bounds.ts";
import { formText, intervalOfForm, type LinearForm, valueOfForm } from "./linear.ts";
import { operations } from "./operations.ts";
import type { Shares } from "./shares.ts";
import { jointOf } from "./groups.ts";
import { boundStatistic } from "./statistic.ts";

/** A formula that must not exceed 0, and how that is tested. */
export interface Conjunct {
  /** What must be at most 0. */
  g: Expression;
  /** The same as a linear form, if it is one. */
  form: LinearForm | null;
  /** The part of delta for each bound of a measure. */
  shares: readonly Shares[];
  /** Whether the form is bounded as one statistic where its rows allow it, with `delta` for it, instead of measure by measure. */
  asOne: boolean;
  /** The probability that it may be wrong with. */
  delta: number;
}

/** How a formula was bounded as one statistic. */
export interface StatisticReport {
  /** What was bounded. */
  text: string;
  /** Values that it was bounded on: blocks, counts or rows. */
  n: number;
  /** The family of the bound. */
  bound: string;
  /** What it takes for granted of the values. */
  assumes: string;
  /** Whether it is proven at every number of rows, or right for many only. */
  guarantee: Bound["guarantee"];
  /** The probability that it may be missed with. */
  delta: number;
}

/** A formula on some data. */
export interface Evaluation {
  /** The formula with every measure at its mean. */
  value: number;
  /** High-confidence bounds on it, shape [], differentiable where they are predicted. `upper` decides. */
  interval: Interval;
  /** Its measures; none where a statistic is predicted, which needs no bound of theirs. */
  leaves: LeafReport[];
  /** How it was bounded as one statistic, if it was. */
  statistic?: StatisticReport;
  /** Why a bound is infinite, if one is. */
  note?: string;
}

/**
 * Bounds a formula: as one statistic, or from its measures' bounds by interval arithmetic.
 * @param forecast on candidate data: what the safety test will find
 */
export function evaluate(conjunct: Conjunct, sample: Sample, judgement: Judgement, forecast?: Forecast): Evaluation {
  const { g, form, asOne, delta } = conjunct;
  const joint = asOne && form !== null ? jointOf(form, sample) : null;
  const statistic = joint && boundStatistic(form!, delta, joint, sample, judgement, forecast);
  const leaves = statistic !== null && forecast !== undefined ? [] : conjunct.shares.map(({ leaf, lower, upper }) => {
    const sides = statistic === null ? { lower, upper } : {};
    return boundLeaf(leaf, sides, sample, judgement, forecast);
  });
  const means = new Map(conjunct.shares.map(({ leaf }) => [`${leaf}`, meanOf(leaf, sample)]));
  const reports = leaves.map(({ report }) => report);
  const value = form === null ? valueOf(g, means) : valueOfForm(form, means);
  if (statistic !== null) {
    const { upper, ...how } = statistic;
    // As in interval arithmetic, NaN says nothing.
    const interval = { lower: Tensor.scalar(-Infinity), upper: Number.isNaN(upper.value) ? Tensor.scalar(Infinity) : upper };
    const note = upper.value === Infinity ? `${formText(form!)} has too few rows for a bound: ${how.n}` : undefined;
    return { value, interval, leaves: reports, statistic: { text: formText(form!), ...how, delta }, note };
  }
  const note = leaves.find((leaf) => leaf.note !== undefined)?.note;
  const intervals = new Map(leaves.map(({ report, interval }) => [report.name, interval]));
  try {
    const interval = form === null ? intervalOf(g, intervals) : intervalOfForm(form, intervals);
    const infinite = interval.upper.value === Infinity;
    const why = "its interval arithmetic has no finite upper bound, as where a divisor may be 0";
    return { value, interval, leaves: reports, note: note ?? (infinite ? why : undefined) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const interval = { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
    return { value, interval, leaves: reports, note: note ?? error.message };
  }
}

/** NaN where no row counts. */
function meanOf(leaf: Leaf, sample: Sample): number {
  return sample.rowsOf(leaf).size === 0 ? NaN : sample.estimate(leaf).value;
}

/** A formula's interval from those of its measures, by interval arithmetic. */
export function intervalOf(x: Expression, leaves: ReadonlyMap<string, Interval>): Interval {
  if (x.kind === "constant") return point(x.value);
  if (x.kind === "leaf") return leaves.get(`${x}`)!;
  return operations[x.operator].interval(...x.operands.map((operand) => intervalOf(operand, leaves)));
}

/** A formula with every measure at a number. */
export function valueOf(x: Expression, means: ReadonlyMap<string, number>): number {
  if (x.kind === "constant") return x.value;
  if (x.kind === "leaf") return means.get(`${x}`)!;
  return operations[x.operator].value(...x.operands.map((operand) => valueOf(operand, means)));
}
