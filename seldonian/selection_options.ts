import type { Gpu, Tensor } from "../autodiff/mod.ts";
import { anything, callable, checkOptions, type Known, needed, record, signal, whole } from "../autodiff/options.ts";
import { modelKind, type Module } from "../nn/module.ts";
import type { Source } from "./data/data_set.ts";
import { type OptimizerOptions, optimizerSchema } from "./options.ts";
import { objectiveKind, type ObjectiveName, promiseOptions } from "./problem/promise_kinds.ts";
import type { Objective, PromiseOptions } from "./problem/stated.ts";
import type { Progress, Step } from "./records/log.ts";
import { Sets } from "./sets.ts";

/** Candidate data, and the size of its safety data. */
export interface CandidateData {
  /** The candidate data. */
  data: Source;
  /** The number of rows, or clusters, of the safety data, for predicting the test. */
  safetyRows: number;
}

const candidateData: Known<CandidateData> = { data: needed(anything), safetyRows: needed(whole(1)) };

/** How to train candidates. */
export interface TrainingOptions {
  /** The model; it is copied, never changed. Parameters without values are drawn from their initial distribution. */
  model: Module;
  /** Added to the objective in training, shape [], as for a custom regularisation. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
  /** Default 0. */
  seed?: number;
  /**
   * The number of candidates, from safe to accurate, for a test in that order until the first failure. The first is predicted to
   * pass with all of the inflation, the others with less and less of it. Default, whatever the inflation: 4 for "adam" and "sgd"
   * without batches, and for "bfgs"; otherwise 1.
   */
  candidates?: number;
  /** How to train; see {@link OptimizerOptions}. */
  optimizer?: OptimizerOptions;
  /**
   * The device that trains the model: "cpu" (default); "gpu", an error if there is none; "auto", a GPU if there is one; or the
   * result of `autodiff.openGpu()`. Bounds, the choice among steps and the safety test are computed on the CPU, in float64.
   */
  device?: "cpu" | "gpu" | "auto" | Gpu;
  /** Called once a step, before the parameters change. */
  onStep?: (step: Step) => void;
  /** Called once a step, and during what comes before and after the steps, with the elapsed time: see {@link progressBar}. */
  onProgress?: (progress: Progress) => void;
  /** Stops training; the log so far is kept. */
  signal?: AbortSignal;
}

/** The options of candidate selection. */
export interface SelectionOptions extends PromiseOptions, TrainingOptions, CandidateData {
  /** The objective to minimise under the constraints; or its name, such as "logLoss" or "ER". */
  objective: Objective | ObjectiveName;
  /** Other data sets that constraints name, as in `(ACC | name)`. */
  others?: Readonly<Record<string, CandidateData>>;
}

/** The allowed options of candidate selection. */
export const selectionOptions: Known<SelectionOptions> = {
  ...promiseOptions,
  data: anything,
  model: modelKind,
  objective: needed(objectiveKind),
  safetyRows: needed(whole(1)),
  others: record,
  penalty: callable,
  seed: whole(),
  candidates: whole(1),
  optimizer: { ...record, within: Object.keys(optimizerSchema.entries) },
  device: {
    names: ["cpu", "gpu", "auto"],
    wanted: '"cpu", "gpu" or "auto", or the result of autodiff.openGpu()',
    holds: (value) =>
      ["cpu", "gpu", "auto"].includes(value as string) || (typeof value === "object" && "upload" in Object(value)),
  },
  onStep: callable,
  onProgress: callable,
  signal,
};

/**
 * The candidate data of all data sets.
 * @throws {TypeError} for other data
 */
export function candidateSets(
  { data, safetyRows, others = {} }: Pick<SelectionOptions, keyof CandidateData | "others">,
): Sets<CandidateData> {
  return new Sets({ data, safetyRows }, others).map((one, name) =>
    name === undefined ? one : checkOptions("train", one, candidateData, `others.${name}`)
  );
}
