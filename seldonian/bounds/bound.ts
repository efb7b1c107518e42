import { Tensor } from "../../autodiff/mod.ts";
import { shown } from "../../autodiff/options.ts";

/** The inputs of a bound, besides the values. */
export interface Request {
  /** The probability of missing the mean, in (0, 1). */
  delta: number;
  /** The range of every value, whatever the law; infinite if unknown. */
  range: readonly [number, number];
}

/** The inputs of a predicted bound, besides the moments. */
export interface ForecastRequest extends Request {
  /** The number of values in the test. */
  n: number;
}

/** Mean and variance (with n - 1) of values, shape [], float64. */
export interface Moments {
  /** The mean of all values. */
  mean: Tensor;
  /** The variance, with n - 1. */
  variance: Tensor;
}

/** Mean and variance (with n - 1; 0 for one value) of values [n], float64. */
export function momentsOf(values: Tensor): Moments {
  return { mean: values.mean(), variance: values.size > 1 ? values.variance() : values.sub(values).sum() };
}

/** A confidence bound on the mean of the law that values were drawn from. */
export interface Bound {
  /** Its name in results. */
  name: string;
  /** What it assumes about the values. */
  assumes: string;
  /** Whether it provably misses with probability at most delta at every n, or only approximately, for many values. */
  guarantee: "finite-sample" | "approximate";
  /** The values it is for: any, those with an end on the side that is bounded, those of a finite range, or only 0 and 1. */
  values: "any" | "half-bounded" | "bounded" | "binary";
  /** Whether it depends on the order of the values. The order must not depend on the values: callers shuffle them by a seed. */
  ordered?: boolean;
  /** Whether `one_account.ts`, which uses the same bets, bounds a form over groups that may overlap. */
  account?: true;
  /** Whether `two_rates.ts`, which is exact too, bounds a form of two counts. */
  twoRates?: true;
  /** The fewest values that it needs; default 1. */
  fewest?: number;
  /** A number above the mean with probability at least 1 - delta, in the unit of `values`; their order may matter. */
  upper(values: Float64Array, request: Request): number;
  /** The predicted `upper` of n values with these moments, shape [], differentiable. */
  forecast(moments: Moments, request: ForecastRequest): Tensor;
}

/** The names of bounds of the kit's that are not loaded with it, and the bounds that were made of those with a parameter. */
export const parametric = {
  names: [
    ...["one-sided-star", "logarithmic-smoothing", "anytime-bets"],
    ...["bets-on-returns", "bets-on-quantiles", "bets-on-tails", "bets-on-squares"],
  ],
  made: new WeakSet<Bound>(),
};

/** A value that cannot be bounded: its place, and why. */
export class ValueError extends RangeError {
  constructor(readonly at: number, readonly why: string) {
    super(`Cannot bound a mean: value ${at} ${why}`);
  }
}

/**
 * A bound's upper bound on a mean, rounded outward, never outside the range.
 *
 * Rounding: the sum of n numbers below M errs by at most n ε n M, so their mean by n ε M; a family's result from it is within
 * 2^-40 of the range. Both are added, so floating point never helps a promise.
 * @throws {RangeError} for no values, a value that is not finite or outside the range (with its row), an infinite range where a
 * finite one is needed, or a delta outside (0, 1)
 */
export function upper(bound: Bound, values: Float64Array, request: Request): number {
  check(bound, values, request, true);
  return outward(bound, values, request);
}

/**
 * The lower bound, -upper(-values).
 * @throws as {@link upper}
 */
export function lower(bound: Bound, values: Float64Array, request: Request): number {
  check(bound, values, request, false);
  // 0 - x, because -x would be -0 for 0.
  return 0 - outward(bound, values.map((z) => 0 - z), mirror(request));
}

/** The predicted lower bound. */
export function forecastLower(bound: Bound, { mean, variance }: Moments, request: ForecastRequest): Tensor {
  return bound.forecast({ mean: mean.neg(), variance }, mirror(request)).neg();
}

function outward(bound: Bound, values: Float64Array, request: Request): number {
  const { range: [low, high] } = request, n = values.length;
  if (n < (bound.fewest ?? 1)) return high;
  let size = 0;
  for (const z of high - low < Infinity ? request.range : values) size = Math.max(size, Math.abs(z));
  return Math.min(high, upperOf(bound, values, request) + (n * 2 ** -52 + 2 ** -40) * size);
}

/**
 * What a family finds.
 * @throws {RangeError} for NaN and what is no number: no comparison would notice it
 */
function upperOf(bound: Bound, values: Float64Array, request: Request): number {
  const found: unknown = bound.upper(values, request);
  if (typeof found === "number" && !Number.isNaN(found)) return found;
  throw new RangeError(
    `Cannot bound a mean by "${bound.name}": its upper() gives ${shown(found)} for ${values.length} values; ` +
      "wanted a number, Infinity where it knows none",
  );
}

/**
 * Tries a custom bound on a few values before anything is trained.
 * @throws {RangeError} for results that are no numbers
 */
export function tryBound(bound: Bound, { delta, range: [low, high] }: Request): void {
  const ends = high - low < Infinity ? [low, high] : [0, 1], n = Math.max(20, bound.fewest ?? 1);
  const values = Float64Array.from({ length: n }, (_, i) => ends[i % 2]), request = { delta, range: [low, high] as const, n };
  upperOf(bound, values, request);
  const predicted: unknown = bound.forecast(momentsOf(Tensor.from(values)), request);
  if (predicted instanceof Tensor && predicted.size === 1 && !Number.isNaN(predicted.value)) return;
  const found = predicted instanceof Tensor ? `[${predicted.toArray()}]` : shown(predicted);
  throw new RangeError(
    `Cannot bound a mean by "${bound.name}": its forecast() gives ${found} for ${n} values; wanted a tensor of one number, ` +
      "as by operations on the moments' mean and variance",
  );
}

/** The request for the negated values. */
export function mirror<R extends Request>(request: R): R {
  const [low, high] = request.range;
  return { ...request, range: [-high, -low] };
}

function check(bound: Bound, values: Float64Array, { delta, range: [low, high] }: Request, isUpper: boolean): void {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot bound a mean with delta ${delta}: wanted one between 0 and 1`);
  if (!(low < high)) {
    throw new RangeError(`Cannot bound a mean in the range [${low}, ${high}]: wanted a lower end below an upper one`);
  }
  const half = bound.values === "half-bounded";
  if (bound.values !== "any" && !((half ? Math.abs(isUpper ? high : low) : high - low) < Infinity)) {
    throw new RangeError(
      `Cannot bound a mean by "${bound.name}" in the range [${low}, ${high}]: it needs ${
        half ? "an end there" : "a finite range"
      }; ` +
        `give the least and the greatest possible value, or use "student"`,
    );
  }
  if (values.length === 0) throw new RangeError("Cannot bound a mean of no values: wanted at least one");
  checkValues(values, [low, high], bound.values === "binary" ? bound.name : undefined);
}

/** @throws {ValueError} for a value that is not finite, outside the range, or between its ends where only they are allowed */
export function checkValues(values: Float64Array, [low, high]: readonly [number, number], binaryFor?: string): void {
  for (let i = 0; i < values.length; i++) {
    const z = values[i];
    if (!Number.isFinite(z)) throw new ValueError(i, `is ${z}; wanted finite numbers`);
    if (z < low || z > high) throw new ValueError(i, `is ${z}, outside of the declared range [${low}, ${high}]`);
    if (binaryFor !== undefined && z !== low && z !== high) {
      throw new ValueError(i, `is ${z}, and "${binaryFor}" takes only ${low} and ${high}; use "star" for values between`);
    }
  }
}
