import { median } from "../../deps.ts";
import { lowerBound, upperBound } from "../bounds/mod.ts";
import { studentUpperQuantile } from "../bounds/quantiles.ts";
import type { TrialResult } from "./trial.ts";

/** A number and its band. */
export interface Banded {
  /** The number. */
  value: number;
  /** The band's lower end. */
  low: number;
  /** The band's upper end. */
  high: number;
}

/** A contender at one size, over all trials. */
export interface Summary {
  /** The contender's name. */
  contender: string;
  /** The number of rows. */
  size: number;
  /** The number of trials. */
  trials: number;
  /** Trials that ended with an error; they count as trials without a solution. */
  failed: number;
  /** The rate of trials with a model, with Clopper and Pearson's band: exact for every number of trials. */
  solutions: Banded;
  /**
   * The rate of trials whose model breaks a constraint on the truth, or has one that cannot be judged there, with the same band. A
   * contender that promises delta must stay below it.
   */
  broken: Banded;
  /** The mean performance of the models, with Student's band; `null` without a model, and without a band for a single one. */
  performance: Banded | null;
  /** Models whose performance is not finite: the mean is that of the others. */
  unmeasured: number;
  /** The median of the trials' seconds. */
  seconds: number;
}

/** The confidence of all bands. */
export const confidence = 0.95;

/** Summaries by contender and size, in the order of the results. */
export function summaries(results: readonly TrialResult[]): Summary[] {
  const groups = new Map<string, TrialResult[]>();
  for (const result of results) {
    const key = `${result.size} ${result.contender}`, group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()].map((group) => {
    const [{ contender, size }] = group, performances = group.flatMap(({ performance }) => performance ?? []);
    return {
      contender,
      size,
      trials: group.length,
      failed: group.filter(({ error }) => error !== undefined).length,
      solutions: rateOf(group.map(({ solution }) => solution)),
      broken: rateOf(group.map(({ broken }) => broken)),
      performance: performances.length === 0 ? null : meanOf(performances),
      unmeasured: group.filter(({ solution, performance }) => solution && performance === null).length,
      seconds: median(group.map(({ seconds }) => seconds)),
    };
  });
}

/** A rate with Clopper and Pearson's band. */
export function rateOf(happened: readonly boolean[]): Banded {
  const values = Float64Array.from(happened, Number),
    asked = { delta: (1 - confidence) / 2, range: [0, 1] as const, method: "clopper-pearson" as const };
  return { value: mean(values), low: lowerBound(values, asked), high: upperBound(values, asked) };
}

/** A mean with Student's band. */
export function meanOf(values: readonly number[]): Banded {
  const value = mean(values), n = values.length;
  const variance = values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1);
  const half = n === 1 ? NaN : studentUpperQuantile((1 - confidence) / 2, n - 1) * Math.sqrt(variance / n);
  return { value, low: value - half, high: value + half };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
