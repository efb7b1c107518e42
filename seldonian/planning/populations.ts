import { checkArgument, checkOptions, type Known, needed, number, record } from "../../autodiff/options.ts";
import { valueOf } from "../constraints/evaluate.ts";
import type { Compared, Promised } from "../constraints/promise.ts";
import { groupsAmong, groupsWith, type ShiftedGroup, statedShift } from "../shift/groups.ts";
import { checkPossible, populationsOf } from "../shift/populations.ts";
import type { Shift } from "../shift/shift.ts";
import { pointsOf, vertices } from "../shift/vertices.ts";
import type { Drawn } from "./draws.ts";
import { givenRate, lawsOf, type Stratum } from "./laws.ts";

/** A group of a shift, as it is in the data. */
export interface PlannedGroup {
  /** Its part of the rows. */
  part: number;
  /** The rate of each measure in it, and the fraction of its rows that the measure covers (default 1). */
  rates: Readonly<Record<string, number | { rate: number; part?: number }>>;
}

const groupParts: Known<PlannedGroup> = {
  part: needed({ ...number, wanted: "its part of the rows, such as 0.2" }),
  rates: needed({ ...record, wanted: "the rate of each measure in it, such as { ACC: 0.97 }" }),
};
const action = "tell how much data is needed";

/**
 * The promise for the populations of a shift, the strata of the data, and the formula's greatest value over these populations.
 * @throws {RangeError} for groups that are not those of the shift, parts that do not sum to 1, and a measure without a rate
 */
export function planned(
  promised: Promised,
  shift: Shift,
  given: Readonly<Record<string, PlannedGroup>>,
): { promised: Compared; strata: Stratum[]; value: number } {
  checkPossible(promised, false);
  const groups = groupsOf(shift), { constraint: { g, leaves } } = promised, names = groups.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`Cannot ${action}: groups has "${unknown}", and shift has ${names.join(", ")}; name the same`);
  }
  const rates = groups.map(({ name, condition }, d) => {
    const place = `groups[${JSON.stringify(name)}]`;
    checkArgument(action, place, given[name], {
      ...record,
      wanted: "the group's part and rates, as { part: 0.2, rates: { ACC: 0.97 } }",
    });
    const { part, rates } = checkOptions(action, given[name], groupParts, place);
    if (!(part >= 0 && part <= 1)) throw new RangeError(`Cannot use the part ${part} of ${place}: wanted a number from 0 to 1`);
    const own = leaves.filter((leaf) => groupsWith(leaf, groups, { exclusive: [], classes: 2 }).includes(d));
    return { condition, part, rates, leaves: own, place: `${place}.rates` };
  });
  const sum = rates.reduce((total, { part }) => total + part, 0);
  if (Math.abs(sum - 1) > 1e-9) throw new RangeError(`Cannot use groups: their parts of the data sum to ${sum}; wanted 1`);
  const strata = rates.map(({ part, rates, leaves, place }) => ({ part, laws: lawsOf(leaves, rates, promised, place) }));
  const valueAt = (p: readonly number[]) => {
    const means = leaves.map((leaf) => {
      const own = rates.flatMap(({ rates, leaves, place }, d) =>
        leaves.includes(leaf) && p[d] > 0 ? [{ weight: p[d], ...givenRate(leaf, rates, place) }] : []
      );
      const all = own.reduce((total, { weight, part }) => total + weight * part, 0);
      return [`${leaf}`, own.reduce((total, { weight, part, rate }) => total + weight * part * rate, 0) / all] as const;
    });
    return valueOf(g, new Map(means));
  };
  const values = pointsOf(vertices(groups)).map(valueAt).filter((value) => !Number.isNaN(value));
  return {
    promised: { ...promised, populations: populationsOf(groups, (rows) => (rows as Drawn).strata) },
    strata,
    value: values.length === 0 ? NaN : Math.max(...values),
  };
}

/** The groups of a shift, whose column has numbers if all of their names are. */
function groupsOf(shift: Shift): ShiftedGroup[] {
  const stated = statedShift(shift), { column = "", parts } = stated;
  const areNumbers = parts.every(({ name }) => name.trim() !== "" && Number.isFinite(Number(name)));
  return groupsAmong(stated, new Map([[column, areNumbers ? Float64Array.of(0) : []]]));
}
