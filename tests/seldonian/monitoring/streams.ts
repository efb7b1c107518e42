/** Streams of outcomes that are drawn from a population, as a monitor sees them, without reading each row anew. */
import { leavesIn } from "../../../seldonian/constraints/expression.ts";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { growBy, newCapital } from "../../../seldonian/monitoring/e_process.ts";
import { read } from "../../../seldonian/monitoring/outcomes.ts";
import { among } from "../../../seldonian/monitoring/several.ts";
import { watched } from "../../../seldonian/monitoring/watch.ts";
import { promises } from "../../../seldonian/problem/promises.ts";
import { taskOf } from "../../../seldonian/tasks/mod.ts";
import { drawn, optionsFor, uniforms } from "./worlds.ts";

/** When alarms ring for promises, in streams of a population. */
export interface Streams {
  /** The outcome that rings the first alarm in a stream; `undefined` if there is none. */
  alarm(seed: number, length: number): number | undefined;
  /**
   * Whether a z-test for a fixed number of outcomes, at a level and looked at after each, ever rejects the first promise, which is
   * linear in measures of rows that differ. It begins with the 30th row of each measure.
   */
  rejected(seed: number, length: number, quantile: number): boolean;
  /** The same as `alarm()`, by a `Monitor`. */
  alarmOfMonitor(seed: number, length: number): number | undefined;
}

/** The same steps as a monitor's, on values that were read once for each row of the population. */
export function streamsOf(texts: readonly string[], population: readonly Outcome[], alpha: number): Streams {
  const { exclusive = [], ranges = {} } = optionsFor(`${texts}`), constraints = texts.map((text) => ({ text, delta: 0.05 }));
  const promised = promises({ constraints, measures: [], rates: "expected", ranges, shares: "equal" });
  const leaves = leavesIn(...promised.map(({ constraint: { g } }) => g)),
    task = taskOf(leaves.map((leaf) => leaf.measure), undefined);
  const { values } = read(population, { promised, leaves, task, rates: "expected", classes: undefined, exclusive }, null, String);
  const [{ output }] = population, known = { exclusive, classes: typeof output === "number" ? 2 : output.length };
  const all = promised.map((one) => watched(one, known).ways);
  // Formulas of one group; none of these streams has a group that another one excludes.
  const atOnce = all.filter(({ length }) => length === 1).flat(2).filter(({ group }) => group !== undefined).length;
  let row = 0;
  const valueOf = (leaf: string) => values.get(leaf)![row];
  return {
    alarm(seed, length) {
      const uniform = uniforms(seed), pool = newCapital();
      const states = all.map((ways) => ways.map((way) => way.map((watch) => watch.initial()))), eValues = texts.map(() => 0);
      for (let t = 1; t <= length; t++) {
        row = Math.floor(population.length * uniform());
        let won = 0;
        for (let i = 0; i < all.length; i++) {
          eValues[i] = Infinity;
          for (let j = 0; j < all[i].length; j++) {
            const way = all[i][j];
            let sum = 0;
            for (let k = 0; k < way.length; k++) {
              const state = states[i][j][k], own = way[k].add(state, valueOf);
              if (all[i].length === 1) won += own ?? 0;
              if (way[k].settled(state)) sum += way[k].eValue(state);
            }
            eValues[i] = Math.min(eValues[i], sum / way.length);
          }
        }
        if (atOnce > 0 && texts.length > 1) growBy(pool, won / atOnce);
        const eValue = texts.length === 1 ? eValues[0] : among(eValues, pool).eValue;
        if (eValue >= 1 / alpha) return t;
      }
    },
    rejected(seed, length, quantile) {
      const uniform = uniforms(seed), { constant, terms } = promised[0].ways[0][0].form!;
      const sums = terms.map(({ leaf, coefficient }) => ({ of: values.get(`${leaf}`)!, coefficient, n: 0, sum: 0, squares: 0 }));
      for (let t = 0; t < length; t++) {
        const row = Math.floor(population.length * uniform());
        let value = constant, variance = 0, least = Infinity;
        for (const one of sums) {
          const z = one.of[row];
          if (!Number.isNaN(z)) {
            one.n++;
            one.sum += z;
            one.squares += z * z;
          }
          const mean = one.sum / one.n;
          value += one.coefficient * mean;
          variance += one.coefficient ** 2 * (one.squares / one.n - mean * mean) / one.n;
          least = Math.min(least, one.n);
        }
        if (least >= 30 && value > quantile * Math.sqrt(variance)) return true;
      }
      return false;
    },
    alarmOfMonitor(seed, length) {
      const monitor = new Monitor(texts, { exclusive, ranges, alpha });
      return monitor.add(drawn(population, length, uniforms(seed))).alarm?.outcome;
    },
  };
}
