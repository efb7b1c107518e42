import type { Module } from "../../nn/module.ts";
import { type RandomGenerator, uniformInt } from "../../deps.ts";
import { selectCandidate, type SelectionOptions } from "../candidate_selection.ts";
import type { DataSet, Source } from "../data/data_set.ts";
import { mapped } from "../mapped.ts";
import { permutation, randomStream } from "../random.ts";
import { safetyTest } from "../safety_test.ts";
import { mostCompared } from "../training/choice.ts";
import type { Settings } from "./search_space.ts";

/** What a trial is made with. */
export interface TrialOptions extends Omit<SelectionOptions, "onStep" | "onProgress"> {
  /** The candidate data; safety data must have no part in it. Of more than 10,000 rows, so many are drawn. */
  data: Source;
  /** Rows of candidate and safety data together; needed where the space has a `safetyFraction`. */
  totalRows?: number;
  /** Parts of the data; each is held out once. Default 5. */
  folds?: number;
  /** Safety tests that are made up of every part that is held out, by drawing `safetyRows` of its rows with replacement; default 10. */
  draws?: number;
}

/** What one part held out says of some settings. */
export interface FoldTrial {
  /** Safety tests that passed. */
  passed: number;
  /** The objective on the part; `null` if training ended without a model. */
  objective: number | null;
}

/** Settings, the part that is held out, and of the space what the others are compared with. */
export interface FoldRequest {
  /** What is tried. */
  settings: Settings;
  /** Which part of the candidate data is kept apart, from 0. */
  fold: number;
  /** The least safety fraction of all trials, on which all are tested. */
  leastSafetyFraction?: number;
}

/** The same with data that is at hand. */
export interface SampledTrialOptions extends Omit<TrialOptions, "data" | "others"> {
  data: DataSet;
  others: Readonly<Record<string, { data: DataSet; safetyRows: number }>>;
}

/** Draws the rows that all trials are made with, where there are more: a stream is read once for it. */
export async function sampledForTrials({ data, others = {}, ...rest }: TrialOptions): Promise<SampledTrialOptions> {
  const some = async (source: Source) => await source.sample(mostCompared, randomStream(rest.seed ?? 0, "comparison"));
  const sampled: Record<string, { data: DataSet; safetyRows: number }> = {};
  for (const [name, { data, safetyRows }] of Object.entries(others)) sampled[name] = { data: await some(data), safetyRows };
  return { ...rest, data: await some(data), others: sampled };
}

/** Trains on all parts but one, and tests on that. */
export async function foldTrial(
  options: SampledTrialOptions,
  { settings, fold, leastSafetyFraction = 0 }: FoldRequest,
): Promise<FoldTrial> {
  const { folds = 5, draws = 10, seed = 0, totalRows = 0, others, ...rest } = options;
  const { safetyFraction, shares = rest.shares, ...optimizer } = settings, random = randomStream(seed, "split");
  const { kept, heldOut } = partOf(rest.data, folds, fold, random);
  const parts = mapped(others, ({ data, safetyRows }) => ({ ...partOf(data, folds, fold, random), safetyRows }));
  // With a greater part for safety there will be fewer rows to train on, in the same proportion.
  const trainedOn = safetyFraction === undefined ? kept : kept.take(
    Array.from({ length: Math.round(kept.size * (1 - safetyFraction) / (1 - leastSafetyFraction)) }, (_, row) => row),
  );
  const safetyRows = safetyFraction === undefined ? rest.safetyRows : Math.round(safetyFraction * totalRows);
  const { candidates: [candidate] } = await selectCandidate<Module>({
    ...rest,
    shares,
    data: trainedOn,
    others: mapped(parts, ({ kept, safetyRows }) => ({ data: kept, safetyRows })),
    safetyRows,
    candidates: 1,
    optimizer: { ...rest.optimizer, ...optimizer },
    seed,
  });
  if (candidate === undefined) return { passed: 0, objective: null };
  const { model, plan } = candidate, drawing = randomStream(seed + fold, "draws"), test = { ...rest, shares, model, plan };
  const { objective } = await safetyTest({ ...test, data: heldOut, others: mapped(parts, ({ heldOut }) => heldOut) });
  const drawn = (data: DataSet, count: number) =>
    data.take(Array.from({ length: count }, () => uniformInt(drawing, 0, data.size - 1)));
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const data = drawn(heldOut, safetyRows);
    const others = mapped(parts, ({ heldOut, safetyRows }) => drawn(heldOut, safetyRows));
    if ((await safetyTest({ ...test, objective: undefined, data, others, seed: draw })).passed) passed++;
  }
  return { passed, objective };
}

/** A part of the data, and all others. */
function partOf(data: DataSet, folds: number, fold: number, random: RandomGenerator): { kept: DataSet; heldOut: DataSet } {
  const order = permutation(data.size, random);
  return {
    kept: data.take(order.filter((_, i) => i % folds !== fold)),
    heldOut: data.take(order.filter((_, i) => i % folds === fold)),
  };
}
