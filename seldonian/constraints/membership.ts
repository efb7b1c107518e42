import { labelsOf } from "./measure.ts";
import { type Answer, both, compare, type Condition, either, opposite } from "./conditions.ts";
import { isMissing } from "../data/missing.ts";
import type { Leaf } from "./expression.ts";

/*
 * How the rows of two measures relate, before any row is seen. Two groups exclude each other only if their conditions cannot hold
 * together, never because no row of the data is in both: that event depends on the data, and a test that changes with it errs
 * more often than delta. So conditions are compared as formulas, over every combination of values that they distinguish.
 */

/** How the rows of two measures relate: the same, none in common, or neither is known. */
export type Kinship = "same" | "exclusive" | "unknown";

/** What is known about every row of a data set. */
export interface Known {
  /** Sets of columns of 0 and 1 in which no row has two 1s. */
  exclusive: readonly (readonly string[])[];
  /** The number of label classes. */
  classes: number;
}

/** With more combinations of values than this, conditions are not compared. */
const mostCombinations = 20000;

/**
 * Whether two measures of one data set cover the same rows, or rows that exclude each other, on every possible table. A column
 * takes the values that the conditions name, values between them and one beyond each end; a label takes every class.
 */
export function kinshipOf(a: Leaf, b: Leaf, known: Known): Kinship {
  const regions = [regionOf(a), regionOf(b)];
  const axes = axesOf(regions, known), combinations = axes.reduce((product, { values }) => product * values.length, 1);
  if (combinations > mostCombinations) return `${regions[0].key}` === `${regions[1].key}` ? "same" : "unknown";
  let same = true, exclusive = true;
  for (let code = 0; code < combinations && (same || exclusive); code++) {
    const at = new Map<string, Value>();
    let rest = code;
    for (const { name, values } of axes) {
      at.set(name, values[rest % values.length]);
      rest = Math.floor(rest / values.length);
    }
    const ones = (columns: readonly string[]) => columns.filter((column) => at.get(`column ${column}`) === 1).length;
    if (known.exclusive.some((columns) => ones(columns) > 1)) continue;
    const [first, second] = regions.map(({ holds }) => holds(at));
    // A value that a condition cannot handle ends the test, so no verdict depends on it.
    if (first === null || second === null) continue;
    if (first !== second) same = false;
    if (first && second) exclusive = false;
  }
  return exclusive ? "exclusive" : same ? "same" : "unknown";
}

type Value = number | string | boolean;

/** The rows that count for a measure. */
interface Region {
  key: string;
  conditions: readonly Condition[];
  /** `null` if a condition cannot handle the values. */
  holds(at: ReadonlyMap<string, Value>): boolean | null;
  /** How its label matters: by class, or through an unknown function. */
  label: "none" | "class" | "function";
  labelKey: string;
}

function regionOf({ measure, index, conditions }: Leaf): Region {
  const { counts, task, name } = measure,
    label = counts === undefined ? "none" : labelsOf[task] === "classes" ? "class" : "function";
  const labelKey = `counts ${name} ${index}`;
  const byLabel = (at: ReadonlyMap<string, Value>): boolean =>
    label === "none" || (label === "class" ? counts!(at.get("label") as number, index) : at.get(labelKey) as boolean);
  return {
    key: JSON.stringify([conditions, label === "none" ? "" : labelKey]),
    conditions,
    label,
    labelKey,
    holds(at) {
      try {
        return conditions.every((condition) => meets(condition, at) === true) && byLabel(at);
      } catch (error) {
        if (error === unasked) return null;
        throw error;
      }
    },
  };
}

const unasked = Symbol("a condition that cannot be asked of a value");

/** Evaluates a condition at some values, as `tester()` does on a row. */
function meets(condition: Condition, at: ReadonlyMap<string, Value>): Answer {
  switch (condition.kind) {
    case "column": {
      const value = at.get(`column ${condition.column}`) as number | string;
      if (isMissing(value)) return null;
      if (value !== 0 && value !== 1) throw unasked;
      return value === 1;
    }
    case "comparison": {
      const { relation, value: wanted } = condition, found = at.get(`column ${condition.column}`) as number | string;
      if (isMissing(found)) return null;
      if (typeof found !== typeof wanted) throw unasked;
      return compare[relation](found, wanted as number | string);
    }
    case "not":
      return opposite(meets(condition.of, at));
    case "and":
    case "or": {
      const first = meets(condition.left, at);
      if (first === (condition.kind === "or")) return first;
      return (condition.kind === "and" ? both : either)(first, meets(condition.right, at));
    }
  }
}

interface Axis {
  name: string;
  values: readonly Value[];
}

function axesOf(regions: readonly Region[], { classes }: Known): Axis[] {
  const named = new Map<string, Set<number | string>>();
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case "column":
      case "comparison": {
        const values = named.get(condition.column) ?? new Set();
        named.set(condition.column, values);
        if (condition.kind === "column") values.add(0).add(1);
        else if (typeof condition.value !== "object") values.add(condition.value);
        return;
      }
      case "not":
        return visit(condition.of);
      default:
        visit(condition.left);
        visit(condition.right);
    }
  };
  for (const { conditions } of regions) conditions.forEach(visit);
  const axes: Axis[] = Array.from(
    named,
    ([column, values]) => ({ name: `column ${column}`, values: representatives([...values]) }),
  );
  if (regions.some(({ label }) => label === "class")) {
    axes.push({ name: "label", values: Array.from({ length: classes }, (_, k) => k) });
  }
  for (const { label, labelKey } of regions) {
    if (label === "function" && !axes.some(({ name }) => name === labelKey)) axes.push({ name: labelKey, values: [false, true] });
  }
  return axes;
}

/** One value for each case that comparisons with these distinguish. */
function representatives(named: readonly (number | string)[]): Value[] {
  const numbers = named.filter((value) => typeof value === "number").sort((a, b) => a - b),
    texts = named.filter((value) => typeof value === "string").sort((a, b) => a < b ? -1 : 1);
  const between = numbers.flatMap((x, i) => i + 1 < numbers.length ? [x, x / 2 + numbers[i + 1] / 2] : [x]);
  // The last is a missing value.
  const found: Value[] = numbers.length === 0 ? [] : [-Infinity, ...between, Infinity, NaN];
  // The text right after x is x with the first of all characters appended. The empty text, before all others, is a missing one.
  if (texts.length > 0) found.push("", "\u0000", ...texts.flatMap((text) => [text, `${text}\u0000`]));
  return [...new Set(found)];
}
