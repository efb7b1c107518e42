import type { Module } from "../nn/module.ts";
import { uniformInt } from "../deps.ts";
import { selectCandidate, type SelectionOptions } from "./candidate_selection.ts";
import type { DataSet } from "./data/data_set.ts";
import type { OptimizerOptions } from "./options.ts";
import { permutation, randomStream } from "./random.ts";
import { safetyTest } from "./safety_test.ts";

/** Values to try for each option of the optimizer: `{ inflation: [2, 3], regularization: [0, 0.03] }`. */
export type SearchSpace = { [Option in keyof OptimizerOptions]?: readonly OptimizerOptions[Option][] };

/** What {@link tune} needs. */
export interface TuneOptions extends Omit<SelectionOptions, "onStep" | "onProgress"> {
  /** The candidate data; safety data must have no part in it. */
  data: DataSet;
  space: SearchSpace;
  /** How many of the combinations are tried, drawn at random; default: all. */
  samples?: number;
  /** Parts of the data; each is held out once. Default 5. */
  folds?: number;
  /** Safety tests that are made up of every part that is held out, by drawing `safetyRows` of its rows with replacement; default 10. */
  draws?: number;
  /** The probability of passing that is enough, from which on the objective decides; default 0.9. */
  power?: number;
  /** Called after every trial: kept in a file, they are what a search goes on from. */
  onTrial?: (trial: Trial) => void;
  /** Trials of an earlier search with the same data and options, which are not made again. */
  known?: readonly Trial[];
}

/** A combination of settings, and how it did on rows that had no part in training. */
export interface Trial {
  /** What was chosen of the space. */
  settings: OptimizerOptions;
  /** The part of the safety tests that passed. */
  passing: number;
  /** The mean objective on the parts held out; `null` if no training ended with a model. */
  objective: number | null;
}

/**
 * Searches settings by cross-validation inside of the candidate data: with each, a model is trained on all parts but one, and
 * tested on samples of the part held out that are as large as the safety data will be. Returns all trials, the best first: of those
 * that pass with probability `power` the one of least objective, else the one that passes most often. Training on fewer rows than
 * there will be, it foretells a little less than will be found.
 *
 * @example
 * ```ts
 * import { DataSet, nn, split, train, tune } from "@seldonian/kit";
 * const features = Array.from({ length: 300 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0 ? 1 : 0);
 * const { candidate, safety } = split(new DataSet({ features, labels }));
 * const options = {
 *   model: new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()),
 *   objective: nn.logLoss,
 *   constraints: [{ text: "ACC >= 0.7", delta: 0.05 }],
 * };
 * const space = { thetaRate: [0.01, 0.05], epochs: [50] };
 * const [best] = await tune({ ...options, data: candidate, safetyRows: safety.size, space, folds: 3 });
 * const result = await train({ ...options, data: { candidate, safety }, optimizer: best.settings });
 * console.log(result.passed, best.passing);
 * ```
 */
export async function tune(options: TuneOptions): Promise<Trial[]> {
  const { data, space, samples, folds = 5, draws = 10, power = 0.9, onTrial, known = [], seed = 0, signal, ...rest } = options;
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= data.size)) {
    throw new RangeError(`Cannot hold out ${folds} parts of ${data.size} rows in turn: wanted a whole number from 2 to the rows`);
  }
  const parts = partsOf(data, folds, seed), trials: Trial[] = [];
  for (const settings of chosen(space, samples, seed)) {
    if (signal?.aborted) break;
    const found = known.find((trial) => sameSettings(trial.settings, settings));
    const trial = found ?? await tried(settings);
    trials.push(trial);
    if (found === undefined) onTrial?.(trial);
  }
  const enough = trials.filter(({ passing, objective }) => passing >= power && objective !== null);
  const others = trials.filter((trial) => !enough.includes(trial));
  return [
    ...enough.sort((a, b) => a.objective! - b.objective!),
    ...others.sort((a, b) => b.passing - a.passing || (a.objective ?? Infinity) - (b.objective ?? Infinity)),
  ];

  async function tried(settings: OptimizerOptions): Promise<Trial> {
    const optimizer = { ...rest.optimizer, ...settings }, objectives: number[] = [];
    let passed = 0;
    for (const [fold, { kept, heldOut }] of parts.entries()) {
      const { candidates: [candidate] } = await selectCandidate<Module>({
        ...rest,
        data: kept,
        candidates: 1,
        optimizer,
        seed,
        signal,
      });
      if (candidate === undefined) continue;
      const { model, plan } = candidate, random = randomStream(seed + fold, "draws"), { constraints, objective } = rest;
      objectives.push((await safetyTest({ model, data: heldOut, plan, constraints, objective })).objective!);
      for (let draw = 0; draw < draws; draw++) {
        const rows = Array.from({ length: rest.safetyRows }, () => uniformInt(random, 0, heldOut.size - 1));
        const test = await safetyTest({ model, data: heldOut.take(rows), plan, constraints, seed: draw });
        if (test.passed) passed++;
      }
    }
    const objective = objectives.length === 0 ? null : objectives.reduce((sum, f) => sum + f, 0) / objectives.length;
    return { settings, passing: passed / (folds * draws), objective };
  }
}

/** Each part once as what is held out, and the others as what is kept. */
function partsOf(data: DataSet, folds: number, seed: number): { kept: DataSet; heldOut: DataSet }[] {
  const order = permutation(data.size, randomStream(seed, "split"));
  return Array.from({ length: folds }, (_, fold) => ({
    kept: data.take(order.filter((_, i) => i % folds !== fold)),
    heldOut: data.take(order.filter((_, i) => i % folds === fold)),
  }));
}

/** Combinations of a space: all in their order, or some at random. */
function chosen(space: SearchSpace, samples: number | undefined, seed: number): OptimizerOptions[] {
  const all = Object.entries(space).reduce<OptimizerOptions[]>((combinations, [option, values]) => {
    if (values.length === 0) throw new RangeError(`Cannot search optimizer.${option}: there are no values to try`);
    return combinations.flatMap((combination) => values.map((value) => ({ ...combination, [option]: value })));
  }, [{}]);
  if (samples === undefined || samples >= all.length) return all;
  if (!(Number.isInteger(samples) && samples >= 1)) {
    throw new RangeError(`Cannot try ${samples} combinations: wanted a whole number from 1`);
  }
  return Array.from(permutation(all.length, randomStream(seed, "draws")).subarray(0, samples), (i) => all[i]);
}

function sameSettings(a: OptimizerOptions, b: OptimizerOptions): boolean {
  const text = (settings: OptimizerOptions) => JSON.stringify(Object.entries(settings).sort(([x], [y]) => x < y ? -1 : 1));
  return text(a) === text(b);
}
