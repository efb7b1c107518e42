import { Tensor } from "../../autodiff/mod.ts";
import type { Bound, Prediction } from "./bound.ts";
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
  upper: (values, delta, prediction) =>
    halfWidth(values, delta, prediction)?.add(momentsOf(values).mean) ?? Tensor.scalar(Infinity),
  lower: (values, delta, prediction) =>
    halfWidth(values, delta, prediction)?.neg().add(momentsOf(values).mean) ?? Tensor.scalar(-Infinity),
};

/** How far a bound is from the mean; `undefined` with too few values. */
function halfWidth(values: Tensor, delta: number, prediction: Prediction | undefined): Tensor | undefined {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`Cannot bound a mean with delta ${delta}: wanted one between 0 and 1`);
  const { n, inflation } = prediction ?? { n: values.size, inflation: 1 };
  if (values.size < 2 || n < 2) return undefined;
  return momentsOf(values).deviation.mul(inflation * quantile(delta, n - 1) / Math.sqrt(n));
}

/** Mean and standard deviation, which the two bounds share. */
const moments = new WeakMap<Tensor, { mean: Tensor; deviation: Tensor }>();

function momentsOf(values: Tensor): { mean: Tensor; deviation: Tensor } {
  let found = moments.get(values);
  if (found === undefined) {
    const variance = values.variance();
    // The root's slope at 0 is infinite; equal values have no direction in which they spread.
    const deviation = variance.value === 0 ? variance.mul(0) : variance.sqrt();
    found = { mean: values.mean(), deviation };
    // A leaf may change, and what was not recorded cannot be differentiated.
    if (values.node !== null) moments.set(values, found);
  }
  return found;
}

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
