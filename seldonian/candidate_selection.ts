import { adam, type Optimizer, sgd } from "../nn/optim/mod.ts";
import type { RandomGenerator } from "../deps.ts";
import { inStep } from "../autodiff/mod.ts";
import { cloneModule, flatParameters, initialize, type Module, tensorsOf } from "../nn/module.ts";
import { assess } from "./assess.ts";
import { Batch, evaluate, type Evaluation } from "./constraints/evaluate.ts";
import type { DataSet, Rows } from "./data/data_set.ts";
import { breathe } from "./event_loop.ts";
import { checkOptions, type OptimizerOptions, type OptimizerSettings } from "./options.ts";
import {
  type Analysis,
  checkColumns,
  checkOutputs,
  type Objective,
  objectiveOf,
  promises,
  type StatedConstraint,
} from "./problem.ts";
import { inOrder, permutation, randomStream } from "./random.ts";
import type { Step } from "./report/log.ts";

/** What candidate selection needs. */
export interface SelectionOptions {
  /** The candidate data. */
  data: DataSet;
  /** It is copied, never changed; parameters without values get their initial distribution's. */
  model: Module;
  objective: Objective;
  constraints: readonly StatedConstraint[];
  /** Default "interval". */
  analysis?: Analysis;
  /** Rows that the safety test will have. */
  safetyRows: number;
  /** Default 0. */
  seed?: number;
  optimizer?: OptimizerOptions;
  /** Called once a step, before the parameters change. */
  onStep?: (step: Step) => void;
  /** Called once a step, with the time that has passed. */
  onProgress?: (progress: Progress) => void;
  /** Stops training; what has been logged is kept. */
  signal?: AbortSignal;
}

/** How far training is. */
export interface Progress extends Step {
  steps: number;
  epochs: number;
  /** Since training began. */
  seconds: number;
  /** False in the last call, which comes however training ends: then a display can be put away. */
  running: boolean;
}

/** A trained model, or why there is none; with all that was logged. */
export interface Selection<M extends Module> {
  /** The candidate, to be tested; `null` if training stopped early. */
  model: M | null;
  /** Why training stopped early. */
  stopped?: string;
  /** The objective on all candidate data; `null` if training stopped early. */
  objective: number | null;
  /** The parameters of the last step that was finite and foretold to pass, in the order of `namedParameters`. */
  lastFeasible: Float32Array | null;
  log: Step[];
}

/**
 * Trains by gradients on the Lagrangian L = f + Σ lambda_i g_i, where g_i is the upper bound that the safety test is foretold
 * to find: descent in theta, ascent in lambda, lambda_i = max(0, lambda_i + rate g_i). One forward and one backward pass of
 * the model a step, whatever the number of constraints. Of the last parameters and the best of the steps (the least f of
 * those that are foretold to pass, else the least violation), all candidate data choose one in the same way.
 * A batch that has too few rows for a bound has no say on that constraint.
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
  { data, objective, safetyRows, seed = 0, onStep, onProgress, signal, ...spec }: SelectionOptions & { model: M },
): Promise<Selection<M>> {
  const options = checkOptions(spec.optimizer ?? {}, data.size), promised = promises(spec.constraints, spec.analysis);
  checkColumns(promised, objective, data);
  const model = initialize(cloneModule(spec.model), seed), { theta, gradient } = flatParameters(model);
  if (theta.length === 0) {
    throw new RangeError("Cannot train a model without parameters: wanted at least one nn.Parameter in a field");
  }
  const optimizer = optimizerOf(options, theta, gradient), random = randomStream(seed, "layers");
  const forecast = { rows: safetyRows, inflation: options.inflation };
  const batches = batchesOf(data, options, randomStream(seed, "batches"));
  const lambda = promised.map(() => options.lambda), silent = promised.map(() => 0);
  const best = new Best(options.candidates), log: Step[] = [], start = performance.now();
  const stepsAnEpoch = Math.ceil(data.size / options.batchSize), steps = options.epochs * stepsAnEpoch;
  let lastFeasible: Float32Array | null = null;
  const stop = (stopped: string): Selection<M> => ({ model: null, stopped, objective: null, lastFeasible, log });

  /** One step up to the change of theta, or why there can be none. */
  const takeStep = (epoch: number, rows: Rows): string | null => {
    const predictions = model.forward(rows.features, { training: true, random });
    const batch = new Batch(predictions, rows.labels, rows.columns);
    if (log.length === 0) checkOutputs(promised, objective, batch, data);
    const f = objectiveOf(objective, predictions, batch);
    const evaluations = promised.map(({ constraint, shares }) => evaluate(constraint.g, shares, batch, forecast));
    const g = evaluations.map(({ interval }) => interval.upper);
    const heard = g.map(({ value }) => value !== Infinity);
    const lagrangian = g.reduce((sum, bound, i) => heard[i] ? sum.add(bound.mul(lambda[i])) : sum, f);
    const step: Step = {
      step: log.length + 1,
      epoch,
      f: f.value,
      g: g.map(({ value }) => value),
      lambda: [...lambda],
      lagrangian: lagrangian.value,
    };
    log.push(step);
    onStep?.(step);
    onProgress?.({ ...step, steps, epochs: options.epochs, seconds: (performance.now() - start) / 1000, running: true });
    if (!Number.isFinite(step.lagrangian)) {
      return `step ${step.step} of ${steps}: the objective is ${step.f} and the Lagrangian ${step.lagrangian}; try a smaller thetaRate`;
    }
    const violation = violationOf(step.g);
    if (violation === 0) lastFeasible = theta.slice();
    if (batch.rows === options.batchSize || log.length === 1) best.offer(theta, violation, step.f);

    lagrangian.backward();
    optimizer.step();
    for (let i = 0; i < lambda.length; i++) {
      silent[i] = heard[i] ? 0 : silent[i] + 1;
      if (silent[i] > Math.max(stepsAnEpoch, 100)) {
        return `no bound on "${promised[i].constraint}" was finite in ${silent[i]} steps: ${evaluations[i].note}`;
      }
      if (heard[i]) lambda[i] = Math.max(0, lambda[i] + options.lambdaRate * step.g[i]);
    }
    return null;
  };

  for (const { epoch, rows } of batches) {
    if (signal?.aborted) return stop(`interrupted after ${log.length} of ${steps} steps`);
    const stopped = inStep(() => takeStep(epoch, rows), () => tensorsOf(model));
    if (stopped !== null) return stop(stopped);
    await breathe();
  }

  const choice = new Best(1);
  for (const candidate of [theta.slice(), ...best.found.map((entry) => entry.theta)]) {
    if (!candidate.every(Number.isFinite)) continue;
    if (signal?.aborted) return stop(`interrupted while choosing among the candidates`);
    theta.set(candidate);
    const { objective: f, evaluations } = await assess(model, data, promised, objective, forecast);
    choice.offer(candidate, violationOf(evaluations.map(upperOf)), f!);
  }
  if (choice.found.length === 0) return stop("no step's parameters were finite; try a smaller thetaRate");
  const [{ theta: chosen, f }] = choice.found;
  theta.set(chosen);
  return { model, objective: f, lastFeasible, log };
}

/** The rows of every step: batch after batch through an order that is drawn anew each epoch; all rows, if a batch holds them. */
function* batchesOf(
  data: DataSet,
  { batchSize, epochs, shuffle }: OptimizerSettings,
  random: RandomGenerator,
): Generator<{ epoch: number; rows: Rows }> {
  const { size } = data, whole = batchSize < size ? null : data.at(inOrder(size));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (whole !== null) yield { epoch, rows: whole };
    else {
      const order = shuffle ? permutation(size, random) : inOrder(size);
      for (let start = 0; start < size; start += batchSize) {
        yield { epoch, rows: data.at(order.subarray(start, start + batchSize)) };
      }
    }
  }
}

function optimizerOf(options: OptimizerSettings, theta: Float32Array, gradient: Float32Array): Optimizer {
  const { name, thetaRate: rate, beta1, beta2, momentum } = options;
  return name === "adam" ? adam(theta, gradient, { rate, beta1, beta2 }) : sgd(theta, gradient, { rate, momentum });
}

/** How far bounds are above 0: √Σ max(0, g)². */
function violationOf(g: readonly number[]): number {
  return Math.hypot(...g.map((bound) => Math.max(0, bound)));
}

function upperOf({ interval }: Evaluation): number {
  return interval.upper.value;
}

/** The best few parameters that were offered: the least violation first, then the least objective. */
class Best {
  readonly found: { theta: Float32Array; violation: number; f: number }[] = [];
  constructor(readonly count: number) {}

  offer(theta: Float32Array, violation: number, f: number): void {
    if (!Number.isFinite(f)) return;
    const better = (entry: { violation: number; f: number }) =>
      violation < entry.violation || (violation === entry.violation && f < entry.f);
    const place = this.found.findIndex(better);
    if (place < 0 && this.found.length >= this.count) return;
    this.found.splice(place < 0 ? this.found.length : place, 0, { theta: theta.slice(), violation, f });
    this.found.length = Math.min(this.found.length, this.count);
  }
}
