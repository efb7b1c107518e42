import type { Tensor } from "../../autodiff/mod.ts";
import type { DataSet } from "../data/data_set.ts";
import { Sets } from "../sets.ts";

/** Rows of one data set in a trial. */
export interface TrialRows {
  /** The rows to learn from. */
  rows: DataSet;
  /** The rows that judge the result: a contender may read their features and columns, not their labels. */
  truth: DataSet;
}

/** What a contender gets of a trial. */
export interface TrialData extends TrialRows {
  /** Other data sets, by their names in constraints. */
  others?: Readonly<Record<string, TrialRows>>;
  /** The trial's seed. */
  seed: number;
}

/** A way to learn a model. */
export interface Contender {
  /**
   * Learns from the rows of a trial.
   * @returns the outputs for all rows of the truth, if there are other data sets for the truth of each; `null`: no solution found
   */
  outputs(trial: TrialData): Promise<Tensor | Sets<Tensor> | null>;
  /**
   * Its settings: results are kept under them, so that changed settings are run anew. Functions count by their text and their
   * properties; what they capture is not seen.
   */
  readonly settings: unknown;
  /** Why the truth cannot judge its outputs by a measure of this name; `undefined` if it can. Default: it can by all. */
  readonly unjudged?: (measure: string) => string | undefined;
}

/** The rows of all data sets of a trial. */
export function setsOf({ rows, truth, others }: TrialData): Sets<TrialRows> {
  return new Sets({ rows, truth }, others);
}

/** Outputs for the truth of every data set. */
export async function onTruths(trial: TrialData, outputs: (truth: DataSet) => Tensor | Promise<Tensor>): Promise<Sets<Tensor>> {
  return await setsOf(trial).mapInTurn(async ({ truth }) => await outputs(truth));
}
