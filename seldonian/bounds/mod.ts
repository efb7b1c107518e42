/**
 * Confidence bounds on means.
 *
 * @example
 * ```ts
 * import { bounds } from "@seldonian/kit";
 * console.log(bounds.upperBound([0.2, 0.5, 0.3, 0.4, 0.6], { delta: 0.05 }).toFixed(4)); // 0.5508
 * ```
 * @module
 */
import { Tensor } from "../../autodiff/mod.ts";
import { type Bound, lower } from "./bound.ts";
import { student } from "./student.ts";

export type { Bound, Prediction } from "./bound.ts";
export { normalUpperQuantile, studentUpperQuantile } from "./quantiles.ts";
export { student };

/** How a mean is bounded. */
export interface BoundOptions {
  /** Default: "student". */
  method?: "student" | Bound;
  /** Probability of missing the mean, between 0 and 1. */
  delta: number;
}

/** A number that the mean of the law of `values` [n] is below with probability at least 1 - delta; a tensor for a tensor. */
export function upperBound(values: ArrayLike<number>, options: BoundOptions): number;
export function upperBound(values: Tensor, options: BoundOptions): Tensor;
export function upperBound(values: ArrayLike<number> | Tensor, { method = student, delta }: BoundOptions): number | Tensor {
  const bound = boundNamed(method);
  return values instanceof Tensor ? bound.upper(values, delta) : bound.upper(numbers(values), delta).value;
}

/** A number that the mean of the law of `values` [n] is above with probability at least 1 - delta; a tensor for a tensor. */
export function lowerBound(values: ArrayLike<number>, options: BoundOptions): number;
export function lowerBound(values: Tensor, options: BoundOptions): Tensor;
export function lowerBound(values: ArrayLike<number> | Tensor, { method = student, delta }: BoundOptions): number | Tensor {
  const bound = boundNamed(method);
  return values instanceof Tensor ? lower(bound, values, delta) : lower(bound, numbers(values), delta).value;
}

const families: Record<string, Bound> = { student };

function boundNamed(method: string | Bound): Bound {
  if (typeof method !== "string") return method;
  if (Object.hasOwn(families, method)) return families[method];
  throw new RangeError(`Cannot bound a mean by "${method}": wanted one of ${Object.keys(families).join(", ")}, or a Bound`);
}

function numbers(values: ArrayLike<number>): Tensor {
  const at = Array.from(values).findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`Cannot bound a mean: value ${at} is ${values[at]}; wanted finite numbers`);
  return Tensor.from(Float64Array.from(values));
}
