import { concatenate, inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { train, type TrainOptions } from "../algorithm.ts";
import type { Bound } from "../bounds/bound.ts";
import { select } from "../candidate_selection.ts";
import { chunkSize, type DataSet } from "../data/data_set.ts";
import { type ObjectiveName, objectiveNamed } from "../problem/promise_kinds.ts";
import { type Problem, problemOf } from "../problem/problem.ts";
import type { Objective } from "../problem/stated.ts";
import { split } from "../data/split.ts";
import { breathe } from "../event_loop.ts";
import type { OptimizerOptions } from "../options.ts";
import { Sets } from "../sets.ts";
import { taskOf } from "../tasks/mod.ts";
import { type Contender, onTruths, setsOf, type TrialData } from "./contender.ts";

/** A model, or a function that makes one of the rows that it is trained on, as trees are grown. */
export type Trainable<M extends Module> = M | ((rows: DataSet, seed: number) => M);

/** The options of a contender that trains as {@link train} does. */
export interface SeldonianOptions<M extends Module>
  extends Omit<TrainOptions<M>, "data" | "others" | "seed" | "ledger" | "onStep" | "onProgress" | "model"> {
  /** The model to train. It is copied. A function makes one of the candidate data. */
  model: Trainable<M>;
}

/** The kit itself: {@link train} with any options. */
export function seldonian<M extends Module>(options: SeldonianOptions<M>): Contender {
  const { model, safetyFraction } = options;
  return {
    settings: ["seldonian", options],
    async outputs(trial) {
      const { seed } = trial, { main: data, others } = setsOf(trial).map(({ rows }) => rows);
      let given: object = { data, others };
      if (typeof model === "function") {
        // What a model is made of must not be tested on.
        const { main, others } = setsOf(trial).map(({ rows }) => split(rows, { safetyFraction, seed }));
        given = { data: main, others, model: model(main.candidate, seed), safetyFraction: undefined };
      }
      const result = await train({ ...options, seed, ...given } as TrainOptions<M>);
      return result.passed ? await onTruths(trial, (truth) => outputsOf(result.model, truth)) : null;
    },
  };
}

/** The options of a contender that promises nothing. */
export interface FitOptions<M extends Module> {
  /** The model to train, or a function that makes one of the rows. */
  model: Trainable<M>;
  /** The objective to minimise. */
  objective: Objective | ObjectiveName;
  /** As in {@link train}. */
  optimizer?: OptimizerOptions;
}

/** A model trained on all rows without constraints: what most people use today. */
export function fitted<M extends Module>({ model, objective, optimizer }: FitOptions<M>): Contender {
  const loss = objectiveNamed(objective), task = taskOf([], typeof loss === "function" ? loss : undefined);
  return {
    settings: ["fitted", { model, objective, optimizer }],
    async outputs(trial) {
      const { rows } = trial, sets = new Sets({ data: rows, safetyRows: rows.size }), relations = { independent: [], paired: [] };
      const problem: Problem = { promises: [], objective: loss, task, rates: "expected", sets, relations };
      return await chosenBy(problem, { model: madeOf(model, rows, trial.seed), optimizer }, trial);
    },
  };
}

/** No bound at all: the estimate itself. */
const estimate: Bound = {
  name: "estimate",
  assumes: "nothing",
  guarantee: "approximate",
  values: "any",
  upper: (values) => values.reduce((sum, z) => sum + z, 0) / values.length,
  forecast: ({ mean }) => mean,
};

/**
 * A model trained on all rows with the constraints on their estimates, without bounds and without a test: the Lagrangian method of
 * most constrained learners. It always hands out a model.
 */
export function penalized<M extends Module>(
  { model, objective, optimizer, ...promise }: Omit<SeldonianOptions<M>, "safetyFraction" | "tune" | "candidates" | "bound">,
): Contender {
  return {
    settings: ["penalized", { model, objective, optimizer, ...promise }],
    async outputs(trial) {
      const sets = setsOf(trial).map(({ rows }) => ({ data: rows, safetyRows: rows.size }));
      const problem = await problemOf({ ...promise, objective, bound: estimate, analysis: "interval" }, sets);
      const made = madeOf(model, trial.rows, trial.seed);
      return await chosenBy(problem, { model: made, optimizer: { ...optimizer, inflation: 1 } }, trial);
    },
  };
}

/**
 * A learner as a function: the model that it makes of all rows, as it is. So trees compete as they are grown, without trained
 * leaves.
 */
export function learner(learn: (rows: DataSet, seed: number) => Module | Promise<Module>): Contender {
  return {
    settings: ["learner", learn],
    async outputs(trial) {
      const model = await learn(trial.rows, trial.seed);
      return await onTruths(trial, (truth) => outputsOf(model, truth));
    },
  };
}

/** The same output for every row, the mean label: what knows nothing. */
export function constant(value?: number): Contender {
  return {
    settings: ["constant", value],
    outputs(trial) {
      const { labels } = trial.rows, output = value ?? labels.reduce((sum, y) => sum + y, 0) / labels.length;
      return onTruths(trial, ({ size }) => Tensor.from(new Float64Array(size).fill(output)));
    },
  };
}

async function chosenBy<M extends Module>(
  problem: Problem,
  options: { model: M; optimizer?: OptimizerOptions },
  trial: TrialData,
): Promise<Sets<Tensor> | null> {
  const { seed } = trial,
    { candidates: [candidate] } = await select<M>(problem, { ...options, seed } as Parameters<typeof select<M>>[1]);
  return candidate === undefined ? null : await onTruths(trial, (truth) => outputsOf(candidate.model, truth));
}

/** The model, or the one that a function makes of these rows. */
function madeOf<M extends Module>(model: Trainable<M>, rows: DataSet, seed: number): M {
  return typeof model === "function" ? model(rows, seed) : model;
}

/** A model's outputs on all rows, outside of any graph. */
export async function outputsOf(model: Module, data: DataSet): Promise<Tensor> {
  const parts: Tensor[] = [];
  for (const { features } of data.chunks(chunkSize)) {
    parts.push(inStep(() => noGrad(() => (model.forward(features) as Tensor).detach()), () => tensorsOf(model)));
    await breathe();
  }
  return concatenate(parts, 0);
}
