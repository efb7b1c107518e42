/** Populations whose rows are drawn as outcomes, so that a promise can be put at their very edge. */
import { constraint } from "../../mod.ts";
import { valueOf } from "../../seldonian/constraints/evaluate.ts";
import { Monitor, type MonitorOptions, type Outcome } from "../../seldonian/monitoring/mod.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
export function uniforms(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/** Rows of two groups M and F, of a third O that overlaps both, with labels and decisions that depend on them. */
export const people: readonly Outcome[] = Array.from({ length: 1000 }, (_, i): Outcome => {
  const uniform = uniforms(i),
    M = uniform() < 0.35,
    O = uniform() < (M ? 0.7 : 0.4),
    label = uniform() < (M ? 0.5 : 0.35) ? 1 : 0;
  return {
    output: uniform() < (label === 1 ? 0.8 : 0.25) + (O ? 0.1 : 0) ? 1 : 0,
    label,
    columns: { M, F: !M, O, age: Math.floor(60 * uniform()) },
  };
});

/** The same with three classes. */
export const classes: readonly Outcome[] = people.map(({ columns }, i) => {
  const uniform = uniforms(5000 + i),
    label = Math.floor(3 * uniform()),
    told = uniform() < 0.7 ? label : Math.floor(3 * uniform());
  return { output: [0, 1, 2].map((k) => k === told ? 1 : 0), label, columns };
});

/** The same with numbers: errors within [-2, 2]. */
export const numbers: readonly Outcome[] = people.map(({ columns }, i) => {
  const uniform = uniforms(9000 + i), label = Math.floor(10 * uniform());
  return { output: label + (uniform() + uniform() + uniform() + uniform() - 2) * (columns!.O ? 1 : 0.5), label, columns };
});

/** The options that promises on these worlds need. */
export function optionsFor(text: string): MonitorOptions {
  const ranges = Object.entries({ Mean_Squared_Error: [0, 4], Mean_Error: [-2, 2], CVaR: [0, 4] } as const);
  return { exclusive: [["M", "F"]], ranges: Object.fromEntries(ranges.filter(([name]) => text.includes(name))) };
}

/** The value of a formula over a whole population. */
export function valueIn(population: readonly Outcome[], formula: string): number {
  const { g } = constraint(`${formula} <= 0`);
  const { promises: [{ measures }] } = new Monitor([`${formula} <= 1e9`], optionsFor(formula)).add(population);
  return valueOf(g, new Map(measures.map(({ name, mean }) => [name, mean])));
}

/** Rows drawn with equal probabilities. */
export function drawn(population: readonly Outcome[], count: number, uniform: () => number): Outcome[] {
  return Array.from({ length: count }, () => population[Math.floor(population.length * uniform())]);
}
