import type { Tensor } from "../../autodiff/mod.ts";

/** What is asked of a bound. */
export interface Request {
  /** Probability of missing the mean, in (0, 1). */
  delta: number;
  /** Numbers between which every value lies, whatever the law; infinite where none is known. */
  range: readonly [number, number];
}

/** What is asked of a bound that is predicted. */
export interface ForecastRequest extends Request {
  /** Values that the test will have. */
  n: number;
}

/** Mean and variance (with n - 1) of values, shape [], float64. */
export interface Moments {
  /** Of all values. */
  mean: Tensor;
  /** With n - 1. */
  variance: Tensor;
}

/** Mean and variance (with n - 1; 0 for one value) of values [n], float64. */
export function momentsOf(values: Tensor): Moments {
  return { mean: values.mean(), variance: values.size > 1 ? values.variance() : values.sub(values).sum() };
}

/** A confidence bound on the mean of the law that values were drawn from. */
export interface Bound {
  /** As results name it. */
  name: string;
  /** What it assumes of the values. */
  assumes: string;
  /** Whether it is proven to miss with probability at most delta at every n, or only close to that for many values. */
  guarantee: "finite-sample" | "approximate";
  /** Which values it is for: all, those of a finite range, or 0 and 1 alone. */
  values: "any" | "bounded" | "binary";
  /** Whether it reads the order of the values, which must not depend on them: callers shuffle them by a seed. */
  ordered?: boolean;
  /** Whether `one_account.ts`, by the same bets, serves a form over groups that may overlap. */
  account?: true;
  /** Whether `two_rates.ts`, as exact, serves a form of two counts. */
  twoRates?: true;
  /** The fewest values that it says anything of; default 1. */
  fewest?: number;
  /** A number above the mean with probability at least 1 - delta, in the unit of `values`, whose order may matter. */
  upper(values: Float64Array, request: Request): number;
  /** What `upper` will be on n values with these moments, shape [], differentiable. */
  forecast(moments: Moments, request: ForecastRequest): Tensor;
}

/** A value that a bound cannot be of: which one, and why. */
export class ValueError extends RangeError {
  constructor(readonly at: number, readonly why: string) {
    super(`Cannot bound a mean: value ${at} ${why}`);
  }
}

/**
 * A bound's upper bound on a mean, rounded outward and never outside of the range.
 *
 * Rounding: the sum of n numbers below M errs by at most n ε n M, so their mean by n ε M; what a family computes of it is
 * within 2^-40 of the range. Both are added, so that floating point never helps a promise.
 * @throws {RangeError} for no values, a value that is not finite or outside of the range (its row is named), a range that is
 * not finite where one is needed, or a delta outside of (0, 1)
 */
export function upper(bound: Bound, values: Float64Array, request: Request): number {
  check(bound, values, request);
  return outward(bound, values, request);
}

/** The lower bound, -upper(-values). @throws as {@link upper} */
export function lower(bound: Bound, values: Float64Array, request: Request): number {
  check(bound, values, request);
  // 0 - x, because -x would be -0 for 0.
  return 0 - outward(bound, values.map((z) => 0 - z), mirror(request));
}

/** The forecast of the lower bound. */
export function forecastLower(bound: Bound, { mean, variance }: Moments, request: ForecastRequest): Tensor {
  return bound.forecast({ mean: mean.neg(), variance }, mirror(request)).neg();
}

function outward(bound: Bound, values: Float64Array, request: Request): number {
  const { range: [low, high] } = request, n = values.length;
  if (n < (bound.fewest ?? 1)) return high;
  let size = 0;
  for (const z of high - low < Infinity ? request.range : values) size = Math.max(size, Math.abs(z));
  return Math.min(high, bound.upper(values, request) + (n * 2 ** -52 + 2 ** -40) * size);
}

/** The request for values of the opposite sign. */
export function mirror<R extends Request>(request: R): R {
  const [low, high] = request.range;
  return { ...request, range: [-high, -low] };
}

function check(bound: Bound, values: Float64Array, { delta, range: [low, high] }: Request): void {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot bound a mean with delta ${delta}: wanted one between 0 and 1`);
  if (!(low < high)) {
    throw new RangeError(`Cannot bound a mean in the range [${low}, ${high}]: wanted a lower end below an upper one`);
  }
  if (bound.values !== "any" && !(high - low < Infinity)) {
    throw new RangeError(
      `Cannot bound a mean by "${bound.name}" in the range [${low}, ${high}]: it needs a finite one; ` +
        `give the least and the greatest value that is possible, or use "student"`,
    );
  }
  if (values.length === 0) throw new RangeError("Cannot bound a mean of no values: wanted at least one");
  checkValues(values, [low, high], bound.values === "binary" ? bound.name : undefined);
}

/** @throws {ValueError} for a value that is not finite or not in the range, or between its ends where only those may be */
export function checkValues(values: Float64Array, [low, high]: readonly [number, number], binaryFor?: string): void {
  for (let i = 0; i < values.length; i++) {
    const z = values[i];
    if (!Number.isFinite(z)) throw new ValueError(i, `is ${z}; wanted finite numbers`);
    if (z < low || z > high) throw new ValueError(i, `is ${z}, outside of the declared range [${low}, ${high}]`);
    if (binaryFor !== undefined && z !== low && z !== high) {
      throw new ValueError(i, `is ${z}, and "${binaryFor}" is for ${low} and ${high} alone; use "star" for values between`);
    }
  }
}
