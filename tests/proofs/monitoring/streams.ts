/** Streams of outcomes that are drawn from a population, as a monitor sees them, without reading each row anew. */
import { leavesIn } from "../../../seldonian/constraints/expression.ts";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { newCapital } from "../../../seldonian/monitoring/e_process.ts";
import type { Alarm } from "../../../seldonian/monitoring/monitor_kinds.ts";
import { read } from "../../../seldonian/monitoring/outcomes.ts";
import { Watching } from "../../../seldonian/monitoring/watching.ts";
import { promises } from "../../../seldonian/problem/promises.ts";
import { taskOf } from "../../../seldonian/tasks/mod.ts";
import { drawn, optionsFor, uniforms } from "../../helpers/worlds.ts";

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

/** A monitor's steps, on values that were read once for each row of the population. */
export function streamsOf(texts: readonly string[], population: readonly Outcome[], alpha: number): Streams {
  const { exclusive = [], ranges = {} } = optionsFor(`${texts}`), constraints = texts.map((text) => ({ text, delta: 0.05 }));
  const promised = promises({ constraints, measures: [], rates: "expected", ranges, shares: "equal" });
  const leaves = leavesIn(...promised.map(({ constraint: { g } }) => g)),
    task = taskOf(leaves.map((leaf) => leaf.measure), undefined);
  const found = read(
    population,
    { promised, leaves, task, rates: "expected", classes: undefined, exclusive, shift: null },
    { outputs: null },
    String,
  );
  const [{ output }] = population, about = { exclusive, classes: typeof output === "number" ? 2 : output.length };
  const watching = new Watching(promised, about, null);
  return {
    alarm(seed, length) {
      const uniform = uniforms(seed), alarms = texts.map(() => null);
      const kept = { states: watching.initial(), pool: newCapital(), outcomes: 0, alarm: null as Alarm | null, alarms };
      while (kept.outcomes < length && kept.alarm === null) {
        watching.step(kept, found, Math.floor(population.length * uniform()), () => true);
        kept.outcomes++;
        watching.ring(kept, alpha);
      }
      return kept.alarm?.outcome;
    },
    rejected(seed, length, quantile) {
      const uniform = uniforms(seed), { constant, terms } = promised[0].ways[0][0].form!;
      const sums = terms.map(({ leaf, coefficient }) => ({
        of: found.values.get(`${leaf}`)!,
        coefficient,
        n: 0,
        sum: 0,
        squares: 0,
      }));
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
