import { log } from "../../autodiff/mathematics/elementary.ts";
import type { Bound } from "./bound.ts";
import { fromMoments } from "./from_moments.ts";
import { binomialTail } from "./incomplete_beta.ts";

/** More than the digits lost in differences of moments. */
const rounded = 1 + 1e-9;
/** The share of delta for the variance. */
const varianceShare = 0.2;

/**
 * Empirical Bentkus bound on [0, 1]. With probability 1 - δ₁ the standard deviation is at most a = s + √(2 ln(1/δ₁) / (n - 1))
 * (and never above 1/2); and for values m - Z of variance a² that do not exceed b, P(Σ >= u) <= E(G - x)₊² / (u - x)² for every x
 * < u, where G sums n values that are b with probability a² / (a² + b²), else -a²/b. Since m - Z <= m, b starts at 1 and follows
 * the bound down: every iterate is valid. Source: A. Maurer and M. Pontil (COLT 2009), Theorem 10, for the deviation; V. Bentkus
 * (2004), Theorem 1.1, for the tail; their union: A. K. Kuchibhotla and Q. Zheng, "Near-optimal confidence sequences for bounded
 * random variables", ICML 2021.
 */
export const empiricalBentkus: Bound = {
  name: "empirical-bentkus",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  fewest: 2,
  ...fromMoments((mean, n, delta, variance) => {
    const first = varianceShare * delta, second = delta - first;
    const a = Math.min(0.5, Math.sqrt(variance) + Math.sqrt(-2 * log(first) / (n - 1)));
    let bound = 1;
    for (let i = 0; i < 30; i++) {
      const next = mean + deviation(n, a, bound, second) / n;
      if (!(next < bound - 1e-9)) break;
      bound = next;
    }
    return bound;
  }),
};

/**
 * The least u over x with E(G - x)₊² / (u - x)² = delta: x + √(E(G - x)₊² / delta). Any x is valid; the search finds the best.
 */
function deviation(n: number, a: number, b: number, delta: number): number {
  const p = a * a / (a * a + b * b), unit = b + a * a / b, origin = -n * a * a / b;
  // G = origin + unit K, K binomial (n, p), so x is expressed in successes k.
  const reach = (k: number) => {
    const whole = Math.max(0, Math.ceil(k));
    const zeroth = binomialTail(whole - 1, n, p), first = n * p * binomialTail(whole - 2, n - 1, p);
    const second = n * (n - 1) * p * p * binomialTail(whole - 3, n - 2, p) + first;
    return k + Math.sqrt(Math.max(0, second - 2 * k * first + k * k * zeroth) * rounded / delta);
  };
  let low = -n * p - 10, high = n;
  for (let i = 0; i < 60; i++) {
    const left = low + (high - low) * 0.381966, right = high - (high - low) * 0.381966;
    if (reach(left) <= reach(right)) high = right;
    else low = left;
  }
  return origin + unit * reach((low + high) / 2);
}
