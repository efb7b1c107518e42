import { Tensor } from "../../autodiff/mod.ts";
import { boundFor } from "../bounds/auto.ts";
import {
  type Bound,
  forecastLower,
  type ForecastRequest,
  lower,
  mirror,
  type Moments,
  upper,
  ValueError,
} from "../bounds/bound.ts";
import { clopperPearson } from "../bounds/clopper_pearson.ts";
import { twoRates } from "../bounds/two_rates.ts";
import type { Sample } from "./batch.ts";
import type { Expression, Leaf } from "./expression.ts";
import { DomainError, type Interval, point } from "./interval.ts";
import { formText, intervalOfForm, type LinearForm, rangeOfForm, valueOfForm } from "./linear.ts";
import { operations } from "./operations.ts";
import type { Shares } from "./shares.ts";
import { blockMoments, blockValues, groupsOf, ratesOf } from "./statistic.ts";

/** How measures are judged and their means bounded. */
export interface Judgement {
  /** Of probabilities or of decisions, which are 0 or 1. */
  rates: "expected" | "decided";
  /** The family of all bounds; `undefined`: chosen for each measure by what is known of its values. */
  bound: Bound | undefined;
  /** Ranges that the user declares, by the measure's name. */
  ranges: Readonly<Record<string, readonly [number, number]>>;
}

/** A formula that must not exceed 0, and how that is tested. */
export interface Conjunct {
  g: Expression;
  /** The same as a linear form, if it is one. */
  form: LinearForm | null;
  /** The part of delta for each bound of a measure. */
  shares: readonly Shares[];
  /** Whether the form is bounded as one statistic where its rows allow it, with `delta` for it, instead of measure by measure. */
  asOne: boolean;
  delta: number;
}

/** A safety test that is foretold from candidate data. */
export interface Forecast {
  /** Rows that it will have. */
  rows: number;
  /** Factor on the distance of every foretold bound from its mean. */
  inflation: number;
}

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

/** A formula on some data. */
export interface Evaluation {
  /** The formula with every measure at its mean. */
  value: number;
  /** High-confidence bounds on it, shape [], differentiable where they are foretold. `upper` decides. */
  interval: Interval;
  leaves: LeafReport[];
  /** How it was bounded as one statistic, if it was. */
  statistic?: { text: string; n: number; bound: string; assumes: string; delta: number };
  /** Why a bound is infinite, if one is. */
  note?: string;
}

/** With fewer values, Student's bound on their mean says nothing, as in the Python toolkit. */
const fewestForStudent = 5;

/** The numbers between which a measure's values lie: its own, or declared. */
export function rangeOf({ measure }: Leaf, { ranges }: Judgement): readonly [number, number] {
  return ranges[measure.name] ?? measure.range;
}

/** The family that bounds a measure. */
export function familyOf(leaf: Leaf, judgement: Judgement): Bound {
  const { measure } = leaf, binary = judgement.rates === "decided" && measure.task === "classification";
  return judgement.bound ?? boundFor({ range: rangeOf(leaf, judgement), binary });
}

/**
 * Bounds a formula: as one statistic, or from its measures' bounds by interval arithmetic.
 * @param forecast on candidate data: what the safety test will find
 */
export function evaluate(conjunct: Conjunct, sample: Sample, judgement: Judgement, forecast?: Forecast): Evaluation {
  const { g, form, asOne } = conjunct;
  const groups = asOne && form !== null ? groupsOf(form, sample) : null;
  const leaves = conjunct.shares.map(({ leaf, lower, upper }): Bounded => {
    const sides = groups === null ? { lower, upper } : {};
    return boundLeaf(leaf, sides, sample, judgement, forecast);
  });
  const means = new Map(leaves.map(({ report }) => [report.name, report.mean]));
  const reports = leaves.map(({ report }) => report);
  const value = form === null ? valueOf(g, means) : valueOfForm(form, means);
  if (groups !== null) {
    const { upper, ...statistic } = boundStatistic(conjunct, groups, sample, judgement, forecast);
    const interval = { lower: Tensor.scalar(-Infinity), upper };
    return { value, interval, leaves: reports, statistic: { text: formText(form!), ...statistic, delta: conjunct.delta } };
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

interface Bounded {
  report: LeafReport;
  interval: Interval;
  note?: string;
}

/** Bounds one measure on the sides that have a share of delta. */
function boundLeaf(
  leaf: Leaf,
  { lower: deltaLower, upper: deltaUpper }: { lower?: number; upper?: number },
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): Bounded {
  const { functional } = leaf.measure,
    family = familyOf(leaf, judgement),
    { name: bound, assumes, fewest = 1 } = functional === undefined ? family : { ...functional, fewest: 1 };
  const name = `${leaf}`, n = sample.rowsOf(leaf).size, needed = bound === "student" ? fewestForStudent : fewest;
  const later = forecast === undefined ? n : roundHalfEven(n / sample.rows * forecast.rows);
  const few = n < needed || later < fewest;
  const side = (delta: number | undefined, isUpper: boolean): Tensor => {
    if (few || delta === undefined) return Tensor.scalar(isUpper ? Infinity : -Infinity);
    const request = { delta, range: rangeOf(leaf, judgement), n: later };
    if (forecast === undefined) return Tensor.scalar(named(leaf, sample, () => found(leaf, isUpper, family, sample, request)));
    return inflated(foretold(leaf, isUpper, family, sample, request), sample.estimate(leaf), forecast.inflation);
  };
  const interval = { lower: side(deltaLower, false), upper: side(deltaUpper, true) };
  const report = {
    name,
    n,
    mean: n === 0 ? NaN : sample.estimate(leaf).value,
    lower: interval.lower.value,
    upper: interval.upper.value,
    deltaLower: deltaLower ?? null,
    deltaUpper: deltaUpper ?? null,
    bound,
    assumes,
  };
  const note = few
    ? `${name} has ${n} ${n === 1 ? "row" : "rows"}, and a bound needs at least ${needed}`
    : deltaUpper !== undefined && interval.upper.value === Infinity
    ? `${name} has no finite upper bound without a known greatest value: declare one, as in ranges: { ${leaf.measure.name}: [0, 25] }`
    : undefined;
  return { report, interval, note };
}

/** A bound of a safety test. */
function found(leaf: Leaf, isUpper: boolean, family: Bound, sample: Sample, request: ForecastRequest): number {
  const { measure: { functional }, index: [level] } = leaf, values = sample.values(leaf).data as Float64Array;
  if (functional === undefined) return (isUpper ? upper : lower)(family, values, request);
  const { name, assumes } = functional;
  const own: Bound = {
    ...family,
    name,
    assumes,
    values: "any",
    fewest: 1,
    upper: (z, r) => isUpper ? functional.upper(z, level, r) : -functional.lower(z.map((x) => -x), level, mirror(r)),
  };
  return (isUpper ? upper : lower)(own, values, request);
}

/** A bound that a safety test is foretold to find. */
function foretold(leaf: Leaf, isUpper: boolean, family: Bound, sample: Sample, request: ForecastRequest): Tensor {
  const { measure: { functional }, index: [level] } = leaf;
  if (functional !== undefined) return functional.forecast(isUpper ? "upper" : "lower", sample.values(leaf), level, request);
  return (isUpper ? family.forecast : (m: Moments, r: ForecastRequest) => forecastLower(family, m, r))(
    sample.moments(leaf),
    request,
  );
}

/** Bounds a linear form in means over groups that share no row, or the same rows. */
function boundStatistic(
  { form, delta }: Conjunct,
  groups: NonNullable<ReturnType<typeof groupsOf>>,
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): { upper: Tensor; n: number; bound: string; assumes: string } {
  const families = form!.terms.map(({ leaf }) => familyOf(leaf, judgement));
  const rates = families.every((family) => family === clopperPearson) ? ratesOf(groups, sample) : null;
  const range = rangeOfForm(form!, (leaf) => rangeOf(leaf, judgement));
  // A sum of 0s and 1s is neither, and one family must serve all.
  const bound = judgement.bound !== undefined && judgement.bound !== clopperPearson
    ? judgement.bound
    : boundFor({ range, binary: false });
  const { name, assumes } = rates === null ? bound : twoRates;
  if (forecast === undefined) {
    const n = rates === null ? Math.min(...groups.map(({ rows }) => rows.length)) : rates[0].n + rates[1].n;
    const found = rates === null
      ? upper(bound, blockValues(form!, groups, sample), { delta, range })
      : form!.constant + twoRates.upper(...rates, delta);
    return { upper: Tensor.scalar(found), n, bound: name, assumes };
  }
  const { n, ...moments } = blockMoments(form!, groups, sample, forecast.rows / sample.rows);
  const request = { delta, range, n };
  const foretold = n < (bound.fewest ?? 1)
    ? Tensor.scalar(Infinity)
    : (rates === null ? bound : twoRates).forecast(moments, request);
  return { upper: inflated(foretold, moments.mean, forecast.inflation), n, bound: name, assumes };
}

function inflated(bound: Tensor, mean: Tensor, inflation: number): Tensor {
  return inflation === 1 ? bound : bound.sub(mean).mul(inflation).add(mean);
}

/** Puts measure and row to a value that cannot be bounded. */
function named<T>(leaf: Leaf, sample: Sample, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const row = sample.rowNumber(sample.rowsOf(leaf).data[error.at]);
    throw new RangeError(`Cannot bound ${leaf}: the value of row ${row} ${error.why}`);
  }
}

function intervalOf(x: Expression, leaves: ReadonlyMap<string, Interval>): Interval {
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

/** To the nearest whole number, halves to the even one, as Python's round(). */
function roundHalfEven(x: number): number {
  const down = Math.floor(x), rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
