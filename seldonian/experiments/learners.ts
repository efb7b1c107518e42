import { concatenate, inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { modelKind, type Module, requireModel, tensorsOf } from "../../nn/module.ts";
import { callable, checkArgument, checkOptions, finite, type Kind, without } from "../../autodiff/options.ts";
import { train, type TrainOptions, trainOptions } from "../algorithm.ts";
import type { Bound } from "../bounds/bound.ts";
import { select } from "../candidate_selection.ts";
import { type FitOptions, unconstrained } from "../fit.ts";
import { chunkSize, type DataSet } from "../data/data_set.ts";
import { type Problem, problemOf } from "../problem/problem.ts";
import { split } from "../data/split.ts";
import { selectionOptions } from "../selection_options.ts";
import { breathe } from "../event_loop.ts";
import type { OptimizerOptions } from "../options.ts";
import type { Sets } from "../sets.ts";
import { type Contender, onTruths, setsOf, type TrialData } from "./contender.ts";

/** A model, or a function that makes one of the rows that it is trained on, as trees are grown. */
export type Trainable<M extends Module> = M | ((rows: DataSet, seed: number) => M);

/** The options of a contender that trains as {@link train} does. */
export interface SeldonianOptions<M extends Module>
  extends Omit<TrainOptions<M>, "data" | "others" | "seed" | "ledger" | "onStep" | "onProgress" | "model"> {
  /** The model to train. It is copied. A function makes one of the candidate data. */
  model: Trainable<M>;
}

const trainable: Kind = {
  wanted: "a model, an object with forward(), or a function that makes one of rows and a seed",
  holds: (value) => typeof value === "function" || modelKind.holds!(value ?? null, {}),
  needed: true,
};
const training = { ...without(trainOptions, "data", "others", "seed", "ledger", "onStep", "onProgress"), model: trainable };
const penalizing = without(training, "safetyFraction", "tune", "candidates", "bound", "shift");
const { objective, optimizer, penalty } = selectionOptions, fitting = { model: trainable, objective, optimizer, penalty };

/** The kit itself: {@link train} with any options. */
export function seldonian<M extends Module>(options: SeldonianOptions<M>): Contender {
  const { model, safetyFraction } = checkOptions<SeldonianOptions<M>>("compare train()", options, training);
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
export interface FittedOptions<M extends Module> extends Pick<FitOptions<M>, "objective" | "optimizer" | "penalty"> {
  /** The model to train, or a function that makes one of the rows. */
  model: Trainable<M>;
}

/** A model trained on all rows without constraints, as {@link fit} trains it: what most people use today. */
export function fitted<M extends Module>(options: FittedOptions<M>): Contender {
  const { model, objective, optimizer, ...more } = checkOptions<FittedOptions<M>>("compare a fit", options, fitting);
  return {
    settings: ["fitted", { model, objective, optimizer, ...more }],
    async outputs(trial) {
      const { rows, seed } = trial, how = { ...options, model: madeOf(model, rows, seed), seed };
      const { selection: { candidates: [found] } } = await unconstrained<M>(rows, how);
      return found === undefined ? null : await onTruths(trial, (truth) => outputsOf(found.model, truth));
    },
  };
}

/** The options of {@link penalized}. */
export type PenalizedOptions<M extends Module> = Omit<
  SeldonianOptions<M>,
  "safetyFraction" | "tune" | "candidates" | "bound" | "shift"
>;

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
export function penalized<M extends Module>(options: PenalizedOptions<M>): Contender {
  const { model, objective, optimizer, ...promise } = checkOptions<PenalizedOptions<M>>("compare penalties", options, penalizing);
  return {
    settings: ["penalized", { model, objective, optimizer, ...promise }],
    async outputs(trial) {
      const sets = setsOf(trial).map(({ rows }) => ({ data: rows, safetyRows: rows.size }));
      const constraints = promise.constraints.map((one) => ({ ...one, bound: estimate }));
      const problem = await problemOf({ ...promise, constraints, objective, bound: estimate, analysis: "interval" }, sets);
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
  checkArgument("compare a learner", "the learner", learn, {
    ...callable,
    wanted: "a function that makes a model of rows and a seed",
  });
  return {
    settings: ["learner", learn],
    async outputs(trial) {
      const model = await learn(trial.rows, trial.seed);
      requireModel("judge what a learner made", model);
      return await onTruths(trial, (truth) => outputsOf(model, truth));
    },
  };
}

/** The same output for every row, the mean label: what knows nothing. */
export function constant(value?: number): Contender {
  if (value !== undefined) checkArgument("compare a constant", "the output", value, finite);
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
    { candidates: [candidate] } = await select<M>(
      problem,
      { ...options, candidates: 1, seed } as Parameters<typeof select<M>>[1],
    );
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
