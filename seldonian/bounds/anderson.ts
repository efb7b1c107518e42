import { log } from "../../autodiff/mathematics/elementary.ts";
import type { Bound } from "./bound.ts";
import { hoeffding } from "./hoeffding.ts";

/**
 * Anderson's bound: the greatest mean of all laws whose distribution function is nowhere more than ε = √(ln(1 / delta) / 2n)
 * below the empirical one. Mass ε moves from the least values to the range's upper end. Never wider than Hoeffding's, whose
 * forecast it uses. For delta above 1/2, where the inequality ends, ε is that of 1/2.
 * Source: T. W. Anderson, "Confidence limits for the expected value of an arbitrary bounded random variable with a continuous
 * distribution function" (1969); ε: P. Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality" (1990), Theorem
 * 1.
 */
export const anderson: Bound = {
  name: "anderson",
  assumes: "independent values in a known finite range",
  guarantee: "finite-sample",
  values: "bounded",
  upper(values, { delta, range: [, high] }) {
    const n = values.length, moved = massMoved(n, delta), sorted = values.toSorted();
    let sum = Math.min(1, moved) * high;
    for (let i = 0; i < n; i++) sum += Math.min(1 / n, Math.max(0, (i + 1) / n - moved)) * sorted[i];
    return sum;
  },
  forecast: hoeffding.forecast,
};

/** ε of the one-sided Dvoretzky-Kiefer-Wolfowitz inequality. */
export function massMoved(n: number, delta: number): number {
  return Math.sqrt(-log(Math.min(delta, 0.5)) / (2 * n));
}
