import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import { DeviceError, inStep, noGrad, type Tensor } from "../../autodiff/mod.ts";
import { cloneModule, type FlatParameters, flatParameters, initialize, type Module, namedParameters } from "../../nn/module.ts";
import { mersenne } from "../../deps.ts";
import type { AssessedData, AssessedSets } from "../assess.ts";
import { Batch, sampleOf } from "../constraints/batch.ts";
import { evaluatePromise, type Promised, type PromiseEvaluation } from "../constraints/promise.ts";
import { DataSet, type Rows } from "../data/data_set.ts";
import { placesOf } from "../data/units.ts";
import { deciderFor, decisions, softened, straightThrough } from "../decision.ts";
import { Best, upperOf, violationAt, violationOf } from "./finalists.ts";
import type { OptimizerSettings } from "../options.ts";
import { checkOutputs, type Objective, objectiveOf, oneNumber } from "../problem.ts";
import type { Progress, Step } from "../report/log.ts";
import { type Kept, regularizerOf, type Snapshot } from "./weights.ts";

/** A copy of the user's model whose parameters lie in flat arrays. */
export interface Trained<M extends Module> extends FlatParameters {
  model: M;
}

/** A copy of a model to train. In the first start parameters keep the values that they have; in others they are drawn anew. */
export function trained<M extends Module>(given: M, seed: number, start: number): Trained<M> {
  const model = cloneModule(given);
  if (start > 0) {
    const random = mersenne(seed + start);
    for (const parameter of namedParameters(model).values()) {
      if (parameter.requiresGrad) parameter.fill(() => parameter.initial(random));
    }
  }
  return { model, ...flatParameters(initialize(model, seed)) };
}

/** What was found on the rows of a step. */
export interface Judged {
  /** The objective, shape [] float64. */
  f: Tensor;
  /** As training descends on them. */
  evaluations: PromiseEvaluation[];
  /** As they are tested: of decisions, where those are judged. */
  found: PromiseEvaluation[];
}

/** What a course needs to know. */
export interface CourseOptions {
  promised: readonly Promised[];
  objective: Objective;
  settings: OptimizerSettings;
  /** Candidate data. */
  sets: AssessedSets;
  /** Added to the objective in training, shape []. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
  /** Solutions to hand over. */
  candidates: number;
  /** Steps of all starts together. */
  steps: number;
  onStep?: (step: Step) => void;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** How training goes: what every step found, and the best of them. */
export class Course {
  readonly log: Step[] = [];
  /** The best steps for each solution to hand over: the last of k is predicted to pass with 1 / k of the inflation. */
  readonly levels: { part: number; best: Best }[];
  /** What float32 parameters cannot tell from 0: multipliers often bring g there from above, and no further. */
  readonly nearly: number[];
  /** Parameters of the last step that was predicted to pass. */
  lastFeasible: Snapshot | null = null;
  readonly #began = performance.now();
  #held: ReadonlySet<Snapshot | null> = new Set();

  constructor(readonly options: CourseOptions) {
    const { candidates, promised, settings } = options;
    this.levels = Array.from(
      { length: candidates },
      (_, i) => ({ part: 1 - i / candidates, best: new Best(Math.max(1, settings.finalists)) }),
    );
    this.nearly = promised.map(() => 0);
  }

  /** Why training is to stop, if it is. */
  get interrupted(): string | null {
    return this.options.signal?.aborted ? `interrupted after ${this.log.length} of ${this.options.steps} steps` : null;
  }

  /**
   * What the model's outputs come to.
   * @param predictions the model on the rows
   * @param others the same of rows of other data sets, by name
   * @param progress how far training is, from 0 to 1: decisions have a slope by a stand-in that sharpens
   */
  judge(
    rows: Rows,
    predictions: Tensor,
    others: ReadonlyMap<string, { rows: Rows; predictions: Tensor }>,
    progress: number,
  ): Judged {
    const { promised, objective, settings, sets } = this.options, { main: { data } } = sets, { rates } = promised[0].judgement;
    const forecast = { inflation: settings.inflation };
    const sample = (decide: ((p: Tensor) => Tensor) | undefined, of: (p: Tensor) => Tensor) => {
      const batch = (rows: Rows, predictions: Tensor, { data: { exclusive }, testRows }: AssessedData) =>
        new Batch(of(predictions), rows.labels, rows.columns, { decide, testRows, exclusive, clusters: rows.clusters });
      const main = batch(rows, predictions, sets.main);
      const besides = Array.from(
        others,
        ([name, { rows, predictions }]) => [name, batch(rows, predictions, sets.others[name])] as const,
      );
      return { main, all: sampleOf(main, new Map(besides), sets.relations) };
    };
    const { main, all } = sample(standIn(rates, settings, progress), (p) => p);
    // All labels of data that is at hand are looked at once, those of a stream as they come.
    const known = data instanceof DataSet;
    if (this.log.length === 0) checkOutputs(promised, objective, main, placesOf(data), known ? data.labels : undefined);
    else if (!known) checkOutputs(promised, objective, main, placesOf(data));
    const f = objectiveOf(objective, predictions, main);
    const evaluations = promised.map((promise) => evaluatePromise(promise, all, forecast));
    const found = rates === "expected" ? evaluations : noGrad(() => {
      const decided = sample(decisions, (p) => p.detach()).all;
      return promised.map((promise) => evaluatePromise(promise, decided, forecast));
    });
    return { f, evaluations, found };
  }

  /**
   * Logs a step, and keeps its parameters if they are among the best.
   * @param found how the constraints were judged
   * @param weights the parameters to keep
   * @param options `minimized`: the objective with what is added to it; `eligible`: whether the step's rows are enough to tell
   * @returns whether it is the best by now for a solution to hand over
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
    const seconds = (performance.now() - this.#began) / 1000;
    onProgress?.({ ...noted, steps, epochs: settings.epochs, seconds, running: true });
    if (!Number.isFinite(noted.lagrangian)) return false;
    g.forEach((bound, i) => this.nearly[i] = Math.max(this.nearly[i], Number.isFinite(bound) ? 1e-6 * Math.abs(bound) : 0));
    if (violationOf(g, this.nearly) === 0) this.lastFeasible = weights.snapshot("theta");
    if (!eligible) {
      this.#forget();
      return false;
    }
    let kept: Snapshot | undefined, better = false;
    for (const { part, best } of this.levels) {
      if (best.offer(() => kept ??= weights.snapshot("state"), violationAt(part, found, this.nearly), minimized)) better = true;
    }
    this.#forget();
    return better;
  }

  /** What is minimised beside the objective: regularization theta · theta + penalty(model). */
  added({ model, theta }: Trained<Module>): number {
    const regularizer = regularizerOf(theta, this.options.settings);
    return inStep(() => noGrad(() => this.penaltyOf(model).reduce((sum, { value }) => sum + value, regularizer)));
  }

  /** The penalty on the objective, shape [], where the model's parameters are; none without one. */
  penaltyOf(model: Module): Tensor[] {
    const { penalty } = this.options;
    return penalty === undefined ? [] : [oneNumber("add a penalty", penalty(model))];
  }

  /** Gives the memory of parameters back that are no longer among the best. */
  #forget(): void {
    const now = new Set([this.lastFeasible, ...this.levels.flatMap(({ best }) => best.found.map(({ theta }) => theta))]);
    for (const snapshot of this.#held) {
      if (snapshot !== null && !(snapshot instanceof Float32Array) && !now.has(snapshot)) snapshot.release();
    }
    this.#held = now;
  }

  /** Has all parameters that were kept here; those that a device has lost are forgotten. */
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

/** A snapshot's numbers, if they can be had. */
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

/** What decisions are trained by: smooth probabilities that end close to them. `undefined` where probabilities are judged. */
function standIn(
  rates: "expected" | "decided",
  { surrogate, temperature }: OptimizerSettings,
  progress: number,
): ((p: Tensor) => Tensor) | undefined {
  if (deciderFor(rates) === undefined) return undefined;
  // From 1 to the last temperature, by equal factors.
  const now = exp(progress * log(temperature));
  return (p) => surrogate === "annealed" ? softened(p, now) : straightThrough(p, temperature);
}
