import type { Module } from "../nn/module.ts";
import { selectCandidate, type SelectionOptions } from "./candidate_selection.ts";
import { DataSet, type DataSetParts } from "./data/data_set.ts";
import { split } from "./data/split.ts";
import { NoSolution, Passed } from "./report/result.ts";
import { safetyTest } from "./safety_test.ts";

/** What {@link train} needs. */
export interface TrainOptions<M extends Module> extends Omit<SelectionOptions, "data" | "safetyRows"> {
  data: DataSet | DataSetParts;
  model: M;
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
}

/**
 * Trains a model that keeps its promises, or finds no solution: splits the data, selects a candidate, tests it on the rest.
 * The user's model is not changed. The same seed gives the same bits.
 */
export async function train<M extends Module>(
  { data, safetyFraction, ...options }: TrainOptions<M>,
): Promise<Passed<M> | NoSolution> {
  const parts = split(data instanceof DataSet ? data : new DataSet(data), { safetyFraction, seed: options.seed });
  const selection = await selectCandidate<M>({ ...options, data: parts.candidate, safetyRows: parts.safety.size });
  const { model, log, lastFeasible } = selection;
  const objective = { candidate: selection.objective, safety: null as number | null };
  if (model === null) return new NoSolution({ reason: selection.stopped!, constraints: [], objective, log, lastFeasible });
  const report = await safetyTest({ ...options, model, data: parts.safety });
  objective.safety = report.objective;
  const { constraints } = report;
  if (report.passed) return new Passed({ model, constraints, objective, log });
  return new NoSolution({ reason: "the candidate failed the safety test", constraints, objective, log, lastFeasible });
}
