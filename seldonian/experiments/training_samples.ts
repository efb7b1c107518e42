import { useThreads } from "../../autodiff/mod.ts";
import { checkOptions, type Kind, type Known, needed, number, whole } from "../../autodiff/options.ts";
import { DataSet } from "../data/data_set.ts";
import { unitsIn } from "../data/resampling.ts";
import { breathe } from "../event_loop.ts";
import { inModule, type ModuleThreads, moduleThreadsKind, servesHere } from "../runner/module_threads.ts";
import { runAll, runHere } from "../runner/runner.ts";
import { serveWork } from "../runner/threads.ts";
import { selectionOptions } from "../selection_options.ts";
import { drawnWith, drawnWithout, heldOut, type PilotOptions } from "./pilot_trial.ts";
import { version } from "../version.ts";
import { settingsDigest } from "./settings.ts";
import { type Banded, rateOf } from "./summary.ts";
import { trialSeed } from "./trial.ts";

/** The options of {@link trainingSamplesNeeded}: those of `train()`, with a pilot as data. */
export interface TrainingSamplesOptions extends PilotOptions {
  /** The pilot: some hundred rows or more, drawn like those to come. */
  data: DataSet;
  /** The probability with which a solution should be found, default 0.8. */
  power?: number;
  /** Trials of each size, default 50. */
  trials?: number;
  /** Numbers of rows, or of clusters, growing; default: from a quarter of the pilot to eight times its size. */
  sizes?: readonly number[];
  /** Default 0. */
  seed?: number;
  /** Threads that run trials, as for {@link experiment}: `import.meta.url` uses all cores. Default: this thread alone. */
  workers?: string | ModuleThreads;
}

const ways = { drawnWithout, drawnWith, heldOut };

/** A trial to run. */
interface PilotRequest {
  /** A digest of the question, which the thread that runs it compares with its own. */
  setting: string;
  way: keyof typeof ways;
  size: number;
  trial: number;
}

/** Whether a model passed, or why the trial failed. */
interface PilotAnswer {
  passed: boolean;
  failed?: string;
}

/** How often a solution is found with so many rows, with Clopper and Pearson's band for the chance of trials. */
export interface SizeForecast {
  /** The number of rows, or of clusters. */
  size: number;
  /** The rate if more rows teach no more than the pilot does. */
  cautious: Banded;
  /** The rate if the pilot were the whole world. The same up to the pilot's size. */
  hopeful: Banded;
}

const { safetyRows: _, others: __, onStep: ___, onProgress: ____, ...training } = selectionOptions;
const pilotKind: Kind = { type: "object", wanted: "a DataSet, the pilot", holds: (value) => value instanceof DataSet };
const known: Known<TrainingSamplesOptions> = {
  ...training,
  data: needed(pilotKind),
  safetyFraction: number,
  power: number,
  trials: whole(1),
  workers: moduleThreadsKind,
  sizes: {
    wanted: "a list of growing numbers of rows, such as [100, 300, 1000]",
    holds: (value) =>
      Array.isArray(value) && value.length > 0 &&
      value.every((size, i) => Number.isInteger(size) && size > 1 && (i === 0 || size > value[i - 1])),
  },
};

/** The answer of {@link trainingSamplesNeeded}. */
export class TrainingSamples {
  /**
   * An answer.
   * @param sizes what was tried, growing
   * @param power the wanted probability
   * @param pilot the pilot's size
   */
  constructor(readonly sizes: readonly SizeForecast[], readonly power: number, readonly pilot: number) {}

  /** With how many rows a solution is found with the wanted probability, cautiously; Infinity beyond the sizes that were tried. */
  get rows(): number {
    return reached(this.sizes.map(({ size, cautious }) => [size, cautious.value]), this.power);
  }

  /** The same, hopefully: with fewer rows it is hardly found so often. */
  get atLeast(): number {
    return reached(this.sizes.map(({ size, hopeful }) => [size, hopeful.value]), this.power);
  }

  /** A table, with the answer. */
  toString(): string {
    const shown = (rows: number) => Number.isFinite(rows) ? `${rows} rows` : `more than ${this.sizes.at(-1)!.size} rows`;
    const rate = ({ value, low, high }: Banded) => `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
    return [
      `A solution with probability ${this.power} takes ${shown(this.rows)}, or ${
        shown(this.atLeast)
      } if the pilot were the world`,
      `${"n".padStart(8)}  ${"cautious".padEnd(19)}  pilot as the world`,
      ...this.sizes.map(({ size, cautious, hopeful }) =>
        `${`${size}`.padStart(8)}  ${rate(cautious)}  ${
          size <= this.pilot ? "the same: drawn without replacement" : rate(hopeful)
        }`
      ),
    ].join("\n");
  }
}

/**
 * With how much data does training find a solution? From a pilot of the user's own rows, by whole trainings and safety tests.
 *
 * Up to the pilot's size a trial draws rows without replacement. These are as good as new rows, so the rate is unbiased, whatever the
 * law (a U-statistic; W. Hoeffding, "A class of statistics with asymptotically normal distribution", 1948).
 *
 * Beyond it, nobody knows what more rows would teach. Two rates enclose that, as experience shows; nothing proves it.
 * - Cautious: a trial learns from draws of four fifths of the pilot at a time and is tested on the outputs for the fifth that was
 *   left out. The test has as many rows as asked, but learning stays that of the pilot's rows.
 * - Hopeful: the pilot is the population (the bootstrap; B. Efron, 1979). What is learned by heart passes, so a promise of accuracy
 *   seems easier than it is.
 *
 * All of it is about this pilot: another one of the same size gives another answer. Ask again when there is more.
 *
 * @example
 * ```ts
 * import { DataSet, nn } from "@seldonian/kit";
 * import { trainingSamplesNeeded } from "@seldonian/kit/experiments";
 * const features = Array.from({ length: 60 }, (_, i) => [Math.sin(7.1 * i)]);
 * const labels = features.map(([x], i) => x > 0.8 * Math.sin(3.3 * i) ? 1 : 0);
 * const needed = await trainingSamplesNeeded({
 *   data: new DataSet({ features, labels }),
 *   model: new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()),
 *   objective: nn.logLoss,
 *   constraints: [{ text: "ACC >= 0.55", delta: 0.05 }],
 *   trials: 5,
 *   sizes: [30, 60, 240],
 * });
 * console.log(`${needed}`);
 * ```
 * @throws {TypeError} for a wrong option
 * @throws the error of a trial, if all trials end with one
 */
export async function trainingSamplesNeeded(options: TrainingSamplesOptions): Promise<TrainingSamples> {
  const checked = checkOptions("tell how much data training needs", options, known);
  const { data: pilot, power = 0.8, trials = 50, sizes: given, seed = 0, workers, ...trained } = checked, { signal } = trained;
  if (!(power > 0 && power < 1)) throw new RangeError(`Cannot ask for power ${power}: wanted a probability between 0 and 1`);
  const { signal: _, ...settings } = trained, setting = await settingsDigest([version, pilot, seed, settings]);
  let failure: unknown, ended = 0;
  const run = async ({ way, size, trial, setting: wanted }: PilotRequest): Promise<PilotAnswer> => {
    if (!Object.hasOwn(ways, way)) throw new RangeError("Cannot run a trial of an experiment: the module asks a pilot first");
    if (wanted !== setting) {
      throw new RangeError("Cannot run a trial of a pilot: the question here is another one; make the same data in every thread");
    }
    await breathe();
    try {
      return { passed: await ways[way](pilot, size, trialSeed(seed, size, trial), trained) };
    } catch (error) {
      // Few rows may have nobody of a group: such a trial finds no solution.
      failure = error;
      return { passed: false, failed: error instanceof Error ? error.message : `${error}` };
    }
  };
  const threads = typeof workers === "string" ? { module: workers } : workers;
  if (threads !== undefined && await servesHere()) {
    useThreads(1);
    serveWork(run);
    return await new Promise(() => {});
  }
  const runner = threads === undefined ? runHere(run) : await inModule<PilotRequest, PilotAnswer>(threads, trials);
  const rate = async (size: number, way: PilotRequest["way"]) => {
    const asked = Array.from({ length: trials }, (_, trial) => ({ way, size, trial, setting }));
    const answers = await runAll(runner, asked, { signal });
    signal?.throwIfAborted();
    for (const { failed } of answers) {
      if (failed === undefined) ended++;
      else failure ??= new Error(failed);
    }
    return rateOf(answers.map(({ passed }) => passed));
  };
  const units = unitsIn(pilot).length, grown = [0.25, 0.5, 1, 2, 4, 8].map((times) => Math.round(times * units));
  const sizes: SizeForecast[] = [];
  try {
    for (const size of given ?? grown.filter((size) => size > 1)) {
      const cautious = await rate(size, size <= units ? "drawnWithout" : "heldOut");
      sizes.push({ size, cautious, hopeful: size <= units ? cautious : await rate(size, "drawnWith") });
      if (given === undefined && cautious.value >= power) break;
    }
  } finally {
    await runner.end();
  }
  if (ended === 0) throw failure;
  return new TrainingSamples(sizes, power, units);
}

/** Where the rate reaches the power for the first time, between sizes on a line in their logarithm. */
function reached(rates: readonly (readonly [size: number, rate: number])[], power: number): number {
  const place = rates.findIndex(([, rate]) => rate >= power);
  if (place < 0) return Infinity;
  const [size, rate] = rates[place], [before, lower] = rates[place - 1] ?? rates[place];
  return place === 0 ? size : Math.ceil(before * (size / before) ** ((power - lower) / (rate - lower)) - 1e-9);
}
