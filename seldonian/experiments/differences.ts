import { type Known, text } from "../../autodiff/options.ts";
import { lowerBound, upperBound } from "../bounds/mod.ts";
import { type Banded, confidence, meanOf } from "./summary.ts";
import type { TrialResult } from "./trial.ts";

/** What results are compared with. */
export interface Compared {
  /** The name of a contender: the others are shown by their differences to it, trial by trial; default: each by itself. */
  against?: string;
}

/** The allowed options of a comparison. */
export const compared: Known<Compared> = { against: text };

/** How a contender differs from another at one size, by trials of the same rows. */
export interface Difference {
  /** The contender's name. */
  contender: string;
  /** The number of rows. */
  size: number;
  /** The number of pairs of trials. */
  pairs: number;
  /**
   * The rate of solutions less the other's. Each pair is 1, 0 or -1; the band is that of STaR-Bets for independent values in a known
   * range, proven for every number of pairs (V. Voráček and F. Orabona, 2025).
   */
  solutions: Banded;
  /** The rate of broken promises less the other's, with the same band. */
  broken: Banded;
  /** The mean of differences of performance, over pairs of two models, with Student's band; `null` without such a pair. */
  performance: Banded | null;
}

/** The differences of all contenders to one, by size, in the order of the results. */
export function differencesTo(against: string, results: readonly TrialResult[]): Difference[] {
  const key = ({ size, trial }: TrialResult) => `${size} ${trial}`;
  const others = new Map(results.filter(({ contender }) => contender === against).map((one) => [key(one), one]));
  if (others.size === 0) {
    const names = new Set(results.map(({ contender }) => contender));
    throw new RangeError(`Cannot compare with ${against}: the contenders are ${[...names].join(", ")}`);
  }
  const groups = new Map<string, [TrialResult, TrialResult][]>();
  for (const one of results) {
    const other = others.get(key(one));
    if (one.contender === against || other === undefined) continue;
    const name = `${one.size} ${one.contender}`, group = groups.get(name);
    if (group === undefined) groups.set(name, [[one, other]]);
    else group.push([one, other]);
  }
  return [...groups.values()].map((pairs) => {
    const [[{ contender, size }]] = pairs;
    const performances = pairs.flatMap(([{ performance: a }, { performance: b }]) => a === null || b === null ? [] : [a - b]);
    return {
      contender,
      size,
      pairs: pairs.length,
      solutions: rateDifference(pairs.map(([a, b]) => Number(a.solution) - Number(b.solution))),
      broken: rateDifference(pairs.map(([a, b]) => Number(a.broken) - Number(b.broken))),
      performance: performances.length === 0 ? null : meanOf(performances),
    };
  });
}

/** The mean of values that are 1, 0 or -1, with its band. */
function rateDifference(values: readonly number[]): Banded {
  const asked = { delta: (1 - confidence) / 2, range: [-1, 1] as const, method: "star" as const };
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  return { value, low: lowerBound(values, asked), high: upperBound(values, asked) };
}
