import type { Batch } from "./batch.ts";
import type { Sample } from "./sample.ts";
import { isMissing } from "../data/missing.ts";
import { type Answer, both, columnsOf, comparedValues, tester } from "./conditions.ts";
import type { Constraint } from "./expression.ts";

/** Rows in no group of a constraint; nothing is promised for them. */
export interface Outside {
  /** Another data set than the main one. */
  data?: string;
  /** The number of such rows. */
  rows: number;
  /** The number of all rows. */
  of: number;
  /** The number of such rows that may belong to a group, because a value is missing. */
  unknown: number;
  /** Their commonest values, such as `sex is missing`, with the number of rows. */
  values: (readonly [string, number])[];
}

/** The most values to name. */
const named = 3;

/**
 * The rows in no group of a constraint, if all of its measures are on groups. For a constraint on a single group, only rows of
 * unknown membership are listed: it leaves out the others on purpose.
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
        // A condition is not evaluated on a row that another one excludes.
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

/** The text for a message, without the constraint. */
export function outsideText({ data, rows, of, unknown, values }: Outside): string {
  const shown = values.map(([value, times]) => `${value} (${times.toLocaleString("en")})`).join(", ");
  return `${rows.toLocaleString("en")} of ${of.toLocaleString("en")} rows${
    data === undefined ? "" : ` of "${data}"`
  } of safety data ${rows === 1 ? "is" : "are"} in none of its groups${shown === "" ? "" : `: ${shown}`}${
    unknown === 0 ? "" : "; nothing is promised of them, whichever group they belong to"
  }`;
}
