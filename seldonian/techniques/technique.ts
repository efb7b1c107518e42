import type { Tensor } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import type { Course, Trained } from "../course.ts";
import type { Source } from "../data/data_set.ts";

/** What a technique trains on. */
export interface TechniqueData<M extends Module> {
  data: Source;
  /** Other data sets that some of the constraints are on, by name. */
  others: Readonly<Record<string, Source>>;
  /** Added to the objective in training, shape []. */
  penalty?: (model: M) => Tensor;
  seed: number;
}

/** A way to train: the course sees every step. The answer is why it had to stop, or `null`. */
export type Technique = <M extends Module>(course: Course, model: Trained<M>, given: TechniqueData<M>) => Promise<string | null>;
