import { Tensor, where } from "../../autodiff/mod.ts";
import type { Bound } from "./bound.ts";
import { studentUpperQuantile } from "./quantiles.ts";

/**
 * Student's upper bound on a mean: mean + c sd / √n t(1 - delta, n - 1), sd with n - 1. In the safety test c is 1 and n the
 * number of values; with a prediction, n is that of the values to come and c the inflation. Fewer than 2 values: Infinity.
 * Exact for normal values; approximate else, and wrong by more than an order of magnitude for few or rare 0/1 values.
 * Source: "Student" (W. S. Gosset), "The probable error of a mean", Biometrika 6 (1908).
 */
export const student: Bound = {
  name: "student",
  assumes: "that the mean of so many values is close to normal",
  upper(values, delta, prediction) {
    if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot bound a mean with delta ${delta}: wanted one between 0 and 1`);
    const { n, inflation } = prediction ?? { n: values.size, inflation: 1 };
    if (values.size < 2 || n < 2) return Tensor.scalar(Infinity);
    const variance = values.variance(), constant = variance.equal(0);
    // The root's slope at 0 is infinite; equal values have no direction in which they spread.
    const deviation = where(constant, 0, where(constant, 1, variance).sqrt());
    return values.mean().add(deviation.mul(inflation * quantile(delta, n - 1) / Math.sqrt(n)));
  },
};

/** Training asks for the same few quantiles at every step. */
const known = new Map<string, number>();

function quantile(delta: number, freedom: number): number {
  const key = `${delta} ${freedom}`;
  let t = known.get(key);
  if (t === undefined) {
    if (known.size >= 1000) known.clear();
    known.set(key, t = studentUpperQuantile(delta, freedom));
  }
  return t;
}
