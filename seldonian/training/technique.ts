import type { Gpu } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import type { AssessedSets } from "../assess.ts";
import type { Course, Trained } from "./course.ts";

/** What a technique trains on. */
export interface TechniqueData {
  sets: AssessedSets;
  seed: number;
  /** Where the model is trained; `null`: here. */
  gpu: Gpu | null;
}

/** A way to train: the course sees every step. The answer is why it had to stop, or `null`. */
export type Technique = <M extends Module>(course: Course, model: Trained<M>, given: TechniqueData) => Promise<string | null>;
