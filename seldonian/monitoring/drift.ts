import { nameText } from "../constraints/conditions.ts";
import type { Description } from "../data/description.ts";
import { isMissing } from "../data/missing.ts";
import type { Outcome } from "./outcomes.ts";

/** How a mean of the inputs moved: a hint, without a promise. */
export interface Drift {
  /** A column, "output", or the part of rows with a level, as in `race == "a"`. */
  name: string;
  /** Its mean in the reference, or over the first outcomes. */
  before: number;
  /** Its mean over about the last thousand outcomes. */
  now: number;
  /** The distance in standard errors, at most 1,000; above about 4 it is hardly chance, if outcomes are independent. */
  errors: number;
}

/** What is kept of a mean: rows, mean and sum of squares before; rows and mean of late. */
export type Moving = [before: number, mean: number, squares: number, late: number, now: number];

/** Means by column and level; numbers have the level "". */
export type Inputs = Record<string, Record<string, Moving>>;

/** So many first outcomes are the reference, if none is given. */
const first = 1000;
/** The weight of an outcome in the mean of late. */
const weight = 1 / 500;
/** The most columns that are kept, and the most levels of each. */
const mostColumns = 40, mostLevels = 8;

/** The means of a described table. */
export function meansOf({ rows, columns }: Description): Inputs {
  return Object.fromEntries(
    columns.slice(0, mostColumns).map(({ name, missing, numbers, levels = [] }) => {
      const n = rows - missing, moving = (mean: number, variance: number): Moving => [n, mean, n * variance, 0, 0];
      if (numbers === undefined) {
        return [
          name,
          Object.fromEntries(levels.slice(0, mostLevels).map(([level, k]) => [level, moving(k / n, k / n * (1 - k / n))])),
        ];
      }
      const { low, high, mean, quartiles: [lower, , upper] } = numbers;
      // The quartiles of a normal law are 1.35 deviations apart; 0 and 1 have a deviation of their own.
      const variance = low === 0 && high === 1 ? mean * (1 - mean) : Math.max((upper - lower) / 1.35, (high - low) / 20) ** 2;
      return [name, { "": moving(mean, variance) }];
    }),
  );
}

/** Follows the means of an outcome's output and columns. */
export function followInputs(inputs: Inputs, { output, columns = {} }: Outcome, hasReference: boolean): void {
  const told = typeof output === "number" ? { output } : Object.fromEntries(output.map((one, k) => [`output ${k}`, one]));
  for (const [name, value] of Object.entries({ ...columns, ...told })) {
    if (value === null || isMissing(value)) continue;
    if (!Object.hasOwn(inputs, name)) {
      if (hasReference || Object.keys(inputs).length >= mostColumns) continue;
      define(inputs, name, {});
    }
    const means = inputs[name], level = typeof value === "string" ? value : "", known = Object.keys(means);
    if (!known.includes(level) && known.length < mostLevels && !(hasReference && level === "")) {
      // Earlier rows had another level.
      const [before, , , late] = means[known[0]] ?? [0, 0, 0, 0, 0];
      define<Moving>(means, level, [before, 0, 0, late, 0]);
    }
    for (const [key, mean] of Object.entries(means)) {
      if (key === "") {
        if (level === "") add(mean, Number(value), hasReference);
      } else add(mean, key === level ? 1 : 0, hasReference);
    }
  }
}

/** Sets an own property, whatever its name: `__proto__` is a column like any other. */
function define<Value>(of: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(of, name, { value, enumerable: true, configurable: true, writable: true });
}

function add(mean: Moving, value: number, hasReference: boolean): void {
  if (!hasReference && mean[0] < first) {
    const away = value - mean[1];
    mean[0]++;
    mean[1] += away / mean[0];
    mean[2] += away * (value - mean[1]);
  } else {
    mean[3]++;
    mean[4] += (value - mean[4]) * Math.max(weight, 1 / mean[3]);
  }
}

/** The means, the most moved first, as soon as there are some rows to compare. */
export function driftIn(inputs: Readonly<Inputs>): Drift[] {
  return Object.entries(inputs).flatMap(([column, means]) =>
    Object.entries(means).flatMap(([level, [before, mean, squares, late, now]]): Drift[] => {
      if (late < 100 || before === 0) return [];
      const name = level === "" ? nameText(column) : `${nameText(column)} == ${JSON.stringify(level)}`;
      const error = Math.sqrt(squares / before * (1 / before + Math.max(1 / late, weight / (2 - weight))));
      return [{ name, before: mean, now, errors: now === mean ? 0 : Math.min(1000, Math.abs(now - mean) / error) }];
    })
  ).sort((a, b) => b.errors - a.errors);
}
