/**
 * Safety tests of a fixed model, and how often they pass. A test that is accepted without a warning passes a model that breaks
 * its promise with probability at most delta. Each rule was once broken. These tests count the passes under laws whose truth is
 * known.
 */
import { ok } from "node:assert/strict";
import { type measures, nn, safetyTest, type SafetyTestOptions, type Tensor } from "../../mod.ts";
import { uniformFloat64 } from "../../deps.ts";
import { randomStream } from "../../seldonian/random.ts";
import { atLeast } from "./exact.ts";
import { Fixed } from "./models.ts";

/** The delta of every promise here. */
export const delta = 0.05;

/** Uniform numbers in [0, 1) of a trial. */
export function uniforms(trial: number): () => number {
  const random = randomStream(trial, "draws");
  return () => uniformFloat64(random);
}

/** Fails if this many passes have probability below 1e-6 when each trial passes with probability at most delta. */
export function atMostDelta(passes: number, trials: number): void {
  ok(passes <= trials * delta || atLeast(passes, trials, delta) > 1e-6, `${passes} of ${trials} trials passed`);
}

/** The number of trials that pass. */
export async function passesOf(
  trials: number,
  draw: (uniform: () => number, trial: number) => SafetyTestOptions | Promise<SafetyTestOptions>,
): Promise<number> {
  let passes = 0;
  for (let trial = 0; trial < trials; trial++) {
    if ((await safetyTest(await draw(uniforms(trial), trial))).passed) passes++;
  }
  return passes;
}

export const model = nn.initialize(new Fixed(), 0);
export const promise = (text: string, more: Partial<SafetyTestOptions> = {}) => ({
  model,
  constraints: [{ text, delta }],
  ...more,
});
export const rows = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** The options for training a fixed model. */
export const untrained = {
  model,
  objective: (predictions: Tensor) => predictions.mean(),
  optimizer: { epochs: 1, inflation: 0, finalists: 0 },
};

/** The cost of a decision: 5 or 0. */
export const cost: measures.Measure = {
  name: "Cost",
  task: "classification",
  indices: 0,
  range: [0, 5],
  values: ({ predictions }) => predictions.reshape(predictions.size).mul(5),
};
