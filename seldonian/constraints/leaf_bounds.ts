import { decided, observed } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import {
  type Bound,
  checkValues,
  forecastLower,
  type ForecastRequest,
  lower as lowerOf,
  mirror,
  type Moments,
  upper as upperOf,
  ValueError,
} from "../bounds/bound.ts";
import type { Functional } from "../bounds/functional.ts";
import type { Sample } from "./sample.ts";
import { Leaf } from "./expression.ts";
import type { Interval } from "./interval.ts";
import type { SidedMeasure } from "./measure.ts";
import {
  chosenFor,
  familyOf,
  fewestFor,
  type Forecast,
  inflated,
  type Judgement,
  rangeOf,
  sidedFor,
  valueRangeOf,
} from "./judgement.ts";

/** The results for one measure. */
export interface LeafReport {
  /** The measure as the constraint writes it. */
  name: string;
  /** The number of rows behind the estimate. */
  n: number;
  /** The estimate on the rows that count. */
  mean: number;
  /** The range of its values. */
  range: readonly [number, number];
  /** The lower confidence bound; infinite if not needed, or with too few rows. */
  lower: number;
  /** The upper confidence bound; infinite if not needed, or with too few rows. */
  upper: number;
  /** The lower bound's share of delta; `null` if the bound is not needed. */
  deltaLower: number | null;
  /** The upper bound's share of delta; `null` if the bound is not needed. */
  deltaUpper: number | null;
  /** The family of the bounds. */
  bound: string;
  /** What the bounds assume about the values. */
  assumes: string;
  /** Whether the bounds are proven for every number of rows, or hold for many only. */
  guarantee: Bound["guarantee"];
}

/** A measure with its bounds. */
export interface BoundedLeaf {
  report: LeafReport;
  interval: Interval;
  note?: string;
}

/** Bounds one measure on the sides that have a share of delta. */
export function boundLeaf(
  leaf: Leaf,
  { lower: deltaLower, upper: deltaUpper }: { lower?: number; upper?: number },
  sample: Sample,
  judgement: Judgement,
  forecast: Forecast | undefined,
): BoundedLeaf {
  const { rows, testRows, clustered } = sample.source(leaf);
  const end = (side: "lower" | "upper"): Leaf => {
    const sided = sidedFor(leaf, side, sample, judgement), { alone } = sided.measure as Partial<SidedMeasure>;
    return alone === undefined || clustered || chosenFor(leaf, judgement) !== undefined ? sided : new Leaf(alone, sided);
  };
  const ends = { lower: end("lower"), upper: end("upper") }, deciding = ends[deltaUpper === undefined ? "lower" : "upper"];
  const family = familyOf(deciding, judgement, clustered), { functional } = deciding.measure;
  const { name: bound, assumes, guarantee = "approximate" } = functional ?? family;
  const name = `${leaf}`, n = sample.rowsOf(leaf).size, needed = functional === undefined ? fewestFor(family) : 1;
  const later = forecast === undefined ? n : roundHalfEven(n / rows * testRows);
  const few = n < needed || later < needed;
  const scarce = forecast === undefined && guarantee === "approximate" ? scarcityOf(Object.values(ends), sample) : undefined;
  const side = (delta: number | undefined, isUpper: boolean): Tensor => {
    if (few || scarce !== undefined || delta === undefined) return Tensor.scalar(isUpper ? Infinity : -Infinity);
    const own = ends[isUpper ? "upper" : "lower"], family = familyOf(own, judgement, clustered);
    const request = { delta, range: rangeOf(own, judgement), n: later };
    if (forecast === undefined) {
      if (functional?.width === undefined) {
        checkLeaf(own, sample, request.range, functional === undefined && family.values === "binary" ? bound : undefined);
      }
      return Tensor.scalar(named(own, sample, () => found(own, isUpper, family, sample, request)));
    }
    return inflated(predicted(own, isUpper, family, sample, request), sample.estimate(own), forecast);
  };
  const [least, most] = valueRangeOf(leaf, judgement),
    lower = side(deltaLower, false),
    upper = side(deltaUpper, true);
  // Where no bound is needed, the range's end is a free one.
  const interval = {
    lower: deltaLower === undefined ? Tensor.scalar(least) : lower,
    upper: deltaUpper === undefined ? Tensor.scalar(most) : upper,
  };
  const report = {
    name,
    n,
    mean: n === 0 ? NaN : observed(() => sample.estimate(leaf).value),
    range: [least, most] as const,
    lower: observed(() => lower.value),
    upper: observed(() => upper.value),
    deltaLower: deltaLower ?? null,
    deltaUpper: deltaUpper ?? null,
    bound,
    assumes,
    guarantee,
  };
  const note = few
    ? `${name} has ${n} ${n === 1 ? "row" : "rows"}, and a bound needs at least ${needed}`
    : scarce !== undefined
    ? scarce
    : deltaUpper !== undefined && decided(() => upper.value === Infinity)
    ? endless(leaf, "upper", "greatest")
    : deltaLower !== undefined && decided(() => lower.value === -Infinity)
    ? endless(leaf, "lower", "least")
    : undefined;
  return { report, interval, note };
}

function endless(leaf: Leaf, side: string, end: string): string {
  const { name } = leaf.measure;
  return `${leaf} has no finite ${side} bound without a known ${end} value: declare one, as in ranges: { ${name}: [0, 25] }`;
}

/** Why a family that is not proven cannot bound some measures, if it cannot: see {@link SidedMeasure.scarce}. */
export function scarcityOf(leaves: readonly Leaf[], sample: Sample): string | undefined {
  return leaves.map((leaf) => (leaf.measure as Partial<SidedMeasure>).scarce?.(sample.values(leaf).data)).find((why) => why);
}

/** A bound in a safety test. */
function found(leaf: Leaf, isUpper: boolean, family: Bound, sample: Sample, request: ForecastRequest): number {
  const { measure: { functional }, index: [level = NaN] } = leaf, [low, high] = request.range;
  const given = sample.values(leaf).data as Float64Array;
  if (functional?.width !== undefined) return ofSeveral(functional, isUpper, given, level, request);
  // Rounding may push a cluster's mean past an end.
  const values = sample.source(leaf).clustered ? given.map((z) => Math.min(high, Math.max(low, z))) : given;
  if (functional === undefined) return (isUpper ? upperOf : lowerOf)(family, values, request);
  const { name, assumes } = functional;
  const own: Bound = {
    ...family,
    name,
    assumes,
    values: "any",
    fewest: 1,
    upper: (z, r) => isUpper ? functional.upper(z, level, r) : -functional.lower(z.map((x) => -x), level, mirror(r)),
  };
  return (isUpper ? upperOf : lowerOf)(own, values, request);
}

/** A bound from several numbers a row, rounded outward as others are, never outside of its range. */
function ofSeveral(
  functional: Functional,
  isUpper: boolean,
  values: Float64Array,
  level: number,
  request: ForecastRequest,
): number {
  const [low, high] = functional.range?.(request.range) ?? request.range,
    rounding = 2 ** -40 * Math.max(Math.abs(low), Math.abs(high));
  if (!(high - low < Infinity)) return isUpper ? Infinity : -Infinity;
  const found = functional[isUpper ? "upper" : "lower"](values, level, request);
  return isUpper ? Math.min(high, found + rounding) : Math.max(low, found - rounding);
}

/** The predicted bound of a safety test. */
function predicted(leaf: Leaf, isUpper: boolean, family: Bound, sample: Sample, request: ForecastRequest): Tensor {
  const { measure: { functional }, index: [level = NaN] } = leaf;
  if (functional?.width !== undefined && !(request.range[1] - request.range[0] < Infinity)) {
    return Tensor.scalar(isUpper ? Infinity : -Infinity);
  }
  if (functional !== undefined) return functional.forecast(isUpper ? "upper" : "lower", sample.values(leaf), level, request);
  return (isUpper ? family.forecast : (m: Moments, r: ForecastRequest) => forecastLower(family, m, r))(
    sample.moments(leaf),
    request,
  );
}

/**
 * Checks the values of all rows that count, before they are joined into clusters.
 * @param binaryFor the family that takes only the ends of the range
 * @throws {RangeError} for a value that is not finite or outside its range, with measure and row
 */
export function checkLeaf(leaf: Leaf, sample: Sample, range: readonly [number, number], binaryFor?: string): void {
  const { values, rowNumber, place } = sample.rowValues(leaf), data = values.data as Float64Array;
  try {
    checkValues(data, range, binaryFor);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    // Names the first of the user's rows, whatever the order of the test.
    const places = Array.from(data, (_, i) => i).sort((i, j) => rowNumber(i) - rowNumber(j));
    try {
      checkValues(Float64Array.from(places, (i) => data[i]), range, binaryFor);
    } catch (first) {
      throw atRow(first, leaf, (i) => place(places[i]));
    }
  }
}

/** Adds measure and row to the error of a value that cannot be bounded. */
function named<T>(leaf: Leaf, sample: Sample, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw atRow(error, leaf, (i) => sample.source(leaf).place(sample.rowsOf(leaf).data[i]));
  }
}

function atRow(error: unknown, leaf: Leaf, placeOf: (i: number) => string): unknown {
  if (!(error instanceof ValueError)) return error;
  const whose = leaf.measure.perRow === false ? `value ${error.at}` : `the value of ${placeOf(error.at)}`;
  return new RangeError(`Cannot bound ${leaf}: ${whose} ${error.why}`);
}

/** Rounds to the nearest whole number, halves to even, as Python's round(). */
function roundHalfEven(x: number): number {
  const down = Math.floor(x), rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
