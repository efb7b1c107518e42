import { callable, checkOptions, type Known, needed, number, oneOf, record, whole } from "../../autodiff/options.ts";
import type { Runner } from "../runner/runner.ts";
import type { Workers } from "../runner/threads.ts";
import { checkSpace, type SearchSpace, type Settings } from "./search_space.ts";
import type { FoldRequest, FoldTrial, TrialOptions } from "./trial.ts";

/** A combination of settings, and how it did on rows that had no part in training. */
export interface Trial {
  /** What was chosen of the space. */
  settings: Settings;
  /** The part of the safety tests that passed. */
  passing: number;
  /** The mean objective on the parts held out; `null` if no training ended with a model. */
  objective: number | null;
}

/** How settings are searched. */
export interface SearchOptions extends Pick<TrialOptions, "folds" | "draws"> {
  /** Values or ranges to search, by setting. */
  space: SearchSpace;
  /**
   * How combinations are chosen: all of them ("grid", default); `samples` at random ("random", default where `samples` is given);
   * or `samples` by evolution, each generation around the best of the last ("cma-es").
   */
  search?: "grid" | "random" | "cma-es";
  /** How many combinations are tried. */
  samples?: number;
  /** The probability of passing that is enough, from which on the objective decides; default 0.9. */
  power?: number;
  /** Called after every trial: kept in a file, as by `trialsFile()`, they are what a search goes on from. */
  onTrial?: (trial: Trial) => void;
  /** Trials of an earlier search with the same data and options, which are not made again. */
  known?: readonly Trial[];
  /** Threads that make trials side by side. */
  workers?: Workers;
  /** Or where else they are made, as on other machines, each of which answers what {@link serveTrials} would. */
  runner?: Runner<FoldRequest, FoldTrial>;
}

/** What they may be. */
export const searchOptions: Known<SearchOptions> = {
  space: needed(record),
  search: oneOf("grid", "random", "cma-es"),
  samples: number,
  folds: number,
  draws: whole(1),
  power: number,
  onTrial: callable,
  known: {
    type: "object",
    wanted: "a list of trials, as trialsFile() gives it",
    holds: (value) => Array.isArray(value) && value.every((trial) => typeof trial?.settings === "object"),
  },
  workers: record,
  runner: {
    type: "object",
    wanted: "a Runner, as runInThreads() gives one",
    holds: (value) => typeof Object(value).run === "function" && typeof Object(value).end === "function",
  },
};

/** @throws {TypeError} for what does not say how to search, with the nearest name @param of what has it as a part of it */
export function checkSearch(given: SearchOptions, of: string): void {
  checkOptions("search", given, searchOptions, of);
  checkSpace(given.space, `${of}.space`);
}
