import { nearestName } from "../../autodiff/nearest.ts";
import { rowTest } from "../constraints/counting.ts";
import { comparedValues, comparisonsOf, ConditionError } from "../constraints/conditions.ts";
import { leafError } from "../constraints/leaf_error.ts";
import type { Leaf } from "../constraints/expression.ts";
import type { Promised } from "../constraints/promise.ts";
import type { AllColumns } from "../data/columns.ts";
import { chunkSize, DataSet, type Source } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import { leavesOf } from "./promises.ts";

/**
 * @param sets each data set with all its parts
 * @throws {ConstraintError} for a measure whose rows do not exist, such as a class or a level spelled otherwise in the data
 */
export async function checkSomeRows(
  promised: readonly Promised[],
  sets: Sets<readonly Source[]>,
): Promise<void> {
  const missing = new Map(
    leavesOf(promised, undefined).filter(({ measure, conditions }) => conditions.length > 0 || measure.counts !== undefined)
      .map((leaf) => [`${leaf}`, leaf]),
  );
  const look = (name: string | undefined, labels: ArrayLike<number>, columns: AllColumns, placeOf: (row: number) => string) => {
    for (const [key, leaf] of missing) {
      if (leaf.data !== name) continue;
      try {
        const counts = rowTest(leaf, labels, columns);
        for (let row = 0; row < labels.length && missing.has(key); row++) if (counts(row)) missing.delete(key);
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        throw leafError(
          leaf,
          error.row === null ? error.why : `unclear whether ${placeOf(error.row)} counts: ${error.why}`,
        );
      }
    }
  };
  for (const [name, parts] of sets.entries) {
    for (const part of parts) {
      if (missing.size === 0) return;
      if (part instanceof DataSet) look(name, part.labels, part.allColumns, (row) => part.place(row));
      else {
        let start = 0;
        for await (const { labels, columns } of part.chunks(chunkSize)) {
          const before = start;
          look(name, labels.data, columns, (row) => `row ${before + row}`);
          start += labels.size;
        }
      }
    }
  }
  for (const leaf of missing.values()) {
    const parts = sets.of(leaf.data)!, values = leaf.columns.map((column) => `"${column}" is ${valuesOf(parts, column)}`);
    throw leafError(
      leaf,
      `no row of the data counts for ${leaf}${leaf.measure.counts ? ", by its label and conditions" : ""}` +
        (nearestValue(leaf, parts) ?? (values.length === 0 ? "" : `; in the data ${values.join(", ")}`)),
    );
  }
}

/** The value in the data nearest to the one in a condition. */
function nearestValue({ conditions }: Leaf, parts: readonly Source[]): string | undefined {
  for (const { column, value } of conditions.flatMap(comparisonsOf)) {
    if (typeof value !== "string") continue;
    const levels = new Set(
      parts.flatMap((part) =>
        part instanceof DataSet ? Array.from<string | number>(comparedValues(part.allColumns, column)).map(String) : []
      ),
    );
    if (levels.has(value)) continue;
    const nearest = nearestName(value, [...levels]);
    if (nearest !== undefined) {
      return `; "${column}" is never ${JSON.stringify(value)}, and the nearest is ${JSON.stringify(nearest)}`;
    }
  }
}

/** Some values of a column, for a message. */
function valuesOf(parts: readonly Source[], column: string): string {
  const found = new Set(
    parts.flatMap((part) => part instanceof DataSet ? Array.from<string | number>(comparedValues(part.allColumns, column)) : []),
  );
  const some = [...found].slice(0, 8).map((value) => JSON.stringify(value));
  return some.length === 0 ? "never met" : `${some.join(" or ")}${found.size > some.length ? " or others" : ""}`;
}
