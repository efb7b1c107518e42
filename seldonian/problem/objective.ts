import { Tensor } from "../../autodiff/mod.ts";
import { showShape, withoutPairs } from "../../autodiff/shape.ts";
import { shown } from "../../autodiff/options.ts";
import type { Batch } from "../constraints/batch.ts";
import { Leaf } from "../constraints/expression.ts";
import type { Objective } from "./stated.ts";

/** The objective of a batch, shape [] float64. */
export function objectiveOf(objective: Objective, predictions: Tensor, batch: Batch): Tensor {
  const value = objective instanceof Leaf
    ? batch.values(objective).mean()
    : withoutPairs(batch.rows, () => objective(predictions, batch.labels));
  return oneNumber("minimise an objective", value).cast("float64");
}

/** Whether an objective of many rows is not the mean of those of parts of them, such as a ratio of two sums. */
export function isOfAllRows(objective: Objective): boolean {
  return (objective instanceof Leaf ? objective.measure : objective as { perRow?: boolean }).perRow === false;
}

/**
 * The value of a user's function, shape [].
 * @throws {TypeError} unless it is a tensor of one number
 */
export function oneNumber(action: string, value: unknown): Tensor {
  if (value instanceof Tensor && value.size === 1 && value.dtype !== "int32") return value.reshape();
  const found = value instanceof Tensor ? `a tensor of shape ${showShape(value.shape)}, ${value.dtype}` : shown(value);
  throw new TypeError(`Cannot ${action} that is ${found}: wanted a tensor of one number, float32 or float64, as by .mean()`);
}
