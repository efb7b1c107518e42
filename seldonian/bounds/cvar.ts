import { Tensor } from "../../autodiff/mod.ts";
import { massMoved } from "./anderson.ts";
import type { Functional } from "./functional.ts";

/**
 * Conditional value at risk of a loss: the mean of its worst fraction `level` = α, inf over x of x + E(Z - x)₊ / α; for a loss
 * within [a, b] also b - 1/α ∫ (F(x) - (1 - α))₊ dx. Its bounds replace the distribution function F by F̂ - ε or F̂ + ε, with the
 * ε of {@link massMoved}: an upper bound needs a finite b, a lower one a finite a. Proven for every n.
 * Source: P. S. Thomas and E. Learned-Miller, "Concentration inequalities for conditional value at risk", ICML 2019, Theorems 3
 * and 4.
 */
export const cvar: Functional = {
  name: "thomas-learned-miller",
  assumes: "independent values in a known range",
  guarantee: "finite-sample",
  value: (values, level) => weighted(values, level, 0, null),
  upper: (values, level, { delta, range: [, high] }) =>
    weighted(Tensor.from(values), level, massMoved(values.length, delta), high).value,
  lower: (values, level, { delta, range: [low] }) =>
    weighted(Tensor.from(values), level, -massMoved(values.length, delta), low).value,
  forecast: (side, values, level, { n, delta, range: [low, high] }) =>
    side === "upper" ? weighted(values, level, massMoved(n, delta), high) : weighted(values, level, -massMoved(n, delta), low),
};

/**
 * The mean of the worst part of the empirical law after mass `moved` went from the least values to `end` or, if it is negative,
 * from the greatest ones. The rest of the mass keeps its order.
 */
function weighted(values: Tensor, level: number, moved: number, end: number | null): Tensor {
  const n = values.size, { data } = values;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((i, j) => data[i] - data[j]);
  // The i-th value in order has mass from i / n to (i + 1) / n. Mass moved to the upper end shifts it down; mass moved to the
  // lower end, up.
  const within = (from: number, to: number) => Math.max(0, Math.min(to, 1) - Math.max(from, 1 - level)) / level;
  const weights = Float64Array.from({ length: n }, (_, i) => within(i / n - moved, (i + 1) / n - moved));
  const rest = Math.max(0, 1 - weights.reduce((sum, weight) => sum + weight, 0));
  const sum = values.take(Tensor.from(order)).mul(Tensor.from(weights)).sum();
  return end === null || rest < 1e-15 ? sum : sum.add(rest * end);
}
