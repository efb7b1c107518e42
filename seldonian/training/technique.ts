import type { Gpu } from "../../autodiff/mod.ts";
import type { AssessedSets } from "../assess.ts";

/** What a technique trains on. */
export interface TechniqueData {
  sets: AssessedSets;
  seed: number;
  /** Where the model is trained; `null`: here. */
  gpu: Gpu | null;
}
