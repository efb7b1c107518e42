import type { Tensor } from "../../autodiff/mod.ts";
import { cvar } from "../bounds/cvar.ts";
import { Leaf } from "../constraints/expression.ts";
import { type Outcomes, severalOutputs } from "../constraints/measure.ts";

/** Mean of (ŷ - y)², in the label's unit squared. */
export const Mean_Squared_Error: Leaf = new Leaf({
  name: "Mean_Squared_Error",
  task: "regression",
  outputs: 1,
  indices: 0,
  range: [0, Infinity],
  values: (outcomes) => errors(outcomes).square(),
});

/** Mean of ŷ - y, in the label's unit. */
export const Mean_Error: Leaf = new Leaf({
  name: "Mean_Error",
  task: "regression",
  outputs: 1,
  indices: 0,
  range: [-Infinity, Infinity],
  values: errors,
});

/**
 * Conditional value at risk of the squared error, `CVaR.of(0.1)` or `CVaR_[0.1]`: the mean of the worst tenth, in the label's
 * unit squared.
 */
export const CVaR: Leaf = new Leaf({ ...Mean_Squared_Error.measure, name: "CVaR", indices: 1, functional: cvar });

function errors({ predictions, labels }: Outcomes): Tensor {
  if (predictions.size !== labels.size) throw new RangeError(`wanted one a row; ${severalOutputs}`);
  return predictions.reshape(labels.size).sub(labels);
}
