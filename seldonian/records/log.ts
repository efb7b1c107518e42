import { inColumns } from "../../autodiff/show.ts";
import { builtin } from "../builtin.ts";
import { short } from "../report/verdict.ts";
import { checkPath } from "./path.ts";

/** One training step, before the parameters changed. */
export interface Step {
  /** From 1. */
  step: number;
  /** From 1. */
  epoch: number;
  /** The objective on the batch. */
  f: number;
  /** For each constraint, the predicted upper bound on g of the safety test; <= 0 is kept. */
  g: number[];
  /** For each constraint, its multiplier. */
  lambda: number[];
  /** f + Σ lambda g. */
  lagrangian: number;
}

/** The progress of a run: of its search for settings, of training, or of the choice among the best steps. */
export type Progress = StepProgress | StageProgress;

/** The progress of training. */
export interface StepProgress extends Step {
  /** What the run does. */
  doing: "training";
  /** The most steps. */
  steps: number;
  /** The most passes over the candidate data. */
  epochs: number;
  /** Seconds since training began. */
  seconds: number;
  /** False in the last call, which comes however training ends, so that a display can be removed. */
  running: boolean;
}

/** The progress of what comes before the steps and after them. */
export interface StageProgress {
  /** Trials of a search for settings; or comparisons of the best steps on candidate data. */
  doing: "tuning" | "choosing";
  /** The number of trainings, or of steps, that are done. */
  done: number;
  /** The number of all. */
  of: number;
  /** Seconds since the stage began. */
  seconds: number;
  /** As for steps. */
  running: boolean;
  /** Of a search: the greatest probability of passing so far, if known. */
  passing?: number;
}

/** The most steps that a text shows at either end of a log. */
const ends = 3;

/** A log as a table of its first and last steps. */
export function logText(log: readonly Step[]): string {
  if (log.length === 0) return "no steps";
  const named = (list: readonly number[], name: string) => list.map((_, i) => list.length === 1 ? name : `${name}[${i}]`);
  const [{ g, lambda }] = log,
    isLong = log.length > 2 * ends,
    shown = isLong ? [...log.slice(0, ends), ...log.slice(-ends)] : log;
  const rows = shown.map(({ step, f, g, lambda, lagrangian }) => [step, f, ...g, ...lambda, lagrangian].map(short));
  const lines = inColumns([["step", "f", ...named(g, "g"), ...named(lambda, "lambda"), "lagrangian"], ...rows]);
  return [`${log.length} ${log.length === 1 ? "step" : "steps"}`, ...lines.toSpliced(ends + 1, 0, ...isLong ? ["…"] : [])].join(
    "\n",
  );
}

/**
 * Writes each step to a file at once, as one line of JSON, so that an interrupted run leaves its log:
 * `train({ onStep: await logFile("run.jsonl"), … })`. If the disk fails later, the log ends with one warning, and the run goes
 * on. No file stays open between steps.
 * @throws the runtime's error if the file cannot be opened
 */
export async function logFile(path: string): Promise<(step: Step) => void> {
  checkPath("keep a log", path);
  const { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync, writeSync } = await builtin("node:fs");
  writeFileSync(path, "");
  const add = (line: Uint8Array) => {
    const file = openSync(path, "a");
    try {
      const written = writeSync(file, line);
      if (written === line.length) return;
      // Of a line that does not fit, nothing stays.
      ftruncateSync(file, fstatSync(file).size - written);
      throw new Error(`it took ${written} of ${line.length} bytes; is the disk full?`);
    } finally {
      closeSync(file);
    }
  };
  let ended = false;
  return (step) => {
    if (ended) return;
    try {
      add(new TextEncoder().encode(`${JSON.stringify(step, nonFiniteAsText)}\n`));
    } catch (error) {
      ended = true;
      console.warn(`The log ${path} ends at step ${step.step}: ${(error as Error).message}`);
    }
  };
}

/** For JSON.stringify: NaN and infinities as "NaN", "Infinity" and "-Infinity", because JSON has no numbers for them. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
