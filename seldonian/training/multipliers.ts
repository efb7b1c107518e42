import type { OptimizerSettings } from "../options.ts";

/** The multipliers of the constraints g_i <= 0, which say how much each counts in training. */
export interface Multipliers {
  /** What the bound on g_i is weighed by in the descent of this step. */
  weights(g: readonly number[]): number[];
  /**
   * Takes a step; constraints that were not heard, for want of rows, keep their multiplier.
   * @param factor on the rate, as a schedule gives it
   */
  update(g: readonly number[], heard: readonly boolean[], factor: number): void;
}

/** Of the running mean of g². */
const decayOfSquares = 0.99;

/**
 * Ways to find the multipliers, of rate η and gain c. All begin at `lambda` and stay at or above 0.
 *
 * "scaled": λ ← λ + η g / √(running mean of g²), so that the rate does not depend on the unit of g, and multipliers arrive in
 * about as many steps for a difference of rates as for a squared error (as RMSProp: T. Tieleman and G. Hinton, 2012);
 *
 * "ascent": λ ← λ + η g, as the Python toolkit (K. J. Arrow, L. Hurwicz and H. Uzawa, 1958);
 *
 * "augmented": the same, but a bound is weighed by max(0, λ + c g), the slope of the augmented Lagrangian: it counts at once where
 * it is too high (M. R. Hestenes, 1969; M. J. D. Powell, 1969; R. T. Rockafellar, 1973);
 *
 * "pi": λ ← λ + η g + c (ξ - ξ before), ξ the running mean of g, so that multipliers follow how g changes, and swing less
 * (M. Sohrabi, J. Ramirez, T. H. Zhang, S. Lacoste-Julien and J. Gallego-Posada, "On PI controllers for updating Lagrange
 * multipliers in constrained optimization", ICML 2024).
 */
export function multipliers(
  count: number,
  { dual, lambda: start, lambdaRate: rate, lambdaGain: gain, lambdaDecay: decay }: OptimizerSettings,
): Multipliers {
  const lambda = new Array<number>(count).fill(start), mean = new Array<number>(count), squares = new Array<number>(count);
  return {
    weights: (g) => dual === "augmented" ? lambda.map((one, i) => Math.max(0, one + gain * g[i])) : [...lambda],
    update(g, heard, factor) {
      for (let i = 0; i < count; i++) {
        if (!heard[i]) continue;
        const before = mean[i] ?? g[i], square = squares[i] ?? g[i] * g[i];
        mean[i] = decay * before + (1 - decay) * g[i];
        squares[i] = decayOfSquares * square + (1 - decayOfSquares) * g[i] * g[i];
        const unit = dual === "scaled" && squares[i] > 0 ? Math.sqrt(squares[i]) : 1;
        lambda[i] = Math.max(0, lambda[i] + factor * rate * g[i] / unit + (dual === "pi" ? gain * (mean[i] - before) : 0));
      }
    },
  };
}
