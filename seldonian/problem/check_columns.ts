import { nearestTo } from "../../autodiff/nearest.ts";
import { leafError } from "../constraints/leaf_error.ts";
import { levelHint } from "../constraints/level_hint.ts";
import type { Promised } from "../constraints/promise.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import type { Objective } from "./stated.ts";
import { checkMeasures, leavesOf } from "./promises.ts";

/**
 * Compares the constraints and the objective with the data before anything is computed. Columns are checked when training starts,
 * classes when the model's first output shows their number.
 * @throws {ConstraintError} for an unknown data set or column
 */
export function checkColumns(
  promised: readonly Promised[],
  objective: Objective | undefined,
  sets: Sets<Source>,
): void {
  checkMeasures(promised, objective);
  for (const leaf of leavesOf(promised, objective)) {
    const { measure, conditions, columns } = leaf, rows = sets.of(leaf.data);
    if (rows === undefined) {
      throw leafError(
        leaf,
        `there is no data set "${leaf.data}" in others; for the rows where a column is 1 write (${measure.name} | [${leaf.data}])`,
        leaf.data,
      );
    }
    if (measure.perRow === false && conditions.length > 0) {
      throw leafError(leaf, `${measure.name} has no value for each row, so it takes no condition`);
    }
    if (measure.perRow === false && rows.hasClusters) {
      throw leafError(
        leaf,
        `${measure.name} has no value for each row, so rows of one cluster cannot be recognised; give data without clusters`,
      );
    }
    if (measure.functional !== undefined && rows.hasClusters) {
      throw leafError(leaf, `${measure.name} of means of clusters would hide the worst rows of each; give data without clusters`);
    }
    const { columnNames } = rows;
    for (const name of columns) {
      if (columnNames.includes(name)) continue;
      const known = columnNames.length === 0 ? "the data has no columns" : `the data has ${columnNames.join(", ")}`;
      const hint = (rows instanceof DataSet ? levelHint(rows.columns, name) : undefined) ?? nearestTo(name, columnNames) ?? known;
      throw leafError(leaf, `unknown column "${name}"; ${hint}`, name);
    }
  }
}
