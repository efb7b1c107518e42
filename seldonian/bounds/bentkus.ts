import { leastWhere } from "./bisect.ts";
import type { Bound } from "./bound.ts";
import { fromMean } from "./from_moments.ts";
import { binomialCdf } from "./incomplete_beta.ts";

/** More than the digits lost in the difference of two products. */
const rounded = 1 + 1e-10;

/**
 * Bentkus' bound in its convex-order form. Of all laws on [0, 1] with mean m, the sum of n values is most spread, in convex
 * order, for values of 0 and 1, so P(sum <= s) <= E(h - B)₊ / (h - s) for every h > s, B binomial (n, m). The bound is the m at
 * which the least of these, found at a whole h, is delta. Its probability is at most e times that of the exact bound for 0 and 1.
 * Source: W. Hoeffding (1963), Theorem 3 and (4.2), for the order; V. Bentkus, "On Hoeffding's inequalities", Annals of
 * Probability 32 (2004), Theorem 1.2, for the tail.
 */
export const bentkus: Bound = {
  name: "bentkus",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  ...fromMean((mean, n, delta) => {
    // A sum a little below a whole number counts as that number: a greater sum only widens the bound.
    const sum = mean * n, s = Math.abs(sum - Math.round(sum)) < 1e-9 * n ? Math.max(sum, Math.round(sum)) : sum;
    return s >= n ? 1 : leastWhere((m) => lowerTail(s, n, m) <= delta, mean, 1);
  }),
};

/** The bound on P(sum <= s) for mean m. The quotient falls and then rises with h. */
function lowerTail(s: number, n: number, m: number): number {
  let best = Infinity;
  for (let h = Math.floor(s) + 1; h <= n; h++) {
    // E(h - B)₊ = h P(B < h) - n m P(B' < h - 1), B' binomial (n - 1, m).
    const excess = h * binomialCdf(h - 1, n, m) - n * m * binomialCdf(h - 2, n - 1, m);
    const quotient = excess * rounded / (h - s);
    if (quotient >= best) break;
    best = quotient;
  }
  return best;
}
