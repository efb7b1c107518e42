import { checkOptions, type Known } from "../../autodiff/options.ts";
import { cmaEs } from "../../nn/optim/mod.ts";
import { type RandomGenerator, uniformFloat64 } from "../../deps.ts";
import { candidateSets } from "../selection_options.ts";
import { checkSource } from "../data/given_kinds.ts";
import { owned } from "../problem/owned.ts";
import { shownAs } from "../../autodiff/show.ts";
import { permutation, randomStream } from "../random.ts";
import { checkSpace, placeIn, sameSettings, type SearchSpace, type Settings, settingsAt, wholeGrid } from "./search_space.ts";
import { type FoldRequest, type FoldTrial, type TrialOptions, trialOptions } from "./trial.ts";
import { runAll, runHere } from "../runner/runner.ts";
import { type SearchOptions, searchOptions, type Trial, trialsText } from "./search.ts";
import { trialsOf, workersOf } from "./trial_workers.ts";

/** The options of {@link tune}. */
export type TuneOptions = TrialOptions & SearchOptions;

const known: Known<TuneOptions> = { ...trialOptions, ...searchOptions };

/**
 * Searches settings by cross-validation within the candidate data. For each combination, a model is trained on all folds but one,
 * and tested on samples of the held-out fold that are as large as the safety data. Returns all trials, the best first: of those
 * that pass with probability `power`, the one with the least objective; else the one that passes most often. Trials train on
 * fewer rows than the final training, so they predict slightly worse results.
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
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for a setting without values, and for whatever training or test refuses
 */
export async function tune(options: TuneOptions): Promise<Trial[]> {
  checkOptions("search", options, known);
  checkSpace(options.space, options.modelOf !== undefined);
  for (const [name, { data }] of candidateSets(options).entries) checkSource(data, name);
  const { space, samples, search = samples === undefined ? "grid" : "random", power = 0.9, ...others } = owned(options);
  const { onTrial, onProgress, known: before = [], workers, runner: given, ...rest } = others,
    { seed = 0, signal, folds = 5, draws = 10 } = rest;
  const leastSafetyFraction = leastOf(space.safetyFraction), trials: Trial[] = [];
  checkTrials(rest, space);
  if (given !== undefined && workers !== undefined) {
    throw new TypeError("Cannot search both in workers and by a runner: give one");
  }
  const runner = given ?? (workers === undefined ? runHere(trialsOf(rest)) : workersOf(workers));
  const began = performance.now();
  let answered = 0, all = folds * (samples ?? 0);
  const tell = (running: boolean): void => {
    const passing = trials.length === 0 ? {} : { passing: Math.max(...trials.map(({ passing }) => passing)) };
    onProgress?.({ doing: "tuning", done: answered, of: all, seconds: (performance.now() - began) / 1000, running, ...passing });
  };
  const like = (some: readonly Trial[], settings: Settings) => some.find((trial) => sameSettings(trial.settings, settings));
  /** Runs the trials of some settings, except those known from before. */
  const tryAll = async (asked: readonly Settings[]): Promise<void> => {
    const wanted = asked.filter((settings, i) =>
      like(trials, settings) === undefined && !asked.slice(0, i).some((other) => sameSettings(other, settings))
    );
    const parts = wanted.filter((settings) => like(before, settings) === undefined)
      .flatMap((settings) => Array.from({ length: folds }, (_, fold): FoldRequest => ({ settings, fold, leastSafetyFraction })));
    let found: FoldTrial[] = [], next = 0;
    /** Records trials in the order of their settings. */
    const note = (): void => {
      for (; next < wanted.length; next++) {
        const settings = wanted[next], known = like(before, settings);
        if (known === undefined && found.length < folds) return;
        const trial = known ?? trialOf(settings, found, draws);
        trials.push(trial);
        if (known !== undefined) continue;
        found = [];
        onTrial?.(trial);
      }
    };
    note();
    await runAll(runner, parts, { signal, onAnswer: (answer) => (answered++, found.push(answer), note(), tell(true)) });
  };
  try {
    if (search === "cma-es") {
      const tried = async (settings: Settings) => (await tryAll([settings]), like(trials, settings));
      await evolved(space, samples, power, randomStream(seed, "search"), tried);
    } else {
      const asked = chosen(space, search === "grid" ? undefined : samples, seed);
      all = folds * asked.filter((settings) => like(before, settings) === undefined).length;
      await tryAll(asked);
    }
  } finally {
    await runner.end();
    tell(false);
  }
  return shownAs(trials.toSorted((a, b) => costOf(a, power) - costOf(b, power)), trialsText);
}

function trialOf(settings: Settings, folds: readonly FoldTrial[], draws: number): Trial {
  const objectives = folds.flatMap(({ objective }) => objective ?? []),
    passed = folds.reduce((sum, fold) => sum + fold.passed, 0);
  const objective = objectives.length === 0 ? null : objectives.reduce((sum, f) => sum + f, 0) / objectives.length;
  return { settings, passing: passed / (folds.length * draws), objective };
}

/** The cost to minimise: the objective if tests pass often enough; otherwise first how seldom they pass. */
function costOf({ passing, objective }: Trial, power: number): number {
  // Far above any objective; a step of passing is above any difference of objectives.
  return passing >= power && objective !== null ? objective : 1e12 + 1e9 * (1 - passing) + Math.min(1e6, objective ?? 1e6);
}

function checkTrials({ data, folds = 5, totalRows }: TrialOptions, space: SearchSpace): void {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= data.size)) {
    throw new RangeError(`Cannot hold out ${folds} parts of ${data.size} rows in turn: wanted a whole number from 2 to the rows`);
  }
  if (space.safetyFraction !== undefined && totalRows === undefined) {
    throw new RangeError(
      "Cannot search a safetyFraction without totalRows: say how many rows candidate and safety data have together",
    );
  }
}

function leastOf(fractions: SearchSpace["safetyFraction"]): number | undefined {
  if (fractions === undefined) return undefined;
  return "from" in fractions ? fractions.from : Math.min(...fractions.map(Number));
}

/** Combinations of a space: all in order, or some at random. */
function chosen(space: SearchSpace, samples: number | undefined, seed: number): Settings[] {
  const all = wholeGrid(space);
  if (samples === undefined && all === null) {
    throw new RangeError("Cannot try every value of a range: say how many samples to draw");
  }
  if (samples !== undefined && !(Number.isInteger(samples) && samples >= 1)) {
    throw new RangeError(`Cannot try ${samples} combinations: wanted a whole number from 1`);
  }
  if (all !== null) {
    if (samples === undefined || samples >= all.length) return all;
    return Array.from(permutation(all.length, randomStream(seed, "draws")).subarray(0, samples), (i) => all[i]);
  }
  const random = randomStream(seed, "draws"), { length } = Object.keys(space);
  return Array.from({ length: samples! }, () => settingsAt(space, Array.from({ length }, () => uniformFloat64(random))));
}

/**
 * Combinations by evolution, in the unit cube that the space is mapped to.
 * @param tried runs the trial of some settings; returns none when interrupted
 */
async function evolved(
  space: SearchSpace,
  samples: number | undefined,
  power: number,
  random: RandomGenerator,
  tried: (settings: Settings) => Promise<Trial | undefined>,
): Promise<void> {
  if (samples === undefined) throw new RangeError("Cannot search by cma-es without an end: say how many samples to try");
  const search = cmaEs(Object.keys(space).map(() => 0.5), { spread: 0.3, random });
  let asked = search.next();
  for (let count = 0; count < samples && !asked.done; count++) {
    const trial = await tried(settingsAt(space, Array.from(asked.value, placeIn)));
    if (trial === undefined) return;
    asked = search.next({ value: costOf(trial, power) });
  }
}
