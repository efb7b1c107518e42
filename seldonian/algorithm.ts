import type { Module } from "../nn/module.ts";
import { type Candidate, selectCandidate, type SelectionOptions } from "./candidate_selection.ts";
import { DataSet, type DataSetParts } from "./data/data_set.ts";
import { digestOf } from "./data/digest.ts";
import { deciding } from "./decision.ts";
import { type Split, split } from "./data/split.ts";
import type { Ledger } from "./report/ledger.ts";
import { NoSolution, Passed } from "./report/result.ts";
import { type SafetyReport, safetyTest } from "./safety_test.ts";
import { tune, type TuneOptions } from "./tuning.ts";

/** What {@link train} needs. */
export interface TrainOptions<M extends Module> extends Omit<SelectionOptions, "data" | "safetyRows"> {
  /** All data, to be split here; or candidate and safety data that were split before. */
  data: DataSet | DataSetParts | Split;
  model: M;
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. Only where the data is split here. */
  safetyFraction?: number;
  /** Settings of the optimizer that are chosen first, by cross-validation inside of the candidate data: see {@link tune}. */
  tune?: Pick<TuneOptions, "space" | "samples" | "folds" | "draws" | "power">;
  /** Counts how often this safety data is tested, and has the result say so from the second time on. */
  ledger?: Ledger;
}

/**
 * Trains a model that keeps its promises, or finds no solution: splits the data, selects candidates, tests them on the rest.
 * The user's model is not changed. The same seed gives the same bits.
 *
 * Several candidates are tested from safe to accurate, each at the whole delta, until the first failure, and the last that
 * passed is returned. Among them let the j-th be the first that breaks a promise: one that does can only be returned if that one
 * passed, which has probability at most delta (fixed-sequence testing: W. Maurer, L. A. Hothorn and W. Lehmacher, 1995).
 */
export async function train<M extends Module>(
  { data, safetyFraction, ledger, tune: search, ...given }: TrainOptions<M>,
): Promise<Passed<M> | NoSolution> {
  if ("candidate" in data && safetyFraction !== undefined) {
    throw new RangeError("Cannot use a safetyFraction for data that is split already: leave it out, or give the data whole");
  }
  const parts = "candidate" in data
    ? data
    : split(data instanceof DataSet ? data : new DataSet(data), { safetyFraction, seed: given.seed });
  const safetyRows = parts.safety.size;
  const trials = search && await tune({ ...given, ...search, data: parts.candidate, safetyRows });
  const options = { ...given, optimizer: { ...given.optimizer, ...trials?.[0]?.settings } };
  const { candidates, stopped, log, lastFeasible } = await selectCandidate<M>({
    ...options,
    data: parts.candidate,
    safetyRows,
  });
  if (candidates.length === 0) {
    return new NoSolution({
      reason: stopped!,
      constraints: [],
      objective: { candidate: null, safety: null },
      log,
      trials,
      lastFeasible,
    });
  }
  const uses = await ledger?.use(await digestOf(parts.safety));
  let kept: { candidate: Candidate<M>; report: SafetyReport } | null = null, tests = 0;
  for (const candidate of candidates) {
    const report = await safetyTest({ ...options, model: candidate.model, data: parts.safety, plan: candidate.plan });
    tests++;
    if (!report.passed) {
      if (kept !== null) break;
      const objective = { candidate: candidate.objective, safety: report.objective };
      const reason = "the candidate failed the safety test";
      return new NoSolution({ reason, constraints: report.constraints, objective, log, trials, lastFeasible, uses });
    }
    kept = { candidate, report };
  }
  const { candidate, report } = kept!, objective = { candidate: candidate.objective, safety: report.objective };
  const model = deciding(candidate.model, options.rates ?? "expected");
  return new Passed({
    model,
    constraints: report.constraints,
    objective,
    log,
    trials,
    uses,
    evidence: { options, plan: candidate.plan, seed: options.seed ?? 0, data: parts.safety, report },
    candidates: { handedOver: candidates.length, tested: tests },
  });
}
