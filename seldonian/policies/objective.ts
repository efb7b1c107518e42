import type { Tensor } from "../../autodiff/mod.ts";
import { checkOptions, notNegative } from "../../autodiff/options.ts";
import type { Leaf } from "../constraints/expression.ts";
import { checkLevel, isOfAllRows, lawOf } from "../problem/objective.ts";
import { stateless } from "../training/stateless.ts";
import { weighed } from "./outputs.ts";

/**
 * The objective that makes a return great: minus a measure, such as `maximize(J_pi_new_IS)`, `maximize(J_pi_new_PDIS.of(1))` or
 * `maximize(J_pi_new_CVaR.of(0.1))`.
 * @param options `divergence`: how much to stay near the behaviour policy, a factor on the mean of (w - 1)^2, which estimates the
 * chi-square divergence between the laws of episodes; default 0
 * @throws {RangeError} for a measure that needs a level, without one
 */
export function maximize(
  leaf: Leaf,
  options: { divergence?: number } = {},
): (outputs: Tensor, labels: Tensor) => Tensor {
  const { divergence = 0 } = checkOptions("make an objective", options, { divergence: notNegative });
  checkLevel(leaf);
  const { measure, index } = leaf, none = { columns: new Map(), arrays: new Map() };
  // What it captures is seen on it, by digests of settings.
  const objective = Object.assign((outputs: Tensor, labels: Tensor) => {
    const predictions = outputs.cast("float64");
    const lost = lawOf(leaf, measure.values({ predictions, labels: labels.cast("float64"), ...none }, index)).neg();
    return divergence === 0 ? lost : lost.add(weighed(predictions, 0).weight.sub(1).square().mean().mul(divergence));
  }, { leaf, divergence });
  Object.defineProperty(objective, "name", { value: `-${leaf}` });
  if (stateless.has(measure)) stateless.add(objective);
  return isOfAllRows(leaf) ? Object.assign(objective, { perRow: false as const }) : objective;
}
