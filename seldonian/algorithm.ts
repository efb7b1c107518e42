import type { Tensor } from "../autodiff/mod.ts";
import type { Module } from "../nn/module.ts";
import { type OtherData, selectCandidate, type SelectionOptions } from "./candidate_selection.ts";
import type { Candidate } from "./training/choice.ts";
import { DataSet, type DataSetParts, type Source } from "./data/data_set.ts";
import { deciding } from "./decision.ts";
import { mapped } from "./mapped.ts";
import { type Split, split } from "./data/split.ts";
import type { Ledger } from "./report/ledger.ts";
import { NoSolution, Passed } from "./report/result.ts";
import { OutputError } from "./outputs.ts";
import { checkColumns, checkSomeRows, promises } from "./problem.ts";
import { type SafetyReport, type SafetyTestOptions, testOf } from "./safety_test.ts";
import { commonRows } from "./data/common_rows.ts";
import { clusterIds, keysOf, unitsOf } from "./data/test_order.ts";
import type { Settings } from "./tuning/search_space.ts";
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

/** Data as `train()` takes it. */
export type GivenData = Source | DataSetParts | Split<Source | DataSetParts>;

/**
 * Trains a model that keeps its promises, or finds no solution: splits the data, selects candidates, tests them on the rest.
 * The user's model is not changed. The same seed gives the same bits.
 *
 * Several candidates are tested from safe to accurate, each at the whole delta, until the first failure, and the last that
 * passed is returned. Among them let the j-th be the first that breaks a promise: one that does can only be returned if that one
 * passed, which has probability at most delta (fixed-sequence testing: W. Maurer, L. A. Hothorn and W. Lehmacher, 1995).
 */
export async function train<M extends Module>(options: TrainOptions<M>): Promise<Passed<M> | NoSolution> {
  return await (await trainedAndTested(options)).drawn();
}

async function trainedAndTested<M extends Module>(
  { data, others = {}, safetyFraction, ledger, tune: search, ...given }: TrainOptions<M>,
): Promise<Passed<M> | NoSolution> {
  const all = (fraction: number | undefined) => ({
    main: parted(data, fraction, given.seed),
    besides: mapped(others, (other) => parted(other, "candidate" in other ? undefined : fraction, given.seed)),
  });
  const asGiven = all(safetyFraction), { main: first, besides: firstOthers } = asGiven, sets = { "": first, ...firstOthers };
  const splitBefore = (name: string) => "candidate" in (name === "" ? data : others[name]);
  for (const name of given.paired ?? []) {
    if (!Object.hasOwn(others, name) || splitBefore(name) === splitBefore("")) continue;
    throw new RangeError(
      `Cannot pair the rows of "${name}" with those of the data: give both whole, or both split in the same way`,
    );
  }
  await checkApart(sets, new Set(Object.keys(sets).filter((name) => !splitBefore(name))));
  const promised = promises(given);
  checkColumns(promised, given.objective, first.candidate, mapped(firstOthers, ({ candidate }) => candidate));
  checkColumns(promised, given.objective, first.safety, mapped(firstOthers, ({ safety }) => safety));
  await checkSomeRows(promised, mapped(sets, ({ candidate, safety }) => [candidate, safety]));
  const { trials, settings: { safetyFraction: chosen = safetyFraction, shares = given.shares, ...tuned } } = search === undefined
    ? { settings: {} as Settings }
    : await tunedFirst(search, given, all, safetyFraction);
  const { main: parts, besides } = chosen === safetyFraction ? asGiven : all(chosen),
    otherSafety = mapped(besides, ({ safety }) => safety);
  const note = async () =>
    await ledger?.use({
      tested: await keysOf([parts.safety, ...Object.values(otherSafety)]),
      trained: await keysOf([parts.candidate, ...Object.values(besides).map(({ candidate }) => candidate)]),
      deltas: given.constraints.map(({ delta }) => delta),
    });
  // What may be spent must be known before training, which predicts the test; the place in the row of tests is taken by that.
  const reserved = ledger?.spend === "halving" ? await note() : undefined;
  const constraints = given.constraints.map((stated, i) => ({ ...stated, delta: reserved?.deltas[i] ?? stated.delta }));
  const options = { ...given, constraints, shares, optimizer: { ...given.optimizer, ...tuned } };
  const { candidates, stopped, log, lastFeasible } = await selectCandidate<M>({
    ...options,
    data: parts.candidate,
    safetyRows: await unitsOf(parts.safety),
    others: await othersOf(besides),
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
  const uses = reserved ?? await note();
  let kept: { candidate: Candidate<M>; report: SafetyReport } | null = null, tests = 0;
  for (const candidate of candidates) {
    const report = await tested({
      ...options,
      model: candidate.model,
      data: parts.safety,
      others: otherSafety,
      plan: candidate.plan,
    });
    tests++;
    if (typeof report === "string") {
      if (kept !== null) break;
      const objective = { candidate: candidate.objective, safety: null };
      return new NoSolution({ reason: report, constraints: [], objective, log, trials, lastFeasible, uses });
    }
    if (!report.passed) {
      if (kept !== null) break;
      const objective = { candidate: candidate.objective, safety: report.objective };
      const reason = "the candidate failed the safety test";
      return new NoSolution({ reason, constraints: report.constraints, objective, log, trials, lastFeasible, uses });
    }
    kept = { candidate, report };
  }
  const { candidate, report } = kept!, objective = { candidate: candidate.objective, safety: report.objective };
  const model = deciding(candidate.model, options.rates ?? "expected", options.seed ?? 0);
  return new Passed({
    model,
    constraints: report.constraints,
    objective,
    log,
    trials,
    uses,
    evidence: { options, plan: candidate.plan, seed: options.seed ?? 0, data: parts.safety, others: otherSafety, report },
    candidates: { handedOver: candidates.length, tested: tests },
  });
}

/** Settings that are searched before training, on data that is candidate data whatever part of the rows will be kept for safety. */
async function tunedFirst<M extends Module>(
  search: NonNullable<TrainOptions<M>["tune"]>,
  given: Omit<TrainOptions<M>, "data" | "others" | "safetyFraction" | "ledger" | "tune">,
  split: (safetyFraction: number | undefined) => { main: Split; besides: Record<string, Split> },
  safetyFraction: number | undefined,
): Promise<{ trials: Trial[]; settings: Settings }> {
  const fractions = search.space.safetyFraction;
  const most = fractions === undefined ? safetyFraction : "to" in fractions ? fractions.to : Math.max(...fractions.map(Number));
  const { main: { candidate, safety }, besides } = split(most), safetyRows = await unitsOf(safety);
  const totalRows = await unitsOf(candidate) + safetyRows;
  const trials = await tune({
    ...given,
    ...search,
    data: candidate,
    safetyRows,
    totalRows,
    others: await othersOf(besides),
  });
  return { trials, settings: trials[0]?.settings ?? {} };
}

async function othersOf(besides: Readonly<Record<string, Split>>): Promise<Record<string, OtherData>> {
  const found: Record<string, OtherData> = {};
  for (const [name, { candidate, safety }] of Object.entries(besides)) {
    found[name] = { data: candidate, safetyRows: await unitsOf(safety) };
  }
  return found;
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

/**
 * That no row is in a candidate part and in a safety part, of any data set: what was trained on is no evidence.
 * @param splitHere names of those that were split here
 * @throws {RangeError} with how many are, and for clusters that both parts have
 */
async function checkApart(sets: Readonly<Record<string, Split>>, splitHere: ReadonlySet<string>): Promise<void> {
  const nameOf = (name: string) => name === "" ? "the data" : `"${name}"`;
  for (const [trained, { candidate }] of Object.entries(sets)) {
    for (const [tested, { safety }] of Object.entries(sets)) {
      if (trained === tested && splitHere.has(trained)) continue;
      const count = await commonRows(candidate, safety);
      if (count > 0) {
        throw new RangeError(
          `Cannot test on what was trained on: ${count} of ${safety.size} rows of the safety part of ${
            nameOf(tested)
          } are in the ` +
            `candidate part of ${nameOf(trained)}; give data whole, to be split here, or parts as split() makes them` +
            (trained === tested ? "" : "; of data sets that share rows, split one table, and make both of its parts"),
        );
      }
      if (trained !== tested || !candidate.hasClusters || !safety.hasClusters) continue;
      const known = new Set(await clusterIds(candidate)), both = (await clusterIds(safety)).find((id) => known.has(id));
      if (both === undefined) continue;
      throw new RangeError(
        `Cannot test on clusters that were trained on: ${JSON.stringify(both)} is in both parts of ${nameOf(tested)}; ` +
          "split by them, as in split(table, { groups: table.column(…) })",
      );
    }
  }
}

/** Candidate and safety data, split here or before. */
function parted(data: GivenData, safetyFraction: number | undefined, seed: number | undefined): Split {
  if ("candidate" in data) {
    if (safetyFraction !== undefined) {
      throw new RangeError("Cannot use a safetyFraction for data that is split already: leave it out, or give the data whole");
    }
    return { candidate: sourceOf(data.candidate), safety: sourceOf(data.safety) };
  }
  const whole = sourceOf(data);
  if (!(whole instanceof DataSet)) {
    throw new TypeError("Cannot split a stream of data here: split its tables by splitTables(), and give { candidate, safety }");
  }
  return split(whole, { safetyFraction, seed });
}

function sourceOf(data: Source | DataSetParts): Source {
  return "chunks" in data ? data : new DataSet(data);
}
