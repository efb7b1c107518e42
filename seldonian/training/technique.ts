import type { Gpu } from "../../autodiff/mod.ts";

/** The start of a technique. */
export interface TechniqueStart {
  seed: number;
  /** The device that trains the model; `null`: the CPU. */
  gpu: Gpu | null;
}
