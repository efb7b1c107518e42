import { checkPath } from "./path.ts";

/** One training step, as it was before the parameters changed. */
export interface Step {
  /** From 1. */
  step: number;
  /** From 1. */
  epoch: number;
  /** The objective on the batch. */
  f: number;
  /** For each constraint, the upper bound on g that the safety test is predicted to find; kept where it is <= 0. */
  g: number[];
  /** For each constraint, its multiplier. */
  lambda: number[];
  /** f + Σ lambda g. */
  lagrangian: number;
}

/** How far training is. */
export interface Progress extends Step {
  /** Steps there will be at most. */
  steps: number;
  /** Passes over the candidate data there will be at most. */
  epochs: number;
  /** Since training began. */
  seconds: number;
  /** False in the last call, which comes however training ends: then a display can be put away. */
  running: boolean;
}

/**
 * Writes each step to a file as one line of JSON, at once, so that an interrupted run leaves its log:
 * `train({ onStep: await logFile("run.jsonl"), … })`. A disk that fails later ends the log, not the run, with one line of warning.
 * @throws the runtime's error if the file cannot be opened
 */
export async function logFile(path: string): Promise<(step: Step) => void> {
  checkPath("keep a log", path);
  const { openSync, writeSync } = await import("node:fs");
  let file: number | null = openSync(path, "w");
  return (step) => {
    if (file === null) return;
    try {
      writeSync(file, `${JSON.stringify(step, nonFiniteAsText)}\n`);
    } catch (error) {
      file = null;
      console.warn(`The log ${path} ends at step ${step.step}: ${(error as Error).message}`);
    }
  };
}

/** For JSON.stringify: NaN and infinities as "NaN", "Infinity" and "-Infinity", which JSON has no numbers for. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
