import { callable, checkOptions, ignored, type Known, needed, number } from "../../autodiff/options.ts";
import { useThreads } from "../../autodiff/mod.ts";
import type { Runner } from "../runner/runner.ts";
import { runInThreads, serveWork, type Workers } from "../runner/threads.ts";
import { searchOptions } from "./search.ts";
import {
  type FoldRequest,
  type FoldTrial,
  foldTrial,
  sampledForTrials,
  type SampledTrialOptions,
  type TrialOptions,
  trialOptions,
} from "./trial.ts";

const known: Known<Workers> = { count: needed(number), start: needed(callable) };

/**
 * Starts threads.
 * @throws {RangeError} unless the count is a whole number from 1
 */
export function workersOf(workers: Workers): Runner<FoldRequest, FoldTrial> {
  const { count, start } = checkOptions("search", workers, known, "workers");
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`Cannot search in ${count} workers: wanted a whole number from 1`);
  }
  return runInThreads(count, start);
}

/**
 * Answers the requests of a {@link tune} with these options, wherever they arrive: a {@link Runner} of such a search carries each
 * {@link FoldRequest} to this function and brings back its {@link FoldTrial}, both plain JSON.
 */
export function trialsOf(options: TrialOptions): (request: FoldRequest) => Promise<FoldTrial> {
  // Search options of `tune()` may be passed too; they are ignored.
  checkOptions<TrialOptions>("serve trials", options, { ...ignored(searchOptions), ...trialOptions });
  const asked = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(trialOptions, name)),
  ) as unknown as TrialOptions;
  let sampled: Promise<SampledTrialOptions> | undefined;
  return async (request) => await foldTrial(await (sampled ??= sampledForTrials(asked)), request);
}

/**
 * Runs trials in a worker thread for a {@link tune} with that thread among its `workers`. The thread's module calls it once, with
 * the options of that `tune()`; both import them from a shared module.
 */
export function serveTrials(options: TrialOptions): void {
  const answer = trialsOf(options);
  // The threads of a search share the cores.
  useThreads(1);
  serveWork<FoldRequest, FoldTrial>(answer);
}
