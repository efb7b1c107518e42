import type { Batch } from "../constraints/batch.ts";
import type { Sample, Units } from "../constraints/sample.ts";
import { evaluate } from "../constraints/evaluate.ts";
import { type Leaf, leavesIn } from "../constraints/expression.ts";
import { chosenFor, type Forecast, type Judgement, rangeOf } from "../constraints/judgement.ts";
import type { Compared, Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import { Shifted } from "./evaluation.ts";
import { type ShiftedGroup, shiftedGroups } from "./groups.ts";
import type { Populations } from "./shift.ts";
import { type Strata, strataOf } from "./strata.ts";
import { pointsOf, vertices } from "./vertices.ts";

/** The most steps of a search for the worst population. */
const mostSteps = 500;

/**
 * The promises, each with the populations that it must hold for.
 * @param isTest whether they are planned; then a group without rows fails the test instead of being an error
 * @throws {RangeError} for a shift that the data does not allow, and for what cannot be promised for other populations
 */
export async function shifted(promised: readonly Promised[], sets: Sets<Source>, isTest: boolean): Promise<Compared[]> {
  const made = new Map<string, Populations>(), found: Compared[] = [];
  for (const one of promised) {
    const { shift } = one, key = JSON.stringify(shift);
    if (shift === undefined) found.push(one);
    else {
      checkPossible(one, sets.main.hasClusters);
      const populations = made.get(key) ?? populationsOf(await shiftedGroups(shift, sets.main, isTest));
      made.set(key, populations);
      found.push({ ...one, populations });
    }
  }
  return found;
}

/** @throws {RangeError} for what cannot be promised for other populations */
export function checkPossible({ constraint, judgement }: Promised, hasClusters: boolean): void {
  const refuse = (why: string) => {
    throw new RangeError(
      `Cannot promise "${constraint}" for other populations: ${why}; leave out shift, or promise it by itself`,
    );
  };
  if (hasClusters) refuse("rows are in clusters, each of which may have rows of several groups");
  for (const leaf of constraint.leaves) {
    const { measure, data } = leaf, chosen = chosenFor(leaf, judgement), [low, high] = rangeOf(leaf, judgement);
    if (data !== undefined) refuse(`${leaf} is of another data set, and shift is of the main one`);
    if (measure.perRow === false) refuse(`${measure.name} has no value for each row, so that rows have no weights`);
    if (measure.functional !== undefined) refuse(`${measure.name} is no mean`);
    if (measure.sided !== undefined) refuse(`${measure.name} has other values for each side`);
    if (chosen !== undefined && chosen.name !== "star") {
      refuse(`the bound "${chosen.name}" is not proven for them; wanted "auto"`);
    }
    if (high - low === Infinity) refuse(`${leaf} has no finite range; declare one in ranges`);
  }
}

/**
 * Bounds for the populations of some groups.
 * @param stratify the groups of rows; default: by their conditions
 */
export function populationsOf(
  groups: readonly ShiftedGroup[],
  stratify: (rows: Units) => Strata = (rows) => strataOf(groups, rows as Batch),
): Populations {
  const corners = vertices(groups), points = pointsOf(corners), strataOfLeaf = new Map<string, number[]>();
  const over = (leaf: Leaf, sample: Sample, judgement: Judgement, forecast?: Forecast) => {
    const rows = sample.source(leaf) as Sample & Units;
    return new Shifted({ groups, corners, points, strataOfLeaf }, rows, stratify(rows), judgement, forecast);
  };
  return {
    evaluate(conjunct, sample, judgement, forecast) {
      const [leaf] = leavesIn(conjunct.g);
      if (leaf === undefined) return evaluate(conjunct, sample, judgement, forecast);
      return over(leaf, sample, judgement, forecast).evaluate(conjunct);
    },
    value: (g, sample, judgement) => over(leavesIn(g)[0], sample, judgement).worst(g, mostSteps),
  };
}
