import type { Tensor } from "../autodiff/mod.ts";
import type { Module } from "../nn/module.ts";
import { checkOptions, type Known, number, record } from "../autodiff/options.ts";
import {
  type OtherData,
  selectCandidate,
  type Selection,
  type SelectionOptions,
  selectionOptions,
} from "./candidate_selection.ts";
import type { Candidate } from "./training/choice.ts";
import { deciding } from "./decision.ts";
import { checkedParts, type GivenData, type Parts, partsOf } from "./given_data.ts";
import { mapped } from "./mapped.ts";
import { type Ledger, ledgerKind } from "./report/ledger.ts";
import { NoSolution, Passed } from "./report/result.ts";
import { OutputError } from "./outputs.ts";
import { checkColumns, checkSomeRows, promises } from "./problem.ts";
import { objectiveNamed } from "./promise_kinds.ts";
import { type SafetyReport, type SafetyTestOptions, testOf } from "./safety_test.ts";
import { DataSet } from "./data/data_set.ts";
import type { Description } from "./data/description.ts";
import { checkGiven } from "./data/given_kinds.ts";
import type { Split } from "./data/split.ts";
import { keysOf, unitsOf } from "./data/units.ts";
import { checkSearch, type Settings } from "./tuning/search_space.ts";
import { type Trial, tune, type TuneOptions } from "./tuning/tuning.ts";

/** What {@link train} needs. */
export interface TrainOptions<M extends Module> extends Omit<SelectionOptions, "data" | "safetyRows" | "others" | "penalty"> {
  /** All data, to be split here; or candidate and safety data that were split before. */
  data: GivenData;
  /** Other data sets that constraints are on, by the name that they give them: `(ACC | name)`. */
  others?: Readonly<Record<string, GivenData>>;
  /** What is trained; it is copied, and stays as it is. */
  model: M;
  /** Added to the objective in training, shape [], as for a regularisation of one's own. */
  penalty?: (model: M) => Tensor;
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. Only where the data is split here. */
  safetyFraction?: number;
  /** Settings of the optimizer that are chosen first, by cross-validation inside of the candidate data: see {@link tune}. */
  tune?: Pick<TuneOptions, "space" | "search" | "samples" | "folds" | "draws" | "power" | "onTrial" | "known" | "workers">;
  /** Remembers the rows of tests, and has the result say so where some were tested or trained on before; see {@link ledgerFile}. */
  ledger?: Ledger;
}

const { safetyRows: _, ...selecting } = selectionOptions;

const known: Known<TrainOptions<Module>> = { ...selecting, safetyFraction: number, tune: record, ledger: ledgerKind };

/**
 * Trains a model that keeps its promises, or finds no solution: splits the data, selects candidates, tests them on the rest.
 * The user's model is not changed. The same seed gives the same bits.
 *
 * Several candidates are tested from safe to accurate, each at the whole delta, until the first failure, and the last that
 * passed is returned. Among them let the j-th be the first that breaks a promise: one that does can only be returned if that one
 * passed, which has probability at most delta (fixed-sequence testing: W. Maurer, L. A. Hothorn and W. Lehmacher, 1995).
 */
export async function train<M extends Module>(options: TrainOptions<M>): Promise<Passed<M> | NoSolution> {
  return await (await trainedAndTested(checkOptions<TrainOptions<M>>("train", options, known))).drawn();
}

async function trainedAndTested<M extends Module>(
  { data, others = {}, safetyFraction, ledger, tune: search, ...stated }: TrainOptions<M>,
): Promise<Passed<M> | NoSolution> {
  const given = { ...stated, objective: objectiveNamed(stated.objective) };
  if (search !== undefined) checkSearch(search, "tune");
  checkGiven(data);
  for (const [name, other] of Object.entries(others)) checkGiven(other, name);
  const parts = (fraction: number | undefined) => partsOf(data, others, fraction, given);
  const asGiven = await checkedParts(parts(safetyFraction), data, others, given.paired);
  const promised = promises(given);
  for (const part of ["candidate", "safety"] as const) {
    checkColumns(promised, given.objective, asGiven.main[part], mapped(asGiven.others, (other) => other[part]));
  }
  await checkSomeRows(promised, mapped({ "": asGiven.main, ...asGiven.others }, ({ candidate, safety }) => [candidate, safety]));
  const { trials, settings: { safetyFraction: chosen = safetyFraction, shares = given.shares, ...tuned } } = search === undefined
    ? { settings: {} as Settings }
    : await tunedFirst(search, given, parts, safetyFraction);
  const { main, others: besides } = chosen === safetyFraction ? asGiven : parts(chosen);
  const otherSafety = mapped(besides, ({ safety }) => safety);
  const note = async () =>
    await ledger?.use({
      tested: await keysOf([main.safety, ...Object.values(otherSafety)]),
      trained: await keysOf([main.candidate, ...Object.values(besides).map(({ candidate }) => candidate)]),
      deltas: given.constraints.map(({ delta }) => delta),
    });
  // What may be spent must be known before training, which predicts the test; the place in the row of tests is taken by that.
  const reserved = ledger?.spend === "halving" ? await note() : undefined;
  const constraints = given.constraints.map((stated, i) => ({ ...stated, delta: reserved?.deltas[i] ?? stated.delta }));
  const options = { ...given, constraints, shares, optimizer: { ...given.optimizer, ...tuned } };
  let selection: Selection<M> | undefined;
  try {
    selection = await selectCandidate<M>({
      ...options,
      data: main.candidate,
      safetyRows: await unitsOf(main.safety),
      others: await othersOf(besides),
    });
  } finally {
    // A test that is not made spends nothing.
    if (reserved !== undefined && !selection?.candidates.length) await ledger?.unused?.(reserved);
  }
  const { candidates, stopped, log, lastFeasible } = selection, description = described(main);
  if (candidates.length === 0) {
    return new NoSolution({
      reason: stopped!,
      constraints: [],
      objective: { candidate: null, safety: null },
      log,
      trials,
      description,
      lastFeasible,
    });
  }
  const uses = reserved ?? await note();
  let kept: { candidate: Candidate<M>; report: SafetyReport } | null = null, tests = 0;
  for (const candidate of candidates) {
    const report = await tested({
      ...options,
      model: candidate.model,
      data: main.safety,
      others: otherSafety,
      plan: candidate.plan,
    });
    tests++;
    if (typeof report === "string") {
      if (kept !== null) break;
      const objective = { candidate: candidate.objective, safety: null };
      return new NoSolution({ reason: report, constraints: [], objective, log, trials, lastFeasible, uses, description });
    }
    if (!report.passed) {
      if (kept !== null) break;
      const objective = { candidate: candidate.objective, safety: report.objective };
      const reason = "the candidate failed the safety test";
      return new NoSolution({ reason, constraints: report.constraints, objective, log, trials, lastFeasible, uses, description });
    }
    kept = { candidate, report };
  }
  const { candidate, report } = kept!, objective = { candidate: candidate.objective, safety: report.objective };
  const model = deciding(candidate.model, options.rates ?? "expected", options.seed ?? 0, main.safety.rowShape);
  return new Passed({
    model,
    constraints: report.constraints,
    objective,
    log,
    trials,
    uses,
    description,
    evidence: { options, plan: candidate.plan, seed: options.seed ?? 0, data: main.safety, others: otherSafety, report },
    candidates: { handedOver: candidates.length, tested: tests },
  });
}

/** Settings that are searched before training, on data that is candidate data whatever part of the rows will be kept for safety. */
async function tunedFirst<M extends Module>(
  search: NonNullable<TrainOptions<M>["tune"]>,
  given: Omit<TrainOptions<M>, "data" | "others" | "safetyFraction" | "ledger" | "tune">,
  parts: (safetyFraction: number | undefined) => Parts,
  safetyFraction: number | undefined,
): Promise<{ trials: Trial[]; settings: Settings }> {
  const fractions = search.space.safetyFraction;
  const most = fractions === undefined ? safetyFraction : "to" in fractions ? fractions.to : Math.max(...fractions.map(Number));
  const { main: { candidate, safety }, others: besides } = parts(most), safetyRows = await unitsOf(safety);
  const totalRows = await unitsOf(candidate) + safetyRows;
  // Trials are not steps of the training.
  const { onStep: _, onProgress: __, ...trained } = given;
  const trials = await tune({
    ...trained,
    ...search,
    data: candidate,
    safetyRows,
    totalRows,
    others: await othersOf(besides),
  });
  return { trials, settings: trials[0]?.settings ?? {} };
}

async function othersOf(besides: Parts["others"]): Promise<Record<string, OtherData>> {
  const found: Record<string, OtherData> = {};
  for (const [name, { candidate, safety }] of Object.entries(besides)) {
    found[name] = { data: candidate, safetyRows: await unitsOf(safety) };
  }
  return found;
}

/** What the table was read as that the data is of, if it is of one. */
function described(parts: Split): Description | undefined {
  return parts.safety instanceof DataSet ? parts.safety.about.source?.describe(parts) : undefined;
}

/** A safety test, or why the model's outputs cannot be tested: what took long to train is not lost by that. */
async function tested(options: SafetyTestOptions): Promise<SafetyReport | string> {
  try {
    return await testOf(options, { plan: true });
  } catch (error) {
    if (error instanceof OutputError) return `the candidate could not be tested: ${error.message}`;
    throw error;
  }
}
