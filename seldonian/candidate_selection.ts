import { noGrad, type Tensor } from "../autodiff/mod.ts";
import { cloneModule, type Module } from "../nn/module.ts";
import { assess, type AssessedData } from "./assess.ts";
import { planned } from "./constraints/plan.ts";
import { evaluatePromise, type Promised } from "./constraints/promise.ts";
import { Course, trained } from "./course.ts";
import { DataSet, type Source } from "./data/data_set.ts";
import { Best, violationAt } from "./finalists.ts";
import { checkOptions, type OptimizerOptions } from "./options.ts";
import { checkColumns, type Objective, type PromiseOptions, promises } from "./problem.ts";
import { randomStream } from "./random.ts";
import type { Step } from "./report/log.ts";
import { blackBox } from "./techniques/black_box.ts";
import { gradientDescent } from "./techniques/gradient_descent.ts";

/** Candidate data of another data set, and how much safety data there will be of it. */
export interface OtherData {
  data: Source;
  safetyRows: number;
}

/** What candidate selection needs. */
export interface SelectionOptions extends PromiseOptions {
  /** The candidate data. */
  data: Source;
  /** It is copied, never changed; parameters without values get their initial distribution's. */
  model: Module;
  objective: Objective;
  /** Rows that the safety test will have. */
  safetyRows: number;
  /** Other data sets that constraints are on, by the name that they give them: `(ACC | name)`. */
  others?: Readonly<Record<string, OtherData>>;
  /** Added to the objective in training, shape [], as for a regularisation of one's own. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
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
export const mostCompared = 10000;

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
 * Trains, by gradients or by a search without them (`optimizer.name`), from one or several starts. Of the last parameters of each and
 * the best of the steps (the least f of those that are foretold to pass, else the least violation), a sample of candidate data
 * chooses one in the same way.
 */
export async function selectCandidate<M extends Module>(options: SelectionOptions & { model: M }): Promise<Selection<M>> {
  let last: Progress | undefined;
  try {
    return await select<M>({ ...options, onProgress: (progress) => options.onProgress?.(last = progress) });
  } finally {
    if (last !== undefined) options.onProgress?.({ ...last, running: false });
  }
}

async function select<M extends Module>(
  {
    data,
    others = {},
    objective,
    safetyRows,
    penalty,
    seed = 0,
    candidates = 1,
    onStep,
    onProgress,
    signal,
    optimizer,
    model: given,
    ...stated
  }: SelectionOptions & { model: M },
): Promise<Selection<M>> {
  const settings = checkOptions(optimizer ?? {}, data.size), promised = promises(stated);
  if (!(Number.isInteger(candidates) && candidates >= 1)) {
    throw new RangeError(`Cannot hand over ${candidates} candidates: wanted a whole number from 1`);
  }
  const otherData = mapped(others, ({ data }) => data), otherRows = mapped(others, ({ safetyRows }) => safetyRows);
  checkColumns(promised, objective, data, otherData);
  const steps = settings.starts * settings.epochs * Math.ceil(data.size / settings.batchSize);
  const labels = data instanceof DataSet ? data.labels : undefined, hooks = { onStep, onProgress, signal };
  const course = new Course({ promised, objective, settings, safetyRows, otherRows, labels, candidates, steps, ...hooks });
  const technique = settings.name === "adam" || settings.name === "sgd" ? gradientDescent : blackBox;
  const ends = new Set<Float32Array>();
  let stopped: string | null = null, last = trained(given, seed, 0);
  if (last.theta.length === 0) {
    throw new RangeError("Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen");
  }
  for (let start = 0; start < settings.starts; start++) {
    if (start > 0) last = trained(given, seed, start);
    const why = await technique(course, last, { data, others: otherData, penalty, seed: seed + start });
    if (why === null) ends.add(last.state.slice());
    else stopped = why;
    if (course.interrupted !== null) break;
  }
  const stop = (why: string): Selection<M> => ({
    candidates: [],
    stopped: why,
    lastFeasible: course.lastFeasible,
    log: course.log,
  });
  if (stopped !== null && (ends.size === 0 || course.interrupted !== null)) return stop(stopped);
  const { model, state } = last;

  /** The model on candidate data, and how a test of it would be made. */
  const assessed = async (on: AssessedData, besides: Record<string, AssessedData>) => {
    const { objective: f, sample } = await assess(model, on, promised, objective, besides);
    return { f: f!, sample, plan: promised.map((promise) => planned(promise, sample)) };
  };
  const whole = { data, testRows: safetyRows },
    wholeOthers = mapped(others, ({ data, safetyRows }) => ({ data, testRows: safetyRows }));
  const comparison = randomStream(seed, "comparison"), compared = { ...whole, data: await data.sample(mostCompared, comparison) };
  const comparedOthers: Record<string, AssessedData> = {};
  for (const [name, other] of Object.entries(wholeOthers)) {
    comparedOthers[name] = { ...other, data: await other.data.sample(mostCompared, comparison) };
  }
  const choices = course.levels.map(({ part }) => ({ part, choice: new Best(1) }));
  const known = new Map<Float32Array, { f: number; plan: Promised[] }>(),
    all = data.size <= mostCompared && Object.keys(others).length === 0;
  for (const finalist of [...ends, ...course.levels.flatMap(({ best }) => best.found.slice(0, settings.finalists))]) {
    const parameters = finalist instanceof Float32Array ? finalist : finalist.theta;
    if (known.has(parameters) || !parameters.every(Number.isFinite)) continue;
    if (signal?.aborted) return stop(`interrupted while choosing among the candidates`);
    state.set(parameters);
    const { f, sample, plan } = await assessed(compared, comparedOthers);
    known.set(parameters, { f, plan });
    const evaluations = noGrad(() => plan.map((promise) => evaluatePromise(promise, sample, { inflation: settings.inflation })));
    for (const { part, choice } of choices) choice.offer(() => parameters, violationAt(part, evaluations, course.nearly), f);
  }
  const found: Candidate<M>[] = [];
  for (const parameters of new Set(choices.flatMap(({ choice }) => choice.found.map((best) => best.theta)))) {
    state.set(parameters);
    const { f, plan } = all ? known.get(parameters)! : await assessed(whole, wholeOthers);
    // A less safe candidate that is no better is not worth a test that may fail.
    if (!Number.isFinite(f) || (found.length > 0 && f >= found[found.length - 1].objective)) continue;
    found.push({ model: cloneModule(model), objective: f, plan });
  }
  if (found.length === 0) {
    return stop("no step's parameters gave a finite objective on candidate data; try a smaller thetaRate");
  }
  return { candidates: found, lastFeasible: course.lastFeasible, log: course.log };
}

/** A record with its values changed. */
export function mapped<T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
