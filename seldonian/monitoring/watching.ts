import type { Leaf } from "../constraints/expression.ts";
import type { Promised } from "../constraints/promise.ts";
import { growBy } from "./e_process.ts";
import { type About, kinOf } from "./kin.ts";
import type { FormulaReport, Kept } from "./monitor_kinds.ts";
import type { Read } from "./outcomes.ts";
import { among } from "./several.ts";
import { type PopulationSet, watched, type WatchedPromise } from "./watch.ts";

/** What outcomes add to. */
type Evidence = Pick<Kept, "states" | "pool">;

/** Promises that are watched together: what outcomes do to their evidence, which is kept outside. */
export class Watching {
  readonly #promises: readonly WatchedPromise[];
  /** By promise, whether it counts labelled outcomes only; and whether those do for which bets are on all at once. */
  readonly #needLabels: readonly boolean[];
  readonly #pooled: boolean;
  /** The most formulas of one group that an outcome may count for. */
  readonly #atOnce: number;

  /**
   * Chooses how to watch each promise.
   * @throws {ConstraintError} for a formula that a monitor does not watch
   * @throws {RangeError} for one that it does not watch for other populations
   */
  constructor(promised: readonly Promised[], about: About, set: PopulationSet | null) {
    this.#promises = promised.map((one) => watched(one, about, set));
    this.#needLabels = this.#promises.map(({ needsLabel }) => needsLabel);
    this.#pooled = this.#needLabels.includes(true);
    const apart: Leaf[][] = [];
    for (const { ways, needsLabel } of this.#promises) {
      for (const { group } of ways.length === 1 && needsLabel === this.#pooled ? ways[0] : []) {
        if (group === undefined) continue;
        const others = apart.find((leaves) => leaves.every((leaf) => kinOf(leaf, group, about) === "exclusive"));
        if (others === undefined) apart.push([group]);
        else others.push(group);
      }
    }
    this.#atOnce = apart.length;
  }

  /** By promise, way and formula, what is kept before the first outcome. */
  initial(): unknown[][][] {
    return this.#promises.map(({ ways }) => ways.map((way) => way.map((watch) => watch.initial())));
  }

  /**
   * One outcome for the promises that count it, and one bet on the sum of formulas, which wins soonest if many are broken: of promises
   * that need labels, if some do, since an output tells of the label that comes later. Its divisor does not depend on which of them
   * the outcome counts for, since that may depend on the values of others.
   */
  step({ states, pool }: Evidence, { values, groups }: Read, i: number, counts: (needsLabel: boolean) => boolean): void {
    const group = groups?.of[i] ?? 0, valueOf = (leaf: string) => values.get(leaf)![i];
    let sum = 0;
    this.#promises.forEach(({ ways, needsLabel }, p) => {
      if (!counts(needsLabel)) return;
      ways.forEach((way, j) =>
        way.forEach((watch, k) => {
          const won = watch.add(states[p][j][k], valueOf, group);
          if (typeof won === "number" && ways.length === 1 && needsLabel === this.#pooled) sum += won;
        })
      );
    });
    if (this.#atOnce > 0 && counts(this.#pooled)) growBy(pool, 1, sum / this.#atOnce);
  }

  /** Rings what must ring. */
  ring(kept: Evidence & Pick<Kept, "outcomes" | "alarm" | "alarms">, alpha: number): void {
    const enough = 1 / alpha, eValues = this.#eValues(kept, true);
    if (kept.alarms.length === 1 && eValues[0] < enough) return;
    const { shared, eValue } = among(eValues, this.#needLabels, kept.pool);
    if (kept.alarm === null && eValue >= enough) kept.alarm = { outcome: kept.outcomes, eValue };
    shared.forEach((eValue, i) => {
      if (kept.alarms[i] === null && eValue >= enough) kept.alarms[i] = { outcome: kept.outcomes, eValue };
    });
  }

  /** The evidence against each promise, with its share of alpha too, and that some promise is broken. */
  evidence(kept: Evidence): { eValues: number[]; shared: number[]; eValue: number } {
    const eValues = this.#eValues(kept, false);
    return { eValues, ...among(eValues, this.#needLabels, kept.pool) };
  }

  /** Each formula's interval errs with probability at most alpha divided by their number: together, with at most alpha. */
  formulas({ states }: Evidence, alpha: number): FormulaReport[][] {
    const each = alpha / states.flat(2).length;
    return this.#promises.map(({ ways }, i) =>
      ways.flatMap((way, j) =>
        way.map((watch, k) => {
          const state = states[i][j][k];
          return { text: watch.text, ...watch.seen(state, each), eValue: watch.eValue(state) };
        })
      )
    );
  }

  /**
   * The evidence against each promise.
   * @param onlySettled where an alarm may ring: evidence that waits for the end of a block counts as 0, since a block that began
   * badly could otherwise be left out by looking before its end
   */
  #eValues({ states }: Evidence, onlySettled: boolean): number[] {
    return this.#promises.map(({ ways }, i) =>
      ways.reduce((least, way, j) => {
        let sum = 0;
        way.forEach((watch, k) => {
          if (!onlySettled || watch.settled(states[i][j][k])) sum += watch.eValue(states[i][j][k]);
        });
        return Math.min(least, sum / way.length);
      }, Infinity)
    );
  }
}
