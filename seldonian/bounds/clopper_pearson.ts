import { leastWhere } from "./bisect.ts";
import type { Bound } from "./bound.ts";
import { fromMean } from "./from_moments.ts";
import { binomialCdf } from "./incomplete_beta.ts";

/**
 * Clopper and Pearson's upper bound on a probability: the p at which k or fewer successes in n trials have probability delta, the
 * quantile of Beta(k + 1, n - k) at 1 - delta. Exact: no other bound that depends only on k, and grows with it, is lower. The
 * range's ends play the part of 0 and 1. A forecast uses k = n mean, which need not be whole. Source: C. J. Clopper and E. S.
 * Pearson, "The use of confidence or fiducial limits …", Biometrika 26 (1934).
 */
export const clopperPearson: Bound = {
  name: "clopper-pearson",
  assumes: "independent values that are 0 or 1",
  guarantee: "finite-sample",
  values: "binary",
  account: true,
  twoRates: true,
  ...fromMean((mean, n, delta) => clopperPearsonUpper(mean * n, n, delta)),
};

/** The bound for k successes in n trials; 1 where k = n. */
export function clopperPearsonUpper(k: number, n: number, delta: number): number {
  const count = Math.abs(k - Math.round(k)) < 1e-9 * n ? Math.round(k) : k;
  return count >= n ? 1 : leastWhere((p) => binomialCdf(count, n, p) <= delta, count / n, 1);
}
