import { shown } from "../../autodiff/options.ts";
import { DataSet } from "../data/data_set.ts";
import { drawnFrom } from "../data/resampling.ts";
import type { Problem } from "../problem/problem.ts";
import { randomStream } from "../random.ts";
import { nameOfSet, type Sets } from "../sets.ts";
import type { Contender } from "./contender.ts";
import { judge } from "./judge.ts";

/** A trial to run: one contender on one draw of the data. */
export interface TrialRequest {
  /** The contender's name. */
  contender: string;
  /** The number of rows. */
  size: number;
  /** Its number, from 0. Trials of this number and size have the same rows for every contender. */
  trial: number;
  /** The key of its results, which the code that runs it compares with its own; default: not compared. */
  setting?: string;
}

/** The result of a trial. */
export interface TrialResult extends Omit<TrialRequest, "setting"> {
  /** Whether a model was handed out. */
  solution: boolean;
  /** The model's performance on the truth; `null` without a model, and where it is not finite. */
  performance: number | null;
  /** g of every constraint on the truth; `null` where it cannot be judged. */
  values: readonly (number | null)[];
  /** Whether the model breaks a constraint on the truth, or one cannot be judged there. */
  broken: boolean;
  /** How long it took. */
  seconds: number;
  /** Why it failed, if it did. */
  error?: string;
}

/** The population that trials draw from. */
export type Population = DataSet | ((size: number, seed: number) => DataSet | Promise<DataSet>);

/** Another data set of an experiment, which constraints name. */
export interface OtherPopulation {
  /** As of the main data; a function gets the number of its own rows. */
  population: Population;
  /** The rows that judge; default: the population. */
  truth?: DataSet;
  /** How many of its rows come on each row of the main data; default: as in the populations, or 1 where a function makes them. */
  share?: number;
}

/** A data set of an experiment, complete. */
export interface Drawn extends Required<OtherPopulation> {
  /** Whether it is the main data, or its i-th row belongs to the i-th row of that. */
  paired: boolean;
}

/** What all trials share. */
export interface TrialSetting {
  sets: Sets<Drawn>;
  /** The promise and the performance, on the truth. */
  problem: Problem;
  contenders: Readonly<Record<string, Contender>>;
  seed: number;
}

/** Runs a trial. An error of the contender, or of a function that makes rows, is a result. */
export async function runTrial(setting: TrialSetting, { contender, size, trial }: TrialRequest): Promise<TrialResult> {
  const { sets, problem, contenders } = setting, request = { contender, size, trial };
  const seed = trialSeed(setting.seed, size, trial), none = { solution: false, performance: null, values: [], broken: false };
  let began = performance.now();
  const ended = () => (performance.now() - began) / 1000;
  try {
    const { main, others } = await sets.mapInTurn(async ({ population, truth, share, paired }, name) => {
      const own = paired ? seed : trialSeed(seed, ...Array.from(name ?? "", (letter) => letter.codePointAt(0)!));
      const count = Math.max(1, Math.round(share * size));
      const rows = typeof population === "function"
        ? await population(count, own)
        : drawnFrom(population, count, randomStream(own, "draws"));
      if (!(rows instanceof DataSet)) {
        throw new TypeError(`Cannot draw ${nameOfSet(name)}: the function returned ${shown(rows)}; wanted a DataSet`);
      }
      return { rows, truth };
    });
    began = performance.now();
    const outputs = await contenders[contender].outputs({ ...main, others, seed }), seconds = ended();
    if (outputs === null) return { ...request, ...none, seconds };
    const { performance: worth, values } = judge(problem, outputs, sets.map(({ truth }) => truth));
    return {
      ...request,
      solution: true,
      performance: known(worth),
      values: values.map(known),
      broken: !values.every((g) => g <= 0),
      seconds,
    };
  } catch (error) {
    return { ...request, ...none, seconds: ended(), error: error instanceof Error ? error.message : String(error) };
  }
}

/** As JSON has it, so that a result is the same wherever it has been: JSON has no -0. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

/** A seed from numbers, for each size and trial and their data sets: the numbers mixed as in MurmurHash3's finalizer (A. Appleby, 2008). */
export function trialSeed(...numbers: readonly number[]): number {
  let hash = 0;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 1;
}
