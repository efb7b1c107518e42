import { exp, log } from "../autodiff/devices/elementary.ts";
import { adam, clipNorm, type Optimizer, schedules, sgd } from "../nn/optim/mod.ts";
import { inStep, noGrad, type Tensor, weightedSum } from "../autodiff/mod.ts";
import { cloneModule, flatParameters, initialize, type Module, tensorsOf } from "../nn/module.ts";
import { assess } from "./assess.ts";
import { Batch } from "./constraints/batch.ts";
import { planned } from "./constraints/plan.ts";
import { evaluatePromise, type Promised } from "./constraints/promise.ts";
import { deciderFor, decisions, softened, straightThrough } from "./decision.ts";
import { batchesOf } from "./data/batches.ts";
import { DataSet, type Rows } from "./data/data_set.ts";
import { breathe } from "./event_loop.ts";
import { Best, upperOf, violationAt, violationOf } from "./finalists.ts";
import { checkOptions, type OptimizerOptions, type OptimizerSettings } from "./options.ts";
import { checkColumns, checkOutputs, type Objective, objectiveOf, type PromiseOptions, promises } from "./problem.ts";
import { permutation, randomStream } from "./random.ts";
import { multipliers } from "./multipliers.ts";
import type { Step } from "./report/log.ts";

/** What candidate selection needs. */
export interface SelectionOptions extends PromiseOptions {
  /** The candidate data. */
  data: DataSet;
  /** It is copied, never changed; parameters without values get their initial distribution's. */
  model: Module;
  objective: Objective;
  /** Rows that the safety test will have. */
  safetyRows: number;
  /** Default 0. */
  seed?: number;
  /**
   * Solutions to hand over, from safe to accurate, for a test in that order until the first failure; default 1. The first is
   * foretold to pass with all of the inflation, the others with less and less of it.
   */
  candidates?: number;
  optimizer?: OptimizerOptions;
  /** Called once a step, before the parameters change. */
  onStep?: (step: Step) => void;
  /** Called once a step, with the time that has passed. */
  onProgress?: (progress: Progress) => void;
  /** Stops training; what has been logged is kept. */
  signal?: AbortSignal;
}

/** Rows on which the best steps are compared, at most: more would cost time and seldom change the choice. */
const mostCompared = 10000;

/** How far training is. */
export interface Progress extends Step {
  steps: number;
  epochs: number;
  /** Since training began. */
  seconds: number;
  /** False in the last call, which comes however training ends: then a display can be put away. */
  running: boolean;
}

/** A trained model, and how its safety test will be made. */
export interface Candidate<M extends Module> {
  model: M;
  /** The objective on all candidate data. */
  objective: number;
  plan: Promised[];
}

/** Trained models, or why there are none; with all that was logged. */
export interface Selection<M extends Module> {
  /** From safe to accurate; none if training stopped early. */
  candidates: Candidate<M>[];
  /** Why training stopped early. */
  stopped?: string;
  /** The parameters of the last step that was finite and foretold to pass, in the order of `namedParameters`. */
  lastFeasible: Float32Array | null;
  log: Step[];
}

/**
 * Trains by gradients on the Lagrangian L = f + Σ lambda_i g_i, where g_i is the upper bound that the safety test is foretold
 * to find: descent in theta, ascent in lambda, lambda_i = max(0, lambda_i + rate g_i). One forward and one backward pass of
 * the model a step, whatever the number of constraints. Of the last parameters and the best of the steps (the least f of
 * those that are foretold to pass, else the least violation), a sample of candidate data chooses one in the same way.
 * A batch that has too few rows for a bound has no say on that constraint.
 *
 * Where decisions are judged, which have no slope, theta descends on a smooth stand-in whose temperature falls during training,
 * while lambda and the choice among steps follow the decisions themselves (A. Cotter, H. Jiang and K. Sridharan, "Two-player
 * games for efficient non-convex constrained optimization", ALT 2019).
 * Source: P. S. Thomas et al., "Preventing undesirable behavior of intelligent machines", Science 366 (2019); KKT: H. W. Kuhn
 * and A. W. Tucker, "Nonlinear programming" (1951).
 */
export async function selectCandidate<M extends Module>(options: SelectionOptions & { model: M }): Promise<Selection<M>> {
  let last: Progress | undefined;
  try {
    return await descend<M>({ ...options, onProgress: (progress) => options.onProgress?.(last = progress) });
  } finally {
    if (last !== undefined) options.onProgress?.({ ...last, running: false });
  }
}

async function descend<M extends Module>(
  {
    data,
    objective,
    safetyRows,
    seed = 0,
    candidates = 1,
    onStep,
    onProgress,
    signal,
    optimizer: chosen,
    model: given,
    ...stated
  }:
    & SelectionOptions
    & { model: M },
): Promise<Selection<M>> {
  const options = checkOptions(chosen ?? {}, data.size), promised = promises(stated);
  if (!(Number.isInteger(candidates) && candidates >= 1)) {
    throw new RangeError(`Cannot hand over ${candidates} candidates: wanted a whole number from 1`);
  }
  checkColumns(promised, objective, data);
  const model = initialize(cloneModule(given), seed), { theta, gradient, state } = flatParameters(model);
  if (theta.length === 0) {
    throw new RangeError("Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen");
  }
  const optimizer = optimizerOf(options, theta, gradient), random = randomStream(seed, "layers");
  const { rates } = promised[0].judgement, forecast = { rows: safetyRows, inflation: options.inflation };
  const batches = batchesOf(data, options, randomStream(seed, "batches"));
  const dual = multipliers(promised.length, options), silent = promised.map(() => 0);
  // The last of k is foretold to pass with 1 / k of the inflation.
  const levels = Array.from(
    { length: candidates },
    (_, i) => ({ part: 1 - i / candidates, best: new Best(Math.max(1, options.finalists)) }),
  );
  // What float32 parameters cannot tell from 0: multipliers often bring g there from above, and no further.
  const nearly = promised.map(() => 0);
  const log: Step[] = [], start = performance.now();
  const stepsAnEpoch = Math.ceil(data.size / options.batchSize), steps = options.epochs * stepsAnEpoch;
  let lastFeasible: Float32Array | null = null, lastBetter = 1;
  const stop = (stopped: string): Selection<M> => ({ candidates: [], stopped, lastFeasible, log });

  /** One step up to the change of theta, or why there can be none. */
  const takeStep = (epoch: number, rows: Rows): string | null => {
    const predictions = model.forward(rows.features, { training: true, random });
    const batch = new Batch(predictions, rows.labels, rows.columns, standIn(rates, options, log.length / steps));
    if (log.length === 0) checkOutputs(promised, objective, batch, data);
    const f = objectiveOf(objective, predictions, batch);
    const evaluations = promised.map((promise) => evaluatePromise(promise, batch, forecast));
    const found = rates === "expected" ? evaluations : noGrad(() => {
      const decided = new Batch(predictions.detach(), rows.labels, rows.columns, decisions);
      return promised.map((promise) => evaluatePromise(promise, decided, forecast));
    });
    const g = found.map(upperOf),
      heard = evaluations.map((evaluation, i) => g[i] !== Infinity && upperOf(evaluation) !== Infinity);
    const bounds = evaluations.map(({ interval }) => interval.upper).filter((_, i) => heard[i]);
    const weights = dual.weights(g);
    const lagrangian = weightedSum([f, ...bounds], [1, ...weights.filter((_, i) => heard[i])]);
    const step: Step = { step: log.length + 1, epoch, f: f.value, g, lambda: weights, lagrangian: lagrangian.value };
    log.push(step);
    onStep?.(step);
    onProgress?.({ ...step, steps, epochs: options.epochs, seconds: (performance.now() - start) / 1000, running: true });
    if (!Number.isFinite(step.lagrangian)) {
      return `step ${step.step} of ${steps}: the objective is ${step.f} and the Lagrangian ${step.lagrangian}; try a smaller thetaRate`;
    }
    g.forEach((bound, i) => nearly[i] = Math.max(nearly[i], Number.isFinite(bound) ? 1e-6 * Math.abs(bound) : 0));
    if (violationOf(g, nearly) === 0) lastFeasible = theta.slice();
    if (batch.rows === options.batchSize || log.length === 1) {
      let kept: Float32Array | undefined;
      for (const { part, best } of levels) {
        if (best.offer(() => kept ??= state.slice(), violationAt(part, found, nearly), step.f)) lastBetter = epoch;
      }
    }

    lagrangian.backward();
    if (options.regularization > 0) theta.forEach((x, i) => gradient[i] += 2 * options.regularization * x);
    if (options.gradientClip < Infinity) clipNorm(gradient, options.gradientClip);
    const factor = schedules[options.schedule]((log.length - 1) / steps);
    optimizer.step(factor);
    dual.update(g, heard, factor);
    for (let i = 0; i < silent.length; i++) {
      silent[i] = heard[i] ? 0 : silent[i] + 1;
      if (silent[i] > Math.max(stepsAnEpoch, 100)) {
        return `no bound on "${promised[i].constraint}" was finite in ${silent[i]} steps: ${found[i].note}`;
      }
    }
    return null;
  };

  for (const { epoch, rows } of batches) {
    if (signal?.aborted) return stop(`interrupted after ${log.length} of ${steps} steps`);
    const stopped = inStep(() => takeStep(epoch, rows), () => tensorsOf(model));
    if (stopped !== null) return stop(stopped);
    if (epoch - lastBetter > options.patience) break;
    await breathe();
  }

  /** The model on data, and how a test of it would be made. */
  const assessed = async (on: DataSet) => {
    const { objective: f, batch } = await assess(model, on, promised, objective);
    return { f: f!, batch, plan: promised.map((promise) => planned(promise, batch, safetyRows)) };
  };
  const compared = data.size <= mostCompared
    ? data
    : new DataSet(data, permutation(data.size, randomStream(seed, "comparison")).subarray(0, mostCompared));
  const choices = levels.map(({ part }) => ({ part, choice: new Best(1) })),
    known = new Map<Float32Array, { f: number; plan: Promised[] }>();
  for (
    const finalist of new Set([
      state.slice(),
      ...levels.flatMap(({ best }) => best.found.slice(0, options.finalists).map((entry) => entry.theta)),
    ])
  ) {
    if (!finalist.every(Number.isFinite)) continue;
    if (signal?.aborted) return stop(`interrupted while choosing among the candidates`);
    state.set(finalist);
    const { f, batch, plan } = await assessed(compared);
    if (compared === data) known.set(finalist, { f, plan });
    const evaluations = noGrad(() => plan.map((promise) => evaluatePromise(promise, batch, forecast)));
    for (const { part, choice } of choices) choice.offer(() => finalist, violationAt(part, evaluations, nearly), f);
  }
  const found: Candidate<M>[] = [];
  for (const parameters of new Set(choices.flatMap(({ choice }) => choice.found.map((best) => best.theta)))) {
    state.set(parameters);
    const { f, plan } = known.get(parameters) ?? await assessed(data);
    // A less safe candidate that is no better is not worth a test that may fail.
    if (!Number.isFinite(f) || (found.length > 0 && f >= found[found.length - 1].objective)) continue;
    found.push({ model: cloneModule(model), objective: f, plan });
  }
  if (found.length === 0) {
    return stop("no step's parameters gave a finite objective on candidate data; try a smaller thetaRate");
  }
  return { candidates: found, lastFeasible, log };
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

function optimizerOf(options: OptimizerSettings, theta: Float32Array, gradient: Float32Array): Optimizer {
  const { name, thetaRate: rate, beta1, beta2, momentum } = options;
  return name === "adam" ? adam(theta, gradient, { rate, beta1, beta2 }) : sgd(theta, gradient, { rate, momentum });
}
