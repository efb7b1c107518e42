import type { Batch, Sample } from "./batch.ts";
import { isMissing } from "../data/missing.ts";
import { type Answer, both, columnsOf, comparedValues, tester } from "./conditions.ts";
import type { Constraint } from "./expression.ts";

/** Rows that are in no group of a constraint, so that nothing is promised of them. */
export interface Outside {
  /** Another data set than the main one. */
  data?: string;
  /** How many there are. */
  rows: number;
  /** Of how many. */
  of: number;
  /** How many of them may belong to a group, as a value is missing. */
  unknown: number;
  /** The commonest values that they have, as `sex is missing`, with how many rows have them. */
  values: (readonly [string, number])[];
}

/** Values that are named, at most. */
const named = 3;

/**
 * The rows of the data that no group of a constraint takes in, where all of its measures are of groups. Of a constraint on one group only
 * those rows count of which it is not known whether they belong to it: that others do not is what it says.
 */
export function outsideOf({ leaves }: Constraint, sample: Sample): Outside[] {
  const sets = [...new Set(leaves.map(({ data }) => data))];
  return sets.flatMap((data) => {
    const own = leaves.filter((leaf) => leaf.data === data), { columns, labels } = sample.source(own[0]) as Batch;
    const groups = new Map(own.map((leaf) => [JSON.stringify(leaf.conditions), leaf.conditions]));
    if ([...groups.values()].some((conditions) => conditions.length === 0)) return [];
    const tests = [...groups.values()].map((conditions) => conditions.map((condition) => tester(condition, columns)));
    const asked = [...new Set([...groups.values()].flat().flatMap(columnsOf))], counts = new Map<string, number>();
    const flags = new Set(asked.filter((name) => {
      const values = columns.get(name)!;
      return values instanceof Float64Array && values.every((value) => value === 0 || value === 1 || value !== value);
    }));
    let rows = 0, unknown = 0;
    for (let row = 0; row < labels.size; row++) {
      let isIn = false, maybe = false;
      for (const group of tests) {
        // A condition is not asked of a row that another one leaves out.
        let answer: Answer = true;
        for (const test of group) if (answer !== false) answer = both(answer, test(row));
        if (answer === true) isIn = true;
        else if (answer === null) maybe = true;
      }
      if (isIn || (groups.size === 1 && !maybe)) continue;
      rows++;
      if (maybe) unknown++;
      const said = asked.flatMap((name): { text: string; lacks: boolean }[] => {
        const value = comparedValues(columns, name)[row], lacks = isMissing(value);
        if (lacks) return [{ text: `${name} is ${flags.has(name) ? "unknown" : "missing"}`, lacks }];
        return typeof value === "string" ? [{ text: `${name} is ${JSON.stringify(value)}`, lacks }] : [];
      });
      const key = said.filter(({ lacks }) => lacks || !maybe).map(({ text }) => text).join(", ");
      if (key !== "") counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    if (rows === 0) return [];
    const values = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, named);
    return [{ ...(data !== undefined && { data }), rows, of: labels.size, unknown, values }];
  });
}

/** In words, without the constraint. */
export function outsideText({ data, rows, of, unknown, values }: Outside): string {
  const shown = values.map(([value, times]) => `${value} (${times.toLocaleString("en")})`).join(", ");
  return `${rows.toLocaleString("en")} of ${of.toLocaleString("en")} rows${
    data === undefined ? "" : ` of "${data}"`
  } of safety data ${rows === 1 ? "is" : "are"} in none of its groups${shown === "" ? "" : `: ${shown}`}${
    unknown === 0 ? "" : "; nothing is promised of them, whichever group they belong to"
  }`;
}
