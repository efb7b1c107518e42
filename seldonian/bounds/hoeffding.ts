import { log } from "../../autodiff/mathematics/elementary.ts";
import type { Bound } from "./bound.ts";
import { fromMean } from "./from_moments.ts";

/**
 * Hoeffding's upper bound: mean + (high - low) √(ln(1 / delta) / 2n). Valid at every n; wide where the variance is small.
 * Source: W. Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 58 (1963), Theorem 2.
 */
export const hoeffding: Bound = {
  name: "hoeffding",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  ...fromMean((mean, n, delta) => mean + Math.sqrt(-log(delta) / (2 * n))),
};
