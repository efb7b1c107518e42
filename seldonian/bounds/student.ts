import { Tensor, where } from "../../autodiff/mod.ts";
import { studentUpperQuantile } from "./quantiles.ts";

/** The safety test that a bound on candidate data foretells. */
export interface Prediction {
  /** Values that the safety test will have. */
  n: number;
  /** Factor on the predicted half-width. */
  inflation: number;
}

/**
 * Student's upper bound on a mean: mean + c sd / √n t(1 - delta, n - 1), sd with n - 1. In the safety test c is 1 and n the
 * number of values; with `prediction`, the half-width is that of n values to come, times the inflation.
 * `values` [n] float64, in any unit; result [] in the same. Fewer than 2 values: Infinity.
 * Exact for normal values; approximate else, and wrong by more than an order of magnitude for few or rare 0/1 values.
 * Source: "Student" (W. S. Gosset), "The probable error of a mean", Biometrika 6 (1908).
 * @param delta probability of missing the mean, in (0, 1)
 */
export function studentUpper(values: Tensor, delta: number, prediction?: Prediction): Tensor {
  return bound(values, delta, prediction, 1);
}

/** The mirror of {@link studentUpper}: mean - c sd / √n t(1 - delta, n - 1). */
export function studentLower(values: Tensor, delta: number, prediction?: Prediction): Tensor {
  return bound(values, delta, prediction, -1);
}

function bound(values: Tensor, delta: number, prediction: Prediction | undefined, side: 1 | -1): Tensor {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot bound a mean with delta ${delta}: wanted one in (0, 1)`);
  const { n, inflation } = prediction ?? { n: values.size, inflation: 1 };
  if (values.size < 2 || n < 2) return Tensor.scalar(side * Infinity);
  const variance = values.variance(), constant = variance.equal(0);
  // The root's slope at 0 is infinite; equal values have no direction in which they spread.
  const deviation = where(constant, 0, where(constant, 1, variance).sqrt());
  return values.mean().add(deviation.mul(side * inflation * studentUpperQuantile(delta, n - 1) / Math.sqrt(n)));
}
