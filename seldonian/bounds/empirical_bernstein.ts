import { log } from "../../autodiff/mathematics/elementary.ts";
import type { Bound } from "./bound.ts";
import { fromMoments } from "./from_moments.ts";

/**
 * Empirical Bernstein bound: on [0, 1], mean + √(2 v ln(2 / delta) / n) + 7 ln(2 / delta) / (3 (n - 1)), where v is the variance
 * with n - 1. Valid at every n >= 2. Source: A. Maurer and M. Pontil, "Empirical Bernstein bounds and sample variance
 * penalization", COLT 2009, Theorem 4.
 */
export const empiricalBernstein: Bound = {
  name: "empirical-bernstein",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  fewest: 2,
  ...fromMoments((mean, n, delta, variance) => {
    const l = log(2 / delta);
    return mean + Math.sqrt(2 * variance * l / n) + 7 * l / (3 * (n - 1));
  }),
};
