import { type Gpu, noGrad } from "../../autodiff/mod.ts";
import { cloneModule, type Module } from "../../nn/module.ts";
import { assess, type Forward, type Shared } from "../assess.ts";
import { planned } from "../constraints/plan.ts";
import { evaluatePromise, forecastFor, type Promised } from "../constraints/promise.ts";
import type { Problem } from "../problem/problem.ts";
import type { Course } from "./course.ts";
import type { Trained } from "./trained.ts";
import { Best, predictedBy, upperOf, violationAt } from "./finalists.ts";
import { randomStream } from "../random.ts";

/** A trained model, and the plan of its safety test. */
export interface Candidate<M extends Module> {
  /** The model with the chosen parameters. */
  model: M;
  /** The objective on all candidate data. */
  objective: number;
  /** The step in the log whose parameters it has, from 1; `null`: those after the last step of a start. */
  step: number | null;
  /** For each constraint, the predicted bound on g of its safety test, inflated, on all candidate data; at most 0: it should pass. */
  g: number[];
  /** The formulas of its test. */
  plan: Promised[];
}

/** The most rows on which to compare the best steps: more would cost time and seldom change the choice. */
export const mostCompared = 10000;

/**
 * Chooses for each level of safety, among the last parameters of each start and the level's best steps, on a sample of candidate
 * data: the least minimised value (the objective, regularization and penalty) of those predicted to pass, else the least
 * violation. All candidate data judges the choice.
 * @param gpu runs the model; `null`: the CPU
 * @returns from safe to accurate; or why there is none
 */
export async function chosen<M extends Module>(
  course: Course,
  last: Trained<M>,
  ends: readonly Float32Array[],
  seed: number,
  gpu: Gpu | null,
): Promise<Candidate<M>[] | string> {
  const { problem, settings, signal } = course.options, { model, state } = last;
  const shared: Shared = new Map();
  /** The model on candidate data, and the plan of its test. */
  const judged = async (on: Problem) => {
    const assessed = (forward?: Forward) => assess(model, on, "training", forward, shared);
    const { objective: f, sample } = gpu === null
      ? await assessed()
      : await (await import("./remote_outputs.ts")).withOutputsOf(gpu, model, assessed);
    const plan = on.promises.map((promised) => planned(promised, sample));
    const evaluations = noGrad(() => plan.map((promise) => evaluatePromise(promise, sample, forecastFor(promise, settings))));
    const predicted = predictedBy(evaluations);
    return { f: f!, minimized: f! + course.added(last), plan, g: evaluations.map(upperOf), predicted };
  };
  const compared = await sampled(problem, seed),
    choices = course.levels.map(({ part, best: { found } }) => {
      const steps = new Map(found.slice(0, settings.finalists).map(({ theta, step }) => [theta as Float32Array, step] as const));
      return { part, steps, choice: new Best<Float32Array>(1) };
    });
  const known = new Map<Float32Array, Omit<Awaited<ReturnType<typeof judged>>, "predicted">>();
  const finalists = new Map<Float32Array, number | null>([
    ...ends.map((end) => [end, null] as const),
    ...choices.flatMap(({ steps }) => [...steps]),
  ]);
  const began = performance.now();
  let done = 0;
  for (const [finalist, step] of finalists) {
    const seconds = (performance.now() - began) / 1000;
    course.options.onProgress?.({ doing: "choosing", done: done++, of: finalists.size, seconds, running: true });
    if (!finalist.every(Number.isFinite)) continue;
    if (signal?.aborted) return "interrupted while choosing among the candidates";
    state.set(finalist);
    const { predicted, ...found } = await judged(compared);
    if (compared === problem) known.set(finalist, found);
    for (const { part, steps, choice } of choices) {
      // The more are compared, the more the best of them owes to chance; and the safest must not depend on how many follow.
      if (!ends.includes(finalist) && !steps.has(finalist)) continue;
      choice.offer(() => finalist, violationAt(part, predicted, course.nearly), found.minimized, step);
    }
  }
  const found: Candidate<M>[] = [];
  let least = Infinity;
  for (const parameters of new Set(choices.flatMap(({ choice }) => choice.found.map(({ theta }) => theta)))) {
    state.set(parameters);
    const { f, minimized, plan, g } = known.get(parameters) ?? await judged(problem);
    // A candidate that is less safe and no better is not worth a test that may fail.
    if (!Number.isFinite(minimized) || minimized >= least) continue;
    least = minimized;
    found.push({ model: cloneModule(model), objective: f, step: finalists.get(parameters)!, g, plan });
  }
  return found.length > 0
    ? found
    : "no step's parameters gave a finite objective on candidate data; look at the data, or try a smaller thetaRate";
}

/** The problem, on a sample if there is much data. */
async function sampled(problem: Problem, seed: number): Promise<Problem> {
  if (problem.sets.all.every(({ data }) => data.size <= mostCompared)) return problem;
  // The same rows of each data set, so that paired rows stay together.
  const sets = await problem.sets.mapInTurn(async ({ data, safetyRows }) => ({
    data: await data.sample(mostCompared, randomStream(seed, "comparison")),
    safetyRows,
  }));
  return { ...problem, sets };
}
