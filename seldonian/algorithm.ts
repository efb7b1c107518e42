import type { Tensor } from "../autodiff/mod.ts";
import type { Module } from "../nn/module.ts";
import { checkOptions, type Known, number, record, without } from "../autodiff/options.ts";
import type { Shared } from "./assess.ts";
import { select, type Selection } from "./candidate_selection.ts";
import { type SelectionOptions, selectionOptions } from "./selection_options.ts";
import type { Candidate } from "./training/choice.ts";
import { deciding } from "./decision.ts";
import { candidateDataOf, checkedParts, type GivenData, partsOf } from "./given_data.ts";
import { type Ledger, ledgerKind } from "./records/ledger.ts";
import { madeHere } from "./report/made.ts";
import { NoSolution, Passed, type ResultParts } from "./report/result.ts";
import { OutputError } from "./outputs.ts";
import { atDelta } from "./constraints/promise.ts";
import { owned } from "./problem/owned.ts";
import { checkSomeRows } from "./problem/check_rows.ts";
import { type Problem, problemOf, type ProblemOptions } from "./problem/problem.ts";
import { type SafetyReport, testOf } from "./safety_test.ts";
import { Sets } from "./sets.ts";
import { DataSet } from "./data/data_set.ts";
import type { Description } from "./data/description.ts";
import { checkGiven } from "./data/given_kinds.ts";
import type { Split } from "./data/split.ts";
import { keysOf } from "./data/units.ts";
import { type SearchOptions, searchOptions, type Trial } from "./tuning/search.ts";

/** The options of {@link train}. */
export interface TrainOptions<M extends Module> extends Omit<SelectionOptions, "data" | "safetyRows" | "others" | "penalty"> {
  /** All data, to be split here; or candidate and safety data that are split already. */
  data: GivenData;
  /** Other data sets that constraints name, as in `(ACC | name)`. */
  others?: Readonly<Record<string, GivenData>>;
  /** The model to train. It is copied; the original does not change. */
  model: M;
  /** Added to the objective in training, shape [], as for a custom regularisation. */
  penalty?: (model: M) => Tensor;
  /** The fraction of rows kept for the safety test, between 0 and 1; default 0.5. Only where the data is split here. */
  safetyFraction?: number;
  /** Optimizer settings to choose first, by cross-validation within the candidate data: see {@link tune}. */
  tune?: SearchOptions;
  /** Remembers the rows of tests; the result then says whether some were tested or trained on before: see {@link ledgerFile}. */
  ledger?: Ledger;
}

/** The allowed options. */
export const trainOptions: Known<TrainOptions<Module>> = {
  ...without(selectionOptions, "safetyRows"),
  safetyFraction: number,
  tune: { ...record, within: Object.keys(searchOptions) },
  ledger: ledgerKind,
};

/**
 * Trains a model that keeps its promises, or finds no solution: splits the data, selects candidates, and tests them on the rest.
 * Does not change the user's model. The same seed gives the same bits.
 *
 * Several candidates are tested from safe to accurate, each at the whole delta, until the first failure, and the last that passed
 * is returned. Let the j-th be the first that breaks a promise. A candidate that breaks one is returned only if the j-th passed,
 * which has probability at most delta (fixed-sequence testing: W. Maurer, L. A. Hothorn and W. Lehmacher, 1995).
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for a value that is not allowed, and for data or outputs that do not fit, with the row
 * @throws {ConstraintError} for a constraint that cannot be read, or that names an unknown measure, column or data set
 */
export async function train<M extends Module>(options: TrainOptions<M>): Promise<Passed<M> | NoSolution> {
  return await (await trainedAndTested(owned(checkOptions<TrainOptions<M>>("train", options, trainOptions)))).drawn();
}

async function trainedAndTested<M extends Module>({ ledger, ...options }: TrainOptions<M>): Promise<Passed<M> | NoSolution> {
  const { sets, stated, given, trials } = await prepared(options);
  const use = async () =>
    await ledger?.use({
      tested: await keysOf(sets.all.map(({ safety }) => safety)),
      trained: await keysOf(sets.all.map(({ candidate }) => candidate)),
      deltas: stated.candidate.promises.map(({ delta }) => delta),
    });
  // The spent delta must be known before training, which predicts the test. This also reserves the place in the row of tests.
  const reserved = ledger?.spend === "halving" ? await use() : undefined;
  const promises = stated.candidate.promises.map((promised, i) => atDelta(promised, reserved?.deltas[i] ?? promised.delta));
  let selection: Selection<M> | undefined;
  try {
    selection = await select<M>({ ...stated.candidate, promises }, given);
  } finally {
    // A test that does not run spends nothing.
    if (reserved !== undefined && !selection?.candidates.length) await ledger?.unused?.(reserved);
  }
  const { candidates, stopped, log, lastFeasible } = selection, about = { log, trials, description: described(sets.main) };
  /** A result that says what is worth trying. */
  const none = async (failed: Candidate<M> | null, found: Pick<NoSolution, "reason" | "constraints" | "objective" | "uses">) => {
    const problem = { ...stated.candidate, promises }, { constraints } = found, { model, optimizer, penalty } = given;
    const run = { model, optimizer, penalty, problem, selection: selection!, candidate: failed, constraints };
    const advice = await (await import("./report/advice_after.ts")).adviceAfter(run);
    return new NoSolution({ ...about, lastFeasible, failed, advice, ...found });
  };
  if (candidates.length === 0) {
    return await none(null, { reason: stopped!, constraints: [], objective: { candidate: null, safety: null } });
  }
  const uses = reserved ?? await use(), { passed, failed, tests } = await testedInTurn(candidates, stated.safety);
  if (passed === null) return await none(candidates[0], { uses, ...failed! });
  const { candidate, report, problem } = passed, { seed = 0 } = given;
  return new Passed({
    ...about,
    uses,
    best: candidate,
    model: deciding(candidate.model, problem, seed, sets.main.safety.rowShape),
    constraints: report.constraints,
    objective: { candidate: candidate.objective, safety: report.objective },
    evidence: { options: given, problem, seed, report, made: madeHere() },
    candidates: { handedOver: candidates.length, tested: tests },
  });
}

/** The candidate and safety parts of all data, the problem on each, and the options, with tuned settings. */
async function prepared<M extends Module>(
  { data, others, safetyFraction, tune: search, ...given }: Omit<TrainOptions<M>, "ledger">,
): Promise<Prepared<M>> {
  const tuning = search && (await import("./tuning/tuned_first.ts")).tuningBy(search);
  const whole = new Sets<GivenData>(data, others);
  for (const [name, one] of whole.entries) checkGiven(one, name);
  const parts = (fraction: number | undefined) => partsOf(whole, fraction, given.seed);
  const sets = await checkedParts(parts(safetyFraction), whole, given.paired), stated = await problemsOf(given, sets);
  await checkSomeRows(stated.candidate.promises, sets.map(({ candidate, safety }) => [candidate, safety]));
  if (tuning === undefined) return { sets, stated, given };
  const { trials, tuned, safetyFraction: chosen } = await tuning(given, parts, safetyFraction);
  if (chosen === safetyFraction && tuned.shares === given.shares) return { sets, stated, given: tuned, trials };
  const resplit = chosen === safetyFraction ? sets : parts(chosen);
  return { sets: resplit, stated: await problemsOf(tuned, resplit), given: tuned, trials };
}

interface Prepared<M extends Module> {
  sets: Sets<Split>;
  stated: { candidate: Problem; safety: Problem };
  given: Omit<TrainOptions<M>, "data" | "others" | "safetyFraction" | "ledger" | "tune">;
  /** Trials of a search, if there was one. */
  trials?: Trial[];
}

/** Tests candidates in turn until the first failure: the last that passed, or the failure of the first. */
async function testedInTurn<M extends Module>(candidates: readonly Candidate<M>[], safety: Problem): Promise<{
  passed: { candidate: Candidate<M>; report: SafetyReport; problem: Problem } | null;
  failed: Pick<ResultParts, "constraints" | "objective"> & { reason: string } | null;
  tests: number;
}> {
  const shared: Shared = new Map();
  let passed = null;
  for (const [i, candidate] of candidates.entries()) {
    const problem = { ...safety, promises: candidate.plan }, report = await tested(problem, candidate.model, shared);
    if (typeof report === "string") {
      const objective = { candidate: candidate.objective, safety: null };
      return { passed, failed: { reason: report, constraints: [], objective }, tests: i + 1 };
    }
    if (!report.passed) {
      const reason = "the candidate failed the safety test",
        objective = { candidate: candidate.objective, safety: report.objective };
      return { passed, failed: { reason, constraints: report.constraints, objective }, tests: i + 1 };
    }
    passed = { candidate, report, problem };
  }
  return { passed, failed: null, tests: candidates.length };
}

/**
 * The problem on the candidate data, predicting a test on as many rows as the safety data has, and the problem on the safety
 * data.
 */
async function problemsOf(options: ProblemOptions, parts: Sets<Split>): Promise<{ candidate: Problem; safety: Problem }> {
  return {
    candidate: await problemOf(options, await parts.mapInTurn(candidateDataOf)),
    safety: await problemOf(options, parts.map(({ safety }) => ({ data: safety }))),
  };
}

/** The description of the table that the data comes from, if any. */
function described(parts: Split): Description | undefined {
  return parts.safety instanceof DataSet ? parts.safety.about.source?.describe(parts) : undefined;
}

/** A safety test, or why the model's outputs cannot be tested: an error must not lose a long training. */
async function tested(problem: Problem, model: Module, shared: Shared): Promise<SafetyReport | string> {
  try {
    return await testOf(problem, { model, shared });
  } catch (error) {
    if (error instanceof OutputError) return `the candidate could not be tested: ${error.message}`;
    throw error;
  }
}
