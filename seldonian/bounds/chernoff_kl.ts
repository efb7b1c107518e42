import { log } from "../../autodiff/mathematics/elementary.ts";
import { leastWhere } from "./bisect.ts";
import type { Bound } from "./bound.ts";
import { fromMean } from "./from_moments.ts";

/**
 * Chernoff's bound in its original form: on [0, 1], the greatest m with n kl(mean, m) <= ln(1 / delta), where kl(a, b) = a ln(a /
 * b) + (1 - a) ln((1 - a) / (1 - b)). Never wider than Hoeffding's. Source: W. Hoeffding, "Probability inequalities for sums of
 * bounded random variables", JASA 58 (1963), Theorem 1.
 */
export const chernoffKl: Bound = {
  name: "chernoff-kl",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  ...fromMean((mean, n, delta) => {
    const wanted = -log(delta) / n;
    return leastWhere((m) => kl(mean, m) >= wanted, mean, 1);
  }),
};

function kl(a: number, b: number): number {
  const rest = a === 1 ? 0 : b === 1 ? Infinity : (1 - a) * log((1 - a) / (1 - b));
  return (a === 0 ? 0 : a * log(a / b)) + rest;
}
