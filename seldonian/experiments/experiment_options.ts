import { callable, type Known, list, needed, signal, whole } from "../../autodiff/options.ts";
import { type ModuleThreads, moduleThreadsKind } from "../runner/module_threads.ts";
import { type Runner, runnerKind } from "../runner/runner.ts";
import { type Workers, workersKind } from "../runner/threads.ts";
import { type Question, questionOptions } from "./question.ts";
import type { TrialStore } from "./store.ts";
import type { TrialRequest, TrialResult } from "./trial.ts";
import type { OnTrial } from "./trial_progress.ts";

/** The options of {@link experiment}. */
export interface ExperimentOptions extends Question {
  /** Numbers of rows. */
  sizes: readonly number[];
  /** Trials of each contender at each size, default 50. */
  trials?: number;
  /** Where results are kept, a store or its place as in {@link storeAt}; default: in memory. */
  store?: TrialStore | string;
  /**
   * Threads that run trials. Contenders are functions, which cannot be sent to a thread, so each thread runs a module that makes
   * them anew: `import.meta.url` is the one that calls {@link experiment}. Its threads, one for each core or `count`, run it as far
   * as that call, which serves trials there and never returns. Or custom workers, whose module calls {@link serveExperiment}.
   * Default: this thread alone.
   */
  workers?: string | ModuleThreads | Workers;
  /** Anything else that runs trials, such as `queueRunner`'s. */
  runner?: Runner<TrialRequest, TrialResult>;
  /** Runs only the trials whose place among all, from 0, leaves `index` when divided by `count`: the others run elsewhere. */
  part?: { index: number; count: number };
  /** Called with every result as it comes, as by {@link trialProgress}. */
  onTrial?: OnTrial;
  /** Ends the experiment at once; what is kept stays. */
  signal?: AbortSignal;
}

/** How an experiment is stated. */
export const experimentOptions: Known<ExperimentOptions> = {
  ...questionOptions,
  sizes: needed({
    ...list,
    wanted: "a list of numbers of rows, such as [100, 300, 1000], each once",
    // Trials of a size that is given twice would be the same, and count twice.
    holds: (value) =>
      Array.isArray(value) && value.length > 0 && new Set(value).size === value.length &&
      value.every((size) => Number.isInteger(size) && size > 0),
  }),
  trials: whole(1),
  store: {
    wanted: "a store, or its place, such as results.sqlite",
    holds: (value) => typeof value === "string" || ["known", "keep", "close"].every((name) => name in Object(value)),
  },
  workers: {
    wanted: `${moduleThreadsKind.wanted}, or { count, start } with a worker's start`,
    holds: (value) => [moduleThreadsKind, workersKind].some(({ holds }) => holds!(value, {})),
  },
  runner: runnerKind,
  part: {
    wanted: "a part such as { index: 0, count: 20 }, its index from 0 to count - 1",
    holds: (value) => {
      const { index, count } = (value ?? {}) as Record<string, unknown>;
      return Number.isInteger(index) && Number.isInteger(count) && 0 <= Number(index) && Number(index) < Number(count);
    },
  },
  onTrial: callable,
  signal,
};
