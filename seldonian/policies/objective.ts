import type { Tensor } from "../../autodiff/mod.ts";
import { checkOptions, notNegative } from "../../autodiff/options.ts";
import type { Leaf } from "../constraints/expression.ts";
import { stateless } from "../training/stateless.ts";
import { weighed } from "./outputs.ts";

/**
 * The objective that makes a return great: minus the mean of a measure, such as `maximize(J_pi_new_IS)` or
 * `maximize(J_pi_new_PDIS.of(1))`.
 * @param options `divergence`: how much to stay near the behaviour policy, a factor on the mean of (w - 1)^2, which estimates the
 * chi-square divergence between the laws of episodes; default 0
 */
export function maximize(
  { measure, index }: Leaf,
  options: { divergence?: number } = {},
): (outputs: Tensor, labels: Tensor) => Tensor {
  const { divergence = 0 } = checkOptions("make an objective", options, { divergence: notNegative });
  const none = { columns: new Map(), arrays: new Map() };
  const objective = (outputs: Tensor, labels: Tensor) => {
    const predictions = outputs.cast("float64");
    const lost = measure.values({ predictions, labels: labels.cast("float64"), ...none }, index).mean().neg();
    return divergence === 0 ? lost : lost.add(weighed(predictions, 0).weight.sub(1).square().mean().mul(divergence));
  };
  if (stateless.has(measure)) stateless.add(objective);
  return measure.perRow === false ? Object.assign(objective, { perRow: false as const }) : objective;
}
