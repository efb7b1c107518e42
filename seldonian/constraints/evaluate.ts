import { decided, observed } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Sample } from "./sample.ts";
import type { Expression } from "./expression.ts";
import { DomainError, type Interval, point } from "./interval.ts";
import type { Forecast, Judgement } from "./judgement.ts";
import { boundLeaf, type LeafReport } from "./leaf_bounds.ts";
import { formText, intervalOfForm, type LinearForm, valueOfForm } from "./linear.ts";
import { operations } from "./operations.ts";
import type { Shares } from "./shares.ts";
import { jointOf } from "./groups.ts";
import { boundStatistic } from "./statistic.ts";

/** A formula that must not exceed 0, and how to test it. */
export interface Conjunct {
  /** The formula that must be at most 0. */
  g: Expression;
  /** g as a linear form, if it is one. */
  form: LinearForm | null;
  /** The share of delta for each bound of a measure. */
  shares: readonly Shares[];
  /**
   * Whether to bound the form as one statistic with the whole `delta`, where its rows allow it, instead of measure by measure.
   */
  asOne: boolean;
  /** The probability that the bound may be wrong. */
  delta: number;
}

/** How a formula was bounded as one statistic. */
export interface StatisticReport {
  /** The formula that was bounded. */
  text: string;
  /** The number of values behind the bound: blocks, counts or rows. */
  n: number;
  /** The family of the bound. */
  bound: string;
  /** What the bound assumes about the values. */
  assumes: string;
  /** Whether the bound is proven for every number of rows, or holds for many only. */
  guarantee: Bound["guarantee"];
  /** The probability that the bound may be wrong. */
  delta: number;
}

/** A formula on some data. */
export interface Evaluation {
  /** The formula with every measure at its mean. */
  value: number;
  /** Computes the value again: after a replay of the step, from its new numbers. */
  estimate: () => number;
  /** High-confidence bounds on it, shape [], differentiable where they are predicted. `upper` decides. */
  interval: Interval;
  /** Its measures; empty where a statistic is predicted, which needs no bounds on measures. */
  leaves: LeafReport[];
  /** How it was bounded as one statistic, if it was. */
  statistic?: StatisticReport;
  /** Why a bound is infinite, if one is. */
  note?: string;
}

/**
 * Bounds a formula: as one statistic, or from its measures' bounds by interval arithmetic.
 * @param forecast given for candidate data, to predict the safety test
 */
export function evaluate(conjunct: Conjunct, sample: Sample, judgement: Judgement, forecast?: Forecast): Evaluation {
  const { g, form, asOne, delta } = conjunct;
  const joint = asOne && form !== null ? jointOf(form, sample) : null;
  const statistic = joint && boundStatistic(form!, delta, joint, sample, judgement, forecast);
  const leaves = statistic !== null && forecast !== undefined ? [] : conjunct.shares.map(({ leaf, lower, upper }) => {
    const sides = statistic === null ? { lower, upper } : {};
    return boundLeaf(leaf, sides, sample, judgement, forecast);
  });
  const estimate = form === null ? valueIn(g, sample) : valueOfForm(form, (leaf) => valueIn(leaf, sample));
  const reports = leaves.map(({ report }) => report);
  const value = observed(estimate);
  if (statistic !== null) {
    const { upper, note: why, ...how } = statistic;
    const bounded = decided(() => Number.isNaN(upper.value) ? "not a number" : upper.value < Infinity);
    // As in interval arithmetic, NaN carries no information.
    const interval = { lower: Tensor.scalar(-Infinity), upper: bounded === "not a number" ? Tensor.scalar(Infinity) : upper };
    const note = bounded === false ? why ?? `${formText(form!)} has too few rows for a bound: ${how.n}` : undefined;
    return { value, estimate, interval, leaves: reports, statistic: { text: formText(form!), ...how, delta }, note };
  }
  const note = leaves.find((leaf) => leaf.note !== undefined)?.note;
  const intervals = new Map(leaves.map(({ report, interval }) => [report.name, interval]));
  try {
    const interval = form === null ? intervalOf(g, intervals) : intervalOfForm(form, intervals);
    const infinite = decided(() => interval.upper.value === Infinity);
    const why = "its interval arithmetic has no finite upper bound, as where a divisor may be 0";
    return { value, estimate, interval, leaves: reports, note: note ?? (infinite ? why : undefined) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const interval = { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
    return { value, estimate, interval, leaves: reports, note: note ?? error.message };
  }
}

/** Reads a formula's value on a sample; NaN if no row counts for a measure. */
export function valueIn(x: Expression, sample: Sample): () => number {
  if (x.kind === "constant") return () => x.value;
  if (x.kind === "leaf") {
    if (sample.rowsOf(x).size === 0) return () => NaN;
    const estimate = observed(() => sample.estimate(x));
    return () => estimate.value;
  }
  const operands = x.operands.map((operand) => valueIn(operand, sample)), { value } = operations[x.operator], [a, b] = operands;
  if (operands.length === 1) return () => value(a());
  // Read at every step, so without a list.
  return operands.length === 2 ? () => value(a(), b()) : () => value(...operands.map((read) => read()));
}

/** A formula's interval from its measures' intervals, by interval arithmetic. */
export function intervalOf(x: Expression, leaves: ReadonlyMap<string, Interval>): Interval {
  if (x.kind === "constant") return point(x.value);
  if (x.kind === "leaf") return leaves.get(`${x}`)!;
  return operations[x.operator].interval(...x.operands.map((operand) => intervalOf(operand, leaves)));
}

/** The value of a formula, given its measures' values. */
export function valueOf(x: Expression, means: ReadonlyMap<string, number>): number {
  if (x.kind === "constant") return x.value;
  if (x.kind === "leaf") return means.get(`${x}`)!;
  return operations[x.operator].value(...x.operands.map((operand) => valueOf(operand, means)));
}
