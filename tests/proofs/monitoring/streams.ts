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
  /** The same, by a `Monitor`. */
  alarmOfMonitor(seed: number, length: number): number | undefined;
}

/** A monitor's steps, on values that were read once for each row of the population. */
export function streamsOf(texts: readonly string[], population: readonly Outcome[], alpha: number): Streams {
  const { exclusive = [], ranges = {} } = optionsFor(`${texts}`), constraints = texts.map((text) => ({ text, delta: 0.05 }));
  const promised = promises({ constraints, measures: [], rates: "expected", ranges, shares: "equal" });
  const leaves = leavesIn(...promised.map(({ constraint: { g } }) => g)),
    task = taskOf(leaves.map((leaf) => leaf.measure), undefined);
  const values = read(
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
        watching.step(kept, values, Math.floor(population.length * uniform()), () => true);
        kept.outcomes++;
        watching.ring(kept, alpha);
      }
      return kept.alarm?.outcome;
    },
    alarmOfMonitor(seed, length) {
      const monitor = new Monitor(texts, { exclusive, ranges, alpha });
      return monitor.add(drawn(population, length, uniforms(seed))).alarm?.outcome;
    },
  };
}
