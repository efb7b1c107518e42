import { modelKind, type Module } from "../../nn/module.ts";
import type { RandomGenerator } from "../../deps.ts";
import { callable, checkArgument, type Known, number, whole, without } from "../../autodiff/options.ts";
import { select } from "../candidate_selection.ts";
import { type CandidateData, candidateSets, type SelectionOptions, selectionOptions } from "../selection_options.ts";
import type { DataSet, Source } from "../data/data_set.ts";
import { drawnFrom, unitsIn } from "../data/resampling.ts";
import { problemOf } from "../problem/problem.ts";
import { permutation, randomStream } from "../random.ts";
import { testOf } from "../safety_test.ts";
import type { Sets } from "../sets.ts";
import { mostCompared } from "../training/choice.ts";
import { partsOf, type Settings } from "./search_space.ts";

/** The options of a trial. */
export interface TrialOptions extends Omit<SelectionOptions, "onStep" | "onProgress"> {
  /** The candidate data; safety data must not be part of it. If it has more than 10,000 rows, that many are drawn. */
  data: Source;
  /** The number of rows, or clusters, in candidate and safety data together; required if the space has a `safetyFraction`. */
  totalRows?: number;
  /** The number of folds; each is held out once. Default 5. */
  folds?: number;
  /** Safety tests for each held-out fold, each on `safetyRows` of its rows drawn with replacement; default 10. */
  draws?: number;
  /**
   * Makes the model of a trial from the settings whose names begin with "model.": `space: { "model.width": [4, 8] }` and
   * `modelOf: ({ width }) => network(width)`. Default: the model, in every trial.
   */
  // deno-lint-ignore no-explicit-any
  modelOf?: (settings: any) => Module;
}

/** The allowed options of trials. */
export const trialOptions: Known<TrialOptions> = {
  ...without(selectionOptions, "onStep", "onProgress"),
  totalRows: whole(1),
  folds: number,
  draws: whole(1),
  modelOf: callable,
};

/** The results of some settings on one held-out fold. */
export interface FoldTrial {
  /** Safety tests that passed. */
  passed: number;
  /** The objective on the fold; `null` if training ended without a model. */
  objective: number | null;
}

/** Settings, the held-out fold, and the least safety fraction for comparison. */
export interface FoldRequest {
  /** The settings to try. */
  settings: Settings;
  /** The held-out fold of the candidate data, from 0. */
  fold: number;
  /** The least safety fraction of all trials; all are tested on it. */
  leastSafetyFraction?: number;
}

/** The same with data in memory. */
export interface SampledTrialOptions extends Omit<TrialOptions, keyof CandidateData | "others"> {
  sets: Sets<{ data: DataSet; safetyRows: number }>;
}

/**
 * The model for some settings of it.
 * @throws {TypeError} if `modelOf` makes none
 */
export function modelFor(settings: Record<string, unknown>, { model, modelOf }: Pick<TrialOptions, "model" | "modelOf">): Module {
  if (modelOf === undefined || Object.keys(settings).length === 0) return model;
  const made = modelOf(settings);
  checkArgument("search", "the result of modelOf()", made, modelKind);
  return made;
}

/** Draws the rows for all trials, if there are more; a stream is read once for it. */
export async function sampledForTrials({ data, safetyRows, others, ...rest }: TrialOptions): Promise<SampledTrialOptions> {
  const sets = await candidateSets({ data, safetyRows, others }).mapInTurn(async ({ data, safetyRows }) => ({
    data: await data.sample(mostCompared, randomStream(rest.seed ?? 0, "comparison")),
    safetyRows,
  }));
  return { ...rest, sets };
}

/**
 * Trains on all folds but one, and tests on that one.
 * @throws the signal's reason, if it came meanwhile
 */
export async function foldTrial(
  options: SampledTrialOptions,
  { settings, fold, leastSafetyFraction = 0 }: FoldRequest,
): Promise<FoldTrial> {
  const { folds = 5, draws = 10, seed = 0, totalRows = 0, sets, modelOf, ...rest } = options;
  const { ofModel, others: { safetyFraction, shares = rest.shares, ...optimizer } } = partsOf(settings);
  rest.model = modelFor(ofModel, { model: rest.model, modelOf });
  const parts = sets.map(({ data, safetyRows }, name) => {
    // One random stream for each data set, so that paired rows stay together.
    const { kept, heldOut } = partOf(data, folds, fold, randomStream(seed, "split"));
    if (name !== undefined || safetyFraction === undefined) return { data: kept, heldOut, safetyRows };
    // A greater safety fraction leaves proportionally fewer rows to train on.
    const trainedOn = someOf(kept, (1 - safetyFraction) / (1 - leastSafetyFraction));
    return { data: trainedOn, heldOut, safetyRows: Math.round(safetyFraction * totalRows) };
  });
  const stated = { ...rest, shares }, problem = await problemOf(stated, parts);
  const how = { ...rest, candidates: 1, optimizer: { ...rest.optimizer, ...optimizer }, seed };
  const { candidates: [candidate] } = await select<Module>(problem, how);
  // An interrupted training says nothing about its settings.
  how.signal?.throwIfAborted();
  if (candidate === undefined) return { passed: 0, objective: null };
  const { model, plan } = candidate;
  const { objective } = await testOf(await problemOf({ ...stated, plan }, parts.map(({ heldOut }) => ({ data: heldOut }))), {
    model,
  });
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const drawn = parts.map(({ heldOut, safetyRows }) => ({
      data: drawnFrom(heldOut, safetyRows, randomStream(seed + fold + folds * draw, "draws")),
    }));
    const test = await problemOf({ ...stated, objective: undefined, plan }, drawn);
    if ((await testOf(test, { model, isRowFunction: true })).passed) passed++;
  }
  return { passed, objective };
}

/** The first rows, or clusters, up to this fraction. */
function someOf(data: DataSet, part: number): DataSet {
  const units = unitsIn(data);
  return data.take(units.slice(0, Math.round(part * units.length)).flat());
}

/** One fold of the data, and all others. */
function partOf(data: DataSet, folds: number, fold: number, random: RandomGenerator): { kept: DataSet; heldOut: DataSet } {
  const units = unitsIn(data), order = permutation(units.length, random);
  const rows = (held: boolean) => Array.from(order).flatMap((unit, i) => (i % folds === fold) === held ? units[unit] : []);
  return { kept: data.take(rows(false)), heldOut: data.take(rows(true)) };
}
