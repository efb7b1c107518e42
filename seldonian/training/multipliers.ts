import type { OptimizerSettings } from "../options.ts";

/** The multipliers of the constraints g_i <= 0: how much each counts in training. */
export interface Multipliers {
  /** The weights of the bounds on g_i in the descent of this step. */
  weights(g: readonly number[]): number[];
  /**
   * Takes a step; constraints without a bound, for want of rows, keep their multiplier.
   * @param factor on the rate, from a schedule
   */
  update(g: readonly number[], heard: readonly boolean[], factor: number): void;
}

/** Decay of the running mean of g². */
const decayOfSquares = 0.99;

/**
 * Ways to find the multipliers, with rate η and gain c. They begin at `starts` and stay at or above 0.
 *
 * "scaled": λ ← λ + η g / √(running mean of g²), so the rate does not depend on the unit of g, and multipliers take about as many
 * steps for a difference of rates as for a squared error (as in RMSProp: T. Tieleman and G. Hinton, 2012);
 *
 * "ascent": λ ← λ + η g, as in the Python toolkit (K. J. Arrow, L. Hurwicz and H. Uzawa, 1958);
 *
 * "augmented": the same, but a bound's weight is max(0, λ + c g), the slope of the augmented Lagrangian: a bound that is too high
 * counts at once (M. R. Hestenes, 1969; M. J. D. Powell, 1969; R. T. Rockafellar, 1973);
 *
 * "pi": λ ← λ + η g + c (ξ - ξ before), ξ the running mean of g, so multipliers follow the change of g, and swing less (M.
 * Sohrabi, J. Ramirez, T. H. Zhang, S. Lacoste-Julien and J. Gallego-Posada, "On PI controllers for updating Lagrange multipliers
 * in constrained optimization", ICML 2024).
 */
export function multipliers(
  starts: readonly number[],
  { dual, lambdaRate: rate, lambdaGain: gain, lambdaDecay: decay }: OptimizerSettings,
): Multipliers {
  const lambda = [...starts], count = lambda.length, mean = new Array<number>(count), squares = new Array<number>(count);
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
