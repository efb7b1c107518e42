import type { Tensor } from "../../autodiff/mod.ts";
import type { DataSet } from "../data/data_set.ts";

/** What a contender gets of a trial. */
export interface TrialData {
  /** The rows to learn from. */
  rows: DataSet;
  /** The rows that judge the result: a contender may read their features and columns, not their labels. */
  truth: DataSet;
  /** The trial's seed. */
  seed: number;
}

/** A way to learn a model. */
export interface Contender {
  /** Learns from the rows of a trial. @returns the outputs for all rows of the truth; `null`: no solution found */
  outputs(trial: TrialData): Promise<Tensor | null>;
  /**
   * Its settings: results are kept under them, so that changed settings are run anew. Functions count by their text; what they
   * capture is not seen.
   */
  readonly settings: unknown;
}
