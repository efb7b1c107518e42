import { concatenate, inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { train, type TrainOptions } from "../algorithm.ts";
import type { Bound } from "../bounds/bound.ts";
import { select } from "../candidate_selection.ts";
import { chunkSize, type DataSet } from "../data/data_set.ts";
import { type ObjectiveName, objectiveNamed } from "../problem/promise_kinds.ts";
import { type Problem, problemOf } from "../problem/problem.ts";
import type { Objective } from "../problem/stated.ts";
import { breathe } from "../event_loop.ts";
import type { OptimizerOptions } from "../options.ts";
import { Sets } from "../sets.ts";
import { taskOf } from "../tasks/mod.ts";
import { type Contender, onTruths, setsOf, type TrialData } from "./contender.ts";

/** The options of a contender that trains as {@link train} does. */
export type SeldonianOptions<M extends Module> = Omit<
  TrainOptions<M>,
  "data" | "others" | "seed" | "ledger" | "onStep" | "onProgress"
>;

/** The kit itself: {@link train} with any options. */
export function seldonian<M extends Module>(options: SeldonianOptions<M>): Contender {
  return {
    settings: ["seldonian", options],
    async outputs(trial) {
      const { main, others } = setsOf(trial).map(({ rows }) => rows), { seed } = trial;
      const result = await train({ ...options, data: main, others, seed } as TrainOptions<M>);
      return result.passed ? await onTruths(trial, (truth) => outputsOf(result.model, truth)) : null;
    },
  };
}

/** The options of a contender that promises nothing. */
export interface FitOptions<M extends Module> {
  /** The model to train. It is copied. */
  model: M;
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
      return await chosenBy(problem, { model, optimizer }, trial);
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
      return await chosenBy(problem, { model, optimizer: { ...optimizer, inflation: 1 } }, trial);
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

/** A model's outputs on all rows, outside of any graph. */
async function outputsOf(model: Module, data: DataSet): Promise<Tensor> {
  const parts: Tensor[] = [];
  for (const { features } of data.chunks(chunkSize)) {
    parts.push(inStep(() => noGrad(() => (model.forward(features) as Tensor).detach()), () => tensorsOf(model)));
    await breathe();
  }
  return concatenate(parts, 0);
}
