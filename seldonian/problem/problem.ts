import type { Relations } from "../constraints/sample.ts";
import type { Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import { checkSource } from "../data/given_kinds.ts";
import type { Sets } from "../sets.ts";
import { taskOf } from "../tasks/mod.ts";
import type { Task } from "../tasks/task.ts";
import { checkLevel } from "./objective.ts";
import { checkColumns } from "./check_columns.ts";
import { type ObjectiveName, objectiveNamed } from "./promise_kinds.ts";
import { leavesOf, promises } from "./promises.ts";
import { relationsOf } from "./relations.ts";
import type { Objective, PromiseOptions } from "./stated.ts";

/** Data, and how many of its rows, or clusters, the safety test will have; left out: these are the test's rows. */
export interface JudgedData {
  /** The rows. */
  data: Source;
  /** The number of rows, or clusters, in the test. */
  safetyRows?: number;
}

/** The promises of a model, and the data that judges it. */
export interface Problem {
  /** The promises. */
  promises: readonly Promised[];
  /** The objective to minimise; a test needs none. */
  objective: Objective | undefined;
  /** What the model's outputs mean. */
  task: Task;
  /** Whether outputs are judged, or the decisions made from them. */
  rates: "expected" | "decided";
  /** The data, by name. */
  sets: Sets<JudgedData>;
  /** How other data sets relate to the main data. */
  relations: Relations;
}

/** The options that state a problem. */
export interface ProblemOptions extends PromiseOptions {
  objective?: Objective | ObjectiveName;
  /** Promises as candidate selection planned their test; replaces the stated ones. */
  plan?: readonly Promised[];
}

/**
 * The problem of some options and data, before anything is computed.
 * @throws {ConstraintError} for a text that cannot be read, and for a missing data set or column
 * @throws {TypeError} for data of another type
 */
export async function problemOf(
  { objective: stated, plan, ...options }: ProblemOptions,
  sets: Sets<JudgedData>,
): Promise<Problem> {
  for (const [name, { data }] of sets.entries) checkSource(data, name);
  const read = plan ?? promises(options), objective = stated && objectiveNamed(stated), data = sets.map(({ data }) => data);
  checkLevel(objective);
  checkColumns(read, objective, data);
  const isShifted = read.some(({ shift }) => shift !== undefined);
  const promised = isShifted ? await (await import("../shift/populations.ts")).shifted(read, data, plan !== undefined) : read;
  const leaves = leavesOf(promised, objective).map(({ measure }) => measure);
  const task = taskOf(leaves, typeof objective === "function" ? objective : undefined);
  return { promises: promised, objective, task, rates: ratesOf(promised), sets, relations: await relationsOf(options, data) };
}

/** @throws {RangeError} if some judge probabilities and others decisions */
function ratesOf(promised: readonly Promised[]): Problem["rates"] {
  const [{ judgement: { rates } }] = promised;
  if (promised.every(({ judgement }) => judgement.rates === rates)) return rates;
  throw new RangeError(
    "Cannot test by a plan whose constraints judge both probabilities and decisions: test them one after the other",
  );
}
