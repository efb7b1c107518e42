import { decided } from "../../autodiff/recorder.ts";
import { type Tensor, zeros } from "../../autodiff/mod.ts";
import type { Bound } from "./bound.ts";
import { meanAndVariance } from "./from_moments.ts";
import { keptQuantile } from "./quantiles.ts";

/**
 * Student's upper bound on a mean: mean + s / √n t(1 - delta, n - 1), where s is with n - 1. Exact for normal values; otherwise
 * approximate, and wrong by more than an order of magnitude for few or rare 0/1 values. Source: "Student" (W. S. Gosset), "The
 * probable error of a mean", Biometrika 6 (1908).
 */
export const student: Bound = {
  name: "student",
  assumes: "that the mean of so many values is close to normal",
  guarantee: "approximate",
  values: "any",
  fewest: 2,
  upper(values, { delta }) {
    const n = values.length, { mean, variance } = meanAndVariance(values);
    return mean + Math.sqrt(variance) * keptQuantile(delta, n - 1) / Math.sqrt(n);
  },
  forecast: ({ mean, variance }, { n, delta }) =>
    n < 2 ? zeros([], "float64").add(Infinity) : mean.add(root(variance).mul(keptQuantile(delta, n - 1) / Math.sqrt(n))),
};

/** The root's slope at 0 is infinite; here it is 0, because equal values have no direction in which to spread. */
function root(variance: Tensor): Tensor {
  return decided(() => variance.value === 0) ? variance.mul(0) : variance.sqrt();
}
