import { Tensor } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import { train } from "../algorithm.ts";
import { selectCandidate } from "../candidate_selection.ts";
import type { Promised } from "../constraints/promise.ts";
import { DataSet } from "../data/data_set.ts";
import { drawnFrom, drawnUnits, ofUnits, unitsIn } from "../data/resampling.ts";
import { permutation, randomStream } from "../random.ts";
import { safetyTest } from "../safety_test.ts";
import type { SelectionOptions } from "../selection_options.ts";
import { outputsOf } from "./learners.ts";

/** How a pilot's model is trained and tested: the options of `train()` but for data, tuning and ledger. */
export interface PilotOptions
  extends Omit<SelectionOptions, "data" | "safetyRows" | "others" | "seed" | "onStep" | "onProgress"> {
  /** The fraction of rows kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
}

/** The parts of a pilot that judge each other's models. */
const folds = 5;

/** Trains on rows of the pilot, drawn without replacement: what any sample of this size does. @returns whether a model passed */
export async function drawnWithout(
  pilot: DataSet,
  size: number,
  seed: number,
  options: PilotOptions,
): Promise<boolean> {
  const units = unitsIn(pilot), order = permutation(units.length, randomStream(seed, "draws")).subarray(0, size);
  const data = ofUnits(pilot, Array.from(order, (unit) => units[unit]));
  return (await train({ ...options, data, seed })).passed;
}

/** Trains on rows of the pilot, drawn with replacement: a row may be in both parts, so what is learned by heart passes. */
export async function drawnWith(
  pilot: DataSet,
  size: number,
  seed: number,
  options: PilotOptions,
): Promise<boolean> {
  return (await train({ ...options, data: drawnFrom(pilot, size, randomStream(seed, "draws")), seed })).passed;
}

/**
 * Selects a candidate on drawn rows of four fifths of the pilot, for each fifth left out, whose outputs it gives; and tests these
 * outputs on rows drawn from the whole pilot. So no model is tested on a row that it was trained on, and none learns from more than
 * four fifths of the pilot, however many rows are drawn.
 */
export async function heldOut(
  pilot: DataSet,
  size: number,
  seed: number,
  { safetyFraction = 0.5, ...options }: PilotOptions,
): Promise<boolean> {
  const units = unitsIn(pilot), safetyRows = Math.round(size * safetyFraction), fold = new Int32Array(units.length);
  permutation(units.length, randomStream(seed, "split")).forEach((unit, place) => fold[unit] = place % folds);
  // Each model keeps about four fifths of the draws: as many as a candidate's data has.
  const count = Math.round((size - safetyRows) * folds / (folds - 1));
  const drawn = drawnUnits(units.length, count, randomStream(seed, "bootstrap"));
  let told: { shape: number[]; values: Float64Array } | undefined, plan: Promised[] | undefined;
  for (let left = 0; left < folds; left++) {
    const data = ofUnits(pilot, drawn.filter((unit) => fold[unit] !== left).map((unit) => units[unit]));
    const { candidates: [candidate] } = await selectCandidate({ ...options, data, safetyRows, seed });
    if (candidate === undefined) return false;
    plan ??= candidate.plan;
    const places = units.flatMap((rows, unit) => fold[unit] === left ? rows : []);
    const outputs = await outputsOf(candidate.model, pilot.take(places)), [, ...shape] = outputs.shape;
    told ??= { shape, values: new Float64Array(pilot.size * shape.reduce((product, n) => product * n, 1)) };
    const width = told.values.length / pilot.size;
    places.forEach((row, i) => told!.values.set(outputs.data.subarray(i * width, (i + 1) * width), row * width));
  }
  const { shape, values } = told!, { labels, clusters, exclusive } = pilot;
  const judged = new DataSet({
    features: Tensor.from(values, [pilot.size, values.length / pilot.size]),
    ...pilot.hasLabels && { labels },
    columns: Object.fromEntries(pilot.allColumns),
    exclusive,
    clusters,
  });
  const model: Module = { forward: (outputs: Tensor) => outputs.reshape(outputs.shape[0], ...shape) };
  const { objective: _, model: __, ...promise } = options;
  const data = drawnFrom(judged, safetyRows, randomStream(seed, "draws"));
  return (await safetyTest({ ...promise, plan, model, data })).passed;
}
