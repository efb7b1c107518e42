import type { Gpu } from "../../autodiff/mod.ts";

/** How a technique begins. */
export interface TechniqueStart {
  seed: number;
  /** Where the model is trained; `null`: here. */
  gpu: Gpu | null;
}
