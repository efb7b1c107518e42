import type { Tensor } from "../../autodiff/mod.ts";
import type { Leaf } from "../constraints/expression.ts";

/**
 * The objective that makes a return great: minus the mean of a measure, such as `maximize(J_pi_new_IS)` or
 * `maximize(J_pi_new_PDIS.of(1))`.
 */
export function maximize({ measure, index }: Leaf): (outputs: Tensor, labels: Tensor) => Tensor {
  const none = { columns: new Map(), arrays: new Map() };
  return (outputs, labels) =>
    measure.values({ predictions: outputs.cast("float64"), labels: labels.cast("float64"), ...none }, index).mean().neg();
}
