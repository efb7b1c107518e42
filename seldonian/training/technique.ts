import type { Gpu } from "../../autodiff/mod.ts";

/** The start of a technique. */
export interface TechniqueStart {
  seed: number;
  /** The device that trains the model; `null`: the CPU. */
  gpu: Gpu | null;
}

/** Why a search stops without a value. */
export const nothingFinite =
  "no parameters that were tried have a finite objective and finite bounds; give more candidate data, or another start";
