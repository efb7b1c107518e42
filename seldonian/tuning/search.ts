import { callable, type Known, needed, number, oneOf, record, whole } from "../../autodiff/options.ts";
import { inColumns } from "../../autodiff/show.ts";
import { short } from "../report/verdict.ts";
import type { Progress } from "../records/log.ts";
import { type Runner, runnerKind } from "../runner/runner.ts";
import type { Workers } from "../runner/threads.ts";
import type { SearchSpace, Settings } from "./search_space.ts";
import type { FoldRequest, FoldTrial, TrialOptions } from "./trial.ts";

/** A combination of settings, and its results on rows held out from training. */
export interface Trial {
  /** The settings chosen from the space. */
  settings: Settings;
  /** The fraction of safety tests that passed. */
  passing: number;
  /** The mean objective on the held-out folds; `null` if no training ended with a model. */
  objective: number | null;
}

/** How to search settings. */
export interface SearchOptions extends Pick<TrialOptions, "draws" | "folds" | "modelOf"> {
  /** Values or ranges to search, by setting. */
  space: SearchSpace;
  /**
   * How to choose combinations: all of them ("grid", default); `samples` at random ("random", default if `samples` is given); or
   * `samples` by evolution, each generation around the best of the last ("cma-es").
   */
  search?: "grid" | "random" | "cma-es";
  /** The number of combinations to try. */
  samples?: number;
  /** A sufficient probability of passing; above it, the objective decides. Default 0.9. */
  power?: number;
  /** Called after every trial. Trials kept in a file, as by `trialsFile()`, let a later search go on from there. */
  onTrial?: (trial: Trial) => void;
  /** Called after every training of a trial, with the elapsed time: see {@link progressBar}. */
  onProgress?: (progress: Progress) => void;
  /** Trials of an earlier search with the same data and options; they are not repeated. */
  known?: readonly Trial[];
  /** Threads that run trials in parallel. */
  workers?: Workers;
  /** Or another place to run them, such as other machines; each answers as {@link serveTrials} would. */
  runner?: Runner<FoldRequest, FoldTrial>;
}

/** Trials as a table, the best first. */
export function trialsText(trials: readonly Trial[]): string {
  const lines = trials.slice(0, 20).map(({ passing, objective, settings }) => [
    settingsText(settings),
    short(passing),
    objective === null ? "none" : short(objective),
  ]);
  const more = trials.length > lines.length ? [`… and ${trials.length - lines.length} more`] : [];
  return [...inColumns([["settings", "passing", "objective"], ...lines], (column) => column === 0), ...more].join("\n");
}

/** Settings in words. */
export function settingsText(settings: Settings): string {
  return Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", ");
}

/** The allowed search options. */
export const searchOptions: Known<SearchOptions> = {
  space: needed(record),
  search: oneOf("grid", "random", "cma-es"),
  samples: number,
  folds: number,
  draws: whole(1),
  modelOf: callable,
  power: number,
  onTrial: callable,
  onProgress: callable,
  known: {
    type: "object",
    wanted: "a list of trials, such as trialsFile() returns",
    holds: (value) => Array.isArray(value) && value.every((trial) => typeof trial?.settings === "object"),
  },
  workers: record,
  runner: runnerKind,
};
