import { showShape } from "../../autodiff/shape.ts";
import type { Batch } from "../constraints/batch.ts";
import type { Leaf } from "../constraints/expression.ts";
import { leafError } from "../constraints/leaf_error.ts";
import { severalOutputs } from "../constraints/measure.ts";
import { taskNamed } from "../tasks/mod.ts";
import type { Problem } from "./problem.ts";
import { leavesOf } from "./promises.ts";

/**
 * @param placeOf names a row's place, for messages
 * @param labels labels of more rows than the batch, if known
 * @throws {ConstraintError} for a class that the model does not have
 * @throws {RangeError} for labels or outputs that do not fit the task, with the row
 */
export function checkOutputs(
  { promises, objective, task }: Problem,
  { predictions, labels: { data: found } }: Batch,
  placeOf: (row: number) => string,
  labels: ArrayLike<number> = found,
): void {
  const { shape } = predictions, [rows, outputs = 1] = shape, leaves = leavesOf(promises, objective);
  if (shape.length === 0 || shape.length > 2) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted [rows], [rows, 1] or [rows, classes]`);
  }
  if (rows !== found.length) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted one for each of ${found.length} rows`);
  }
  for (const leaf of leaves) checkIndices(leaf, outputs);
  const judged = leaves.map(({ measure }) => measure).filter((measure) => measure.task === task.name);
  const isCustom = judged.length > 0 && !judged.some((measure) => task.measures.includes(measure)) &&
    !(typeof objective === "function" && Object.values(task.losses).includes(objective));
  const otherwise = isCustom ? `; or, if ${judged[0].name} is of outputs of another kind, say so by task: "custom"` : "";
  task.check({ predictions, labels, placeOf, otherwise });
}

function checkIndices(leaf: Leaf, outputs: number): void {
  const { measure, index } = leaf, { name, task, indices, functional } = measure;
  if (measure.outputs === 1 && outputs > 1) {
    throw leafError(leaf, `${name} needs one output a row, and the model has ${outputs}; ${severalOutputs}`);
  }
  const wrong = measure.wrongIndex?.(index, outputs);
  if (wrong !== undefined) throw leafError(leaf, wrong);
  if (functional !== undefined || measure.wrongIndex !== undefined) return;
  const classes = taskNamed(task).indices(outputs);
  if (classes === 1 && index.length > 0) {
    throw leafError(leaf, `the model has one output a row, so ${name} takes no class; write ${name}`);
  }
  if (outputs > 1 && indices === 1 && index.length === 0) {
    throw leafError(
      leaf,
      `${name} needs a class, because the model has ${classes}: write ${name}_[k], k from 0 to ${classes - 1}`,
    );
  }
  for (const k of index) {
    if (k < 0 || k >= classes) {
      throw leafError(leaf, `class ${k} of ${name} is out of range: the model has classes 0 to ${classes - 1}`);
    }
  }
}
