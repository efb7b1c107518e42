import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import { DeviceError, inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { here } from "../../autodiff/remote_array.ts";
import type { Module } from "../../nn/module.ts";
import { Batch } from "../constraints/batch.ts";
import { sampleOf } from "../constraints/sample_of.ts";
import type { Forecast } from "../constraints/judgement.ts";
import { evaluatePromise, forecastFor, type Promised, type PromiseEvaluation } from "../constraints/promise.ts";
import { DataSet, type Rows } from "../data/data_set.ts";
import { placesOf } from "../data/units.ts";
import { straightThrough } from "../decision.ts";
import { Best, predictedBy, upperOf, violationAt } from "./finalists.ts";
import type { OptimizerSettings } from "../options.ts";
import { checkOutputs } from "../problem/check_outputs.ts";
import { objectiveOf, oneNumber } from "../problem/objective.ts";
import type { Problem } from "../problem/problem.ts";
import { shownAs } from "../../autodiff/show.ts";
import { logText, type Progress, type Step } from "../records/log.ts";
import type { Sets } from "../sets.ts";
import type { Trained } from "./trained.ts";
import { type Kept, regularizerOf, type Snapshot } from "./weights.ts";

/** Rows, and the model's outputs on them. */
export interface Told {
  rows: Rows;
  predictions: Tensor;
}

/** The results on the rows of a step. */
export interface Judged {
  /** The objective, shape [] float64. */
  f: Tensor;
  /** As training descends on them. */
  evaluations: PromiseEvaluation[];
  /** As they are tested: with decisions, if those are judged. */
  found: PromiseEvaluation[];
}

/** The inputs of a course. */
export interface CourseOptions {
  /** The problem on candidate data. */
  problem: Problem;
  settings: OptimizerSettings;
  /** Added to the objective in training, shape []. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
  /** The number of candidates to return. */
  candidates: number;
  /** The steps of all starts together. */
  steps: number;
  onStep?: (step: Step) => void;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** The course of training: the results of every step, and the best steps. */
export class Course {
  readonly log: Step[] = shownAs([], logText);
  /** The best steps for each candidate: the last of k is predicted to pass with 1 / k of the inflation. */
  readonly levels: { part: number; best: Best }[];
  /** Bounds that float32 parameters cannot tell from 0: multipliers often bring g there from above, and no further. */
  readonly nearly: number[];
  /** Parameters of the last step that was predicted to pass. */
  lastFeasible: Snapshot | null = null;
  readonly #began = performance.now();
  /** The temperature of the stand-in for decisions in this step, shape []. */
  readonly temperature: Tensor = Tensor.from(new Float64Array(1), []);
  /** The part of the inflation that this step is trained for, shape []; `undefined`: all of it, as there is one candidate. */
  readonly part: Tensor | undefined;
  #held: ReadonlySet<Snapshot | null> = new Set();

  constructor(readonly options: CourseOptions) {
    const { candidates, problem, settings } = options;
    this.levels = Array.from(
      { length: candidates },
      (_, i) => ({ part: 1 - i / candidates, best: new Best(Math.max(1, settings.finalists)) }),
    );
    this.nearly = problem.promises.map(() => 0);
    this.part = candidates > 1 ? Tensor.from(new Float64Array([1]), []) : undefined;
  }

  /** Why training must stop, if it must. */
  get interrupted(): string | null {
    return this.options.signal?.aborted ? `interrupted after ${this.log.length} of ${this.options.steps} steps` : null;
  }

  /**
   * Sets the temperature of the steps that follow: from 1 to the last one, by equal factors.
   * @param progress of training, from 0 to 1
   */
  sharpen(progress: number): void {
    here(this.temperature.array).data[0] = exp(progress * log(this.options.settings.temperature));
  }

  /** Trains for this candidate, from the safest, 0, in the steps that follow. */
  aim(candidate: number): void {
    if (this.part !== undefined) here(this.part.array).data[0] = this.levels[candidate].part;
  }

  /**
   * Judges the model's outputs.
   * @param told rows of each data set, and the model's outputs on them
   */
  judge(told: Sets<Told>): Judged {
    const { problem, settings } = this.options,
      { promises, objective, task, rates, sets, relations } = problem,
      { data } = sets.main;
    const sample = (decide: ((p: Tensor) => Tensor) | undefined, of: (p: Tensor) => Tensor) => {
      const batches = told.map(({ rows: { labels, columns, clusters }, predictions }, name) => {
        const { data: { exclusive }, safetyRows: testRows } = sets.of(name)!;
        return new Batch(of(predictions), labels, columns, { decide, testRows, exclusive, clusters });
      });
      return { main: batches.main, all: sampleOf(batches, relations) };
    };
    const { main, all } = sample(standIn(problem, settings, this.temperature), (p) => p);
    // Labels of a data set in memory are checked once, those of a stream as they come.
    const known = data instanceof DataSet;
    if (this.log.length === 0) checkOutputs(problem, main, placesOf(data), known ? data.labels : undefined);
    else if (!known) checkOutputs(problem, main, placesOf(data));
    const f = objectiveOf(objective!, told.main.predictions, main);
    const evaluations = promises.map((promised) => evaluatePromise(promised, all, this.forecastOf(promised)));
    const found = rates === "expected" ? evaluations : noGrad(() => {
      const decided = sample(task.decision!.decisions, (p) => p.detach()).all;
      return promises.map((promised) => evaluatePromise(promised, decided, this.forecastOf(promised)));
    });
    return { f, evaluations, found };
  }

  /**
   * Logs a step, and keeps its parameters if they are among the best.
   * @param found how the constraints were judged
   * @param weights the parameters to keep
   * @param options `minimized`: the objective and its additions; `eligible`: whether the step has enough rows to decide
   * @returns whether it is the best so far for one of the candidates
   */
  note(
    step: Omit<Step, "step">,
    found: readonly PromiseEvaluation[],
    weights: Kept,
    { minimized, eligible = true }: { minimized: number; eligible?: boolean },
  ): boolean {
    const noted = { step: this.log.length + 1, ...step }, { g } = noted, { steps, settings, onStep, onProgress } = this.options;
    this.log.push(noted);
    onStep?.(noted);
    if (onProgress !== undefined) {
      const seconds = (performance.now() - this.#began) / 1000;
      onProgress({ doing: "training", ...noted, steps, epochs: settings.epochs, seconds, running: true });
    }
    if (!Number.isFinite(noted.lagrangian)) return false;
    for (let i = 0; i < g.length; i++) {
      if (Number.isFinite(g[i])) this.nearly[i] = Math.max(this.nearly[i], 1e-6 * Math.abs(g[i]));
    }
    const now = this.part?.value ?? 1, predicted = predictedBy(found);
    if (violationAt(1 / now, predicted, this.nearly) === 0) {
      this.lastFeasible = weights.snapshot("theta", this.lastFeasible);
    }
    if (!eligible) {
      this.#forget();
      return false;
    }
    let kept: Snapshot | undefined, better = false;
    for (const { part, best } of this.levels) {
      const violation = violationAt(part / now, predicted, this.nearly);
      const theta = (spare?: Snapshot) => kept ??= weights.snapshot("state", this.#isOnlyIn(best, spare) ? spare : null);
      if (best.offer(theta, violation, minimized, noted.step)) better = true;
    }
    this.#forget();
    return better;
  }

  /** How a promise is predicted in this step. */
  forecastOf(promised: Promised): Forecast {
    return forecastFor(promised, this.options.settings, this.part);
  }

  /** The minimised additions to the objective: regularization theta · theta + penalty(model). */
  added({ model, theta }: Trained<Module>): number {
    const regularizer = regularizerOf(theta, this.options.settings);
    return inStep(() => noGrad(() => this.penaltyOf(model).reduce((sum, { value }) => sum + value, regularizer)));
  }

  /** The penalty on the objective, shape [], on the parameters' device; empty if there is none. */
  penaltyOf(model: Module): Tensor[] {
    const { penalty } = this.options;
    return penalty === undefined ? [] : [oneNumber("add a penalty", penalty(model))];
  }

  /** Whether no other level has these parameters among its best. */
  #isOnlyIn(own: Best, theta: Snapshot | undefined): boolean {
    return this.levels.every(({ best }) => best === own || best.found.every((one) => one.theta !== theta));
  }

  /** Frees the memory of parameters that are no longer among the best. */
  #forget(): void {
    // Numbers here need no release.
    if (
      this.lastFeasible instanceof Float32Array || this.levels.some(({ best }) => best.found[0]?.theta instanceof Float32Array)
    ) return;
    const now = new Set([this.lastFeasible, ...this.levels.flatMap(({ best }) => best.found.map(({ theta }) => theta))]);
    for (const snapshot of this.#held) {
      if (snapshot !== null && !(snapshot instanceof Float32Array) && !now.has(snapshot)) snapshot.release();
    }
    this.#held = now;
  }

  /** Brings all kept parameters here; those that a device has lost are dropped. */
  async settle(): Promise<void> {
    for (const { best: { found } } of this.levels) {
      for (const entry of found.splice(0)) {
        const theta = await numbersIfThere(entry.theta);
        if (theta !== null) found.push({ ...entry, theta });
      }
    }
    this.lastFeasible = this.lastFeasible && await numbersIfThere(this.lastFeasible);
  }
}

/** A snapshot's numbers, if available. */
async function numbersIfThere(snapshot: Snapshot): Promise<Float32Array | null> {
  try {
    return snapshot instanceof Float32Array ? snapshot : await snapshot.read();
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

/** The bounds that decide. */
export function boundsOf(found: readonly PromiseEvaluation[]): number[] {
  return found.map(upperOf);
}

/**
 * The stand-in for decisions in training: smooth probabilities that end close to them. `undefined` where probabilities are
 * judged.
 * @param now the temperature of this step, shape []
 */
function standIn(
  { task: { decision }, rates }: Problem,
  { surrogate, temperature }: OptimizerSettings,
  now: Tensor,
): ((p: Tensor) => Tensor) | undefined {
  if (rates === "expected") return undefined;
  return (p) => surrogate === "annealed" ? decision!.softened(p, now) : straightThrough(decision!, p, temperature);
}
