/**
 * Confidence bounds on means.
 *
 * @example
 * ```ts
 * import { bounds } from "@seldonian/kit";
 * const values = [0.2, 0.5, 0.3, 0.4, 0.6];
 * console.log(bounds.upperBound(values, { delta: 0.05, range: [0, 1] }).toFixed(4)); // 0.7080
 * console.log(bounds.upperBound(values, { delta: 0.05, method: "student" }).toFixed(4)); // 0.5507
 * ```
 * @module
 */
import { Tensor } from "../../autodiff/mod.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import {
  anything,
  callable,
  checkArgument,
  checkOptions,
  interval,
  type Known,
  needed,
  number,
  numbers,
  oneOf,
  shown,
  text,
  truth,
  whole,
} from "../../autodiff/options.ts";
import { anderson } from "./anderson.ts";
import { boundFor } from "./auto.ts";
import { bentkus } from "./bentkus.ts";
import { betting } from "./betting.ts";
import { bootstrap } from "./bootstrap.ts";
import { type Bound, forecastLower, lower, type Moments, momentsOf, parametric, upper } from "./bound.ts";
import { chernoffKl } from "./chernoff_kl.ts";
import { clopperPearson } from "./clopper_pearson.ts";
import { cvar } from "./cvar.ts";
import { empiricalBentkus } from "./empirical_bentkus.ts";
import { empiricalBernstein } from "./empirical_bernstein.ts";
import { hoeffding } from "./hoeffding.ts";
import { oneAccount } from "./one_account.ts";
import { permutation, randomStream } from "../random.ts";
import { star } from "./star.ts";
import { student } from "./student.ts";
import { twoRates } from "./two_rates.ts";

export type { Bound, ForecastRequest, Moments, Request } from "./bound.ts";
export { normalUpperQuantile, studentUpperQuantile } from "./quantiles.ts";
export { twoRatesUpper } from "./two_rates.ts";
export type { Rate } from "./two_rates.ts";
export { oneAccountUpper } from "./one_account.ts";
export type { Members } from "./one_account.ts";
export {
  anderson,
  bentkus,
  betting,
  bootstrap,
  boundFor,
  chernoffKl,
  clopperPearson,
  empiricalBentkus,
  empiricalBernstein,
  hoeffding,
  star,
  student,
};

/** The name of a family, or "auto", which chooses by range and kind of values, see {@link boundFor}. */
export type BoundName =
  | "auto"
  | "clopper-pearson"
  | "star"
  | "betting"
  | "bentkus"
  | "empirical-bentkus"
  | "chernoff-kl"
  | "empirical-bernstein"
  | "anderson"
  | "hoeffding"
  | "student"
  | "bootstrap";

/** Families by name. To add one, add its file, its name above and a line here; the compiler finds a missing one. */
const named: Readonly<Record<Exclude<BoundName, "auto">, Bound>> = {
  "clopper-pearson": clopperPearson,
  star,
  betting,
  bentkus,
  "empirical-bentkus": empiricalBentkus,
  "chernoff-kl": chernoffKl,
  "empirical-bernstein": empiricalBernstein,
  anderson,
  hoeffding,
  student,
  bootstrap,
};

/** All families. */
export const families: readonly Bound[] = Object.values(named);

/** The names of the bounds that the kit proves, those for two groups and for the worst rows included. */
export const ownNames: ReadonlySet<string> = new Set([
  ...[...families, twoRates, oneAccount, cvar].map(({ name }) => name),
  ...parametric.names,
]);

/** How to bound a mean. */
export interface BoundOptions {
  /** Default: "auto". */
  method?: BoundName | Bound;
  /** Probability of missing the mean, between 0 and 1. */
  delta: number;
  /** The range of every value, whatever the law; default: unknown. */
  range?: readonly [number, number];
  /** Shuffles the values for a family that depends on their order, so that sorted values do no harm; default 0. */
  seed?: number;
}

/**
 * An upper bound on the mean of the law of `values` [n], with probability at least 1 - delta. For a tensor it is a tensor, with
 * the gradient of the family's forecast.
 */
export function upperBound(values: ArrayLike<number>, options: BoundOptions): number;
/** The same for a tensor [n], as a differentiable tensor of shape []. */
export function upperBound(values: Tensor, options: BoundOptions): Tensor;
export function upperBound(values: ArrayLike<number> | Tensor, options: BoundOptions): number | Tensor {
  const { bound, request, seed } = asked(options), numeric = upper(bound, inOrder(values, bound, seed), request);
  return values instanceof Tensor ? withSlope(numeric, values, (m, n) => bound.forecast(m, { ...request, n })) : numeric;
}

/** A lower bound on the mean of the law of `values` [n], with probability at least 1 - delta, see {@link upperBound}. */
export function lowerBound(values: ArrayLike<number>, options: BoundOptions): number;
/** The same for a tensor [n], as a differentiable tensor of shape []. */
export function lowerBound(values: Tensor, options: BoundOptions): Tensor;
export function lowerBound(values: ArrayLike<number> | Tensor, options: BoundOptions): number | Tensor {
  const { bound, request, seed } = asked(options), numeric = lower(bound, inOrder(values, bound, seed), request);
  return values instanceof Tensor ? withSlope(numeric, values, (m, n) => forecastLower(bound, m, { ...request, n })) : numeric;
}

/**
 * The family with a name; `undefined` for "auto".
 * @throws {RangeError} for an unknown name
 */
export function familyNamed(method: BoundName | Bound): Bound | undefined {
  if (method === "auto") return undefined;
  if (typeof method === "string") {
    if (Object.hasOwn(named, method)) return named[method];
    const names = ["auto", ...Object.keys(named)];
    throw new RangeError(
      `Cannot bound a mean by "${method}": ${nearestTo(method, names) ?? `wanted ${names.join(", ")}, or a Bound`}`,
    );
  }
  checkOptions(`bound a mean by ${shown(Object(method).name)}`, method, boundParts);
  const { name } = method;
  if (ownNames.has(name) && !families.includes(method) && !parametric.made.has(method)) {
    throw new RangeError(`Cannot bound a mean by a custom "${name}": the kit has a bound of this name; rename yours`);
  }
  return method;
}

const boundParts: Known<Bound> = {
  name: needed(text),
  assumes: needed(text),
  guarantee: needed(oneOf("finite-sample", "approximate")),
  values: needed(oneOf("any", "half-bounded", "bounded", "binary")),
  ordered: truth,
  account: truth,
  twoRates: truth,
  fewest: whole(1),
  upper: needed(callable),
  forecast: needed(callable),
};

const known: Known<BoundOptions> = { method: anything, delta: needed(number), range: interval, seed: whole() };

function asked(options: BoundOptions) {
  if (Object.hasOwn(Object(options), "weights")) {
    throw new TypeError('Cannot bound a mean with the option "weights": no family here is proven for weighted values');
  }
  const { method = "auto", delta, range = [-Infinity, Infinity], seed = 0 } = checkOptions("bound a mean", options, known);
  return { bound: familyNamed(method) ?? boundFor({ range, binary: false }), request: { delta, range }, seed };
}

/** The values, shuffled if their order matters: the user's order, such as a sorted one, may depend on them. */
function inOrder(values: ArrayLike<number> | Tensor, bound: Bound, seed: number): Float64Array {
  if (!(values instanceof Tensor)) checkArgument("bound a mean", "the list of values", values, numbers);
  const given = Float64Array.from(values instanceof Tensor ? values.data : values);
  if (bound.ordered !== true || !given.every(Number.isFinite)) return given;
  return Float64Array.from(permutation(given.length, randomStream(seed, "order")), (i) => given[i]);
}

function withSlope(value: number, values: Tensor, forecast: (moments: Moments, n: number) => Tensor) {
  if (!values.requiresGrad) return Tensor.scalar(value);
  const predicted = forecast(momentsOf(values.cast("float64")), values.size);
  return predicted.add(value - predicted.value);
}
