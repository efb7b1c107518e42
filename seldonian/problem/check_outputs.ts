import { showShape } from "../../autodiff/ndarray.ts";
import { logLoss } from "../../nn/losses.ts";
import type { Batch } from "../constraints/batch.ts";
import { leafError } from "../constraints/leaf_error.ts";
import type { Leaf } from "../constraints/expression.ts";
import { DataError } from "../data/data_error.ts";
import { severalOutputs } from "../measures/regression.ts";
import { standardMeasures } from "../measures/standard.ts";
import { checkProbabilities } from "../outputs.ts";
import type { Problem } from "./problem.ts";
import { leavesOf } from "./promises.ts";

/**
 * @param placeOf where a row stands, for messages
 * @param labels those of more rows than these, if they are known
 * @throws {ConstraintError} for a class that the model does not have
 * @throws {RangeError} for labels outside of the classes, with the row, and for outputs that are no probabilities
 */
export function checkOutputs(
  { promises, objective }: Pick<Problem, "promises" | "objective">,
  { predictions, labels: { data: found } }: Batch,
  placeOf: (row: number) => string,
  labels: ArrayLike<number> = found,
): void {
  const { shape } = predictions, [rows, classes = 1] = shape, leaves = leavesOf(promises, objective);
  if (shape.length === 0 || shape.length > 2) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted [rows], [rows, 1] or [rows, classes]`);
  }
  if (rows !== found.length) {
    throw new RangeError(`Cannot judge outputs of shape ${showShape(shape)}: wanted one for each of ${found.length} rows`);
  }
  for (const leaf of leaves) checkClasses(leaf, classes);
  const judged = leaves.map(({ measure }) => measure).filter(({ task }) => task === "classification");
  if (objective !== logLoss && judged.length === 0) return;
  const count = Math.max(2, classes),
    bad = Array.prototype.findIndex.call(
      labels,
      (label) => !(Number.isInteger(label) && label >= 0 && label < count),
    );
  if (bad >= 0) {
    const distinct = [...new Set(Array.from(labels))];
    throw new DataError(
      `Cannot use label ${labels[bad]} in ${placeOf(bad)}: wanted a class, a whole number from 0 to ${count - 1}`,
      distinct.length > 20 ? [] : [{
        when: "if these are the classes",
        option: "label",
        value: { column: "…", classes: distinct.sort((a, b) => a - b) },
      }],
    );
  }
  const own = objective !== logLoss && !judged.some((measure) => standardMeasures.includes(measure));
  checkProbabilities(
    predictions,
    placeOf,
    own ? `; or, if ${judged[0].name} is of outputs of another kind, say so by task: "regression"` : "",
  );
}

function checkClasses(leaf: Leaf, outputs: number): void {
  const { measure, index } = leaf, { name, task, indices, functional } = measure;
  // A custom measure says itself what it makes of several outputs.
  if (task === "regression" && outputs > 1 && standardMeasures.includes(measure)) {
    throw leafError(leaf, `${name} needs one output a row, and the model has ${outputs}; ${severalOutputs}`);
  }
  if (functional !== undefined) return;
  const classes = task === "classification" ? Math.max(2, outputs) : outputs;
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
