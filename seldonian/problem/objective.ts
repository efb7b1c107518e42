import { Tensor } from "../../autodiff/mod.ts";
import { showShape, withoutPairs } from "../../autodiff/shape.ts";
import { shown } from "../../autodiff/options.ts";
import type { Batch } from "../constraints/batch.ts";
import { Leaf } from "../constraints/expression.ts";
import type { Objective } from "./stated.ts";

/** The objective of a batch, shape [] float64. */
export function objectiveOf(objective: Objective, predictions: Tensor, batch: Batch): Tensor {
  const value = objective instanceof Leaf
    ? lawOf(objective, batch.values(objective))
    : withoutPairs(batch.rows, () => objective(predictions, batch.labels));
  return oneNumber("minimise an objective", value).cast("float64");
}

/** What a measure says of its values: their mean, or another functional of them, shape []. */
export function lawOf({ measure: { functional }, index: [level = NaN] }: Leaf, values: Tensor): Tensor {
  return functional === undefined ? values.mean() : functional.value(values, level);
}

/** @throws {RangeError} for an objective that needs a level, such as CVaR, without one */
export function checkLevel(objective: unknown): void {
  if (!(objective instanceof Leaf)) return;
  const { measure: { name, functional }, index: [level] } = objective;
  if (functional === undefined || functional.levels === 0 || (level > 0 && level < 1)) return;
  throw new RangeError(
    `Cannot use ${name} as an objective at the level ${level}: wanted one between 0 and 1, as in ${name}.of(0.1)`,
  );
}

/** Whether an objective of many rows is not the mean of those of parts of them, such as a ratio of two sums. */
export function isOfAllRows(objective: Objective): boolean {
  const { perRow, functional }: { perRow?: boolean; functional?: unknown } = objective instanceof Leaf
    ? objective.measure
    : objective as object;
  return perRow === false || functional !== undefined;
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
