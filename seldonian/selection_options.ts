import type { Gpu, Tensor } from "../autodiff/mod.ts";
import { anything, callable, checkOptions, type Known, needed, record, whole } from "../autodiff/options.ts";
import { modelKind, type Module } from "../nn/module.ts";
import type { Source } from "./data/data_set.ts";
import type { OptimizerOptions } from "./options.ts";
import { objectiveKind, type ObjectiveName, promiseOptions } from "./problem/promise_kinds.ts";
import type { Objective, PromiseOptions } from "./problem/stated.ts";
import type { Progress, Step } from "./records/log.ts";
import { Sets } from "./sets.ts";

/** Candidate data, and how much safety data there will be of it. */
export interface CandidateData {
  /** The candidate data. */
  data: Source;
  /** Rows of the safety data, for which the test is predicted; of clustered data, clusters. */
  safetyRows: number;
}

const candidateData: Known<CandidateData> = { data: needed(anything), safetyRows: needed(whole(1)) };

/** How candidates are trained. */
export interface TrainingOptions {
  /** It is copied, never changed; parameters without values get their initial distribution's. */
  model: Module;
  /** Added to the objective in training, shape [], as for a custom regularisation. */
  // deno-lint-ignore no-explicit-any
  penalty?: (model: any) => Tensor;
  /** Default 0. */
  seed?: number;
  /**
   * Solutions to hand over, from safe to accurate, for a test in that order until the first failure; default 1. The first is
   * predicted to pass with all of the inflation, the others with less and less of it.
   */
  candidates?: number;
  /** How to train; see {@link OptimizerOptions}. */
  optimizer?: OptimizerOptions;
  /**
   * Where the model is trained: "cpu" (default); "gpu", an error if there is none; "auto", a GPU if there is one; or what
   * `autodiff.openGpu()` gave. Bounds, the choice among steps and the safety test are computed here, in float64.
   */
  device?: "cpu" | "gpu" | "auto" | Gpu;
  /** Called once a step, before the parameters change. */
  onStep?: (step: Step) => void;
  /** Called once a step, with the time that has passed. */
  onProgress?: (progress: Progress) => void;
  /** Stops training; what has been logged is kept. */
  signal?: AbortSignal;
}

/** What candidate selection needs. */
export interface SelectionOptions extends PromiseOptions, TrainingOptions, CandidateData {
  /** What is to be small, beside the constraints; or its name, as "logLoss" or "ER". */
  objective: Objective | ObjectiveName;
  /** Other data sets that constraints are on, by the name that they give them: `(ACC | name)`. */
  others?: Readonly<Record<string, CandidateData>>;
}

/** What options of candidate selection may be. */
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
  optimizer: record,
  device: {
    names: ["cpu", "gpu", "auto"],
    wanted: '"cpu", "gpu" or "auto", or what autodiff.openGpu() gave',
    holds: (value) =>
      ["cpu", "gpu", "auto"].includes(value as string) || (typeof value === "object" && "upload" in Object(value)),
  },
  onStep: callable,
  onProgress: callable,
  signal: { type: "object", wanted: "an AbortSignal, as controller.signal", holds: (value) => "aborted" in Object(value) },
};

/** The candidate data of all names. @throws {TypeError} for what is none */
export function candidateSets(
  { data, safetyRows, others = {} }: Pick<SelectionOptions, keyof CandidateData | "others">,
): Sets<CandidateData> {
  return new Sets({ data, safetyRows }, others).map((one, name) =>
    name === undefined ? one : checkOptions("train", one, candidateData, `others.${name}`)
  );
}
