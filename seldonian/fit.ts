import type { Tensor } from "../autodiff/mod.ts";
import { checkOptions, type Known } from "../autodiff/options.ts";
import type { Module } from "../nn/module.ts";
import { select, type Selection } from "./candidate_selection.ts";
import { DataSet, type DataSetParts, type Source } from "./data/data_set.ts";
import { checkGiven } from "./data/given_kinds.ts";
import { type Deciding, deciding } from "./decision.ts";
import type { Problem } from "./problem/problem.ts";
import { type ObjectiveName, objectiveNamed } from "./problem/promise_kinds.ts";
import { leavesOf } from "./problem/promises.ts";
import type { Objective, PromiseOptions } from "./problem/stated.ts";
import type { Step } from "./records/log.ts";
import { selectionOptions, type TrainingOptions } from "./selection_options.ts";
import { Sets } from "./sets.ts";
import { taskOf } from "./tasks/mod.ts";

/** The options of {@link fit}. */
export interface FitOptions<M extends Module>
  extends Omit<TrainingOptions, "candidates" | "penalty">, Pick<PromiseOptions, "rates"> {
  /** All of it is trained on. */
  data: Source | DataSetParts;
  /** The model to train. It is copied; the original does not change. */
  model: M;
  /** The objective to minimise. */
  objective: Objective | ObjectiveName;
  /** Added to the objective in training, shape [], as for a custom regularisation. */
  penalty?: (model: M) => Tensor;
}

/** A trained model, which promises nothing. */
export interface Fitted<M extends Module> {
  /** The model, with its decisions: the most probable classes, or drawn ones for rates "expected". */
  model: M & Deciding;
  /** The objective on the data that trained it. */
  objective: number;
  /** Every training step. */
  log: Step[];
}

const { data, model, objective, optimizer, penalty, seed, device, onStep, onProgress, signal, rates } = selectionOptions;

/** The allowed options. */
const fitKinds: Known<FitOptions<Module>> = {
  ...{ data, model, objective, rates, optimizer, penalty, seed, device, onStep, onProgress, signal },
};

/**
 * Trains a model without constraints, test or promise, as {@link train} trains a candidate: the baseline that a promise is compared
 * with.
 *
 * @example
 * ```ts
 * import { fit, nn } from "@seldonian/kit";
 * const features = Array.from({ length: 300 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0.1 ? 1 : 0);
 * const { model } = await fit({ data: { features, labels }, model: new nn.LogisticRegression(1), objective: "logLoss" });
 * console.log(model.decide([[0.9], [-0.9]]).toArray()); // [ 1, 0 ]
 * ```
 * @throws {TypeError} for a wrong option
 * @throws {RangeError} if training ends without a model, with the reason
 */
export async function fit<M extends Module>(options: FitOptions<M>): Promise<Fitted<M>> {
  const { data, rates = "decided", ...how } = checkOptions<FitOptions<M>>("fit", options, fitKinds);
  checkGiven(data);
  const rows = "chunks" in data ? data : new DataSet(data), { task, selection } = await unconstrained(rows, how);
  const { candidates: [found], stopped, log } = selection;
  if (found === undefined) throw new RangeError(`Cannot fit: ${stopped}`);
  const decided = { task, rates: task.decision === null ? "expected" as const : rates };
  return { model: deciding(found.model, decided, how.seed ?? 0, rows.rowShape), objective: found.objective, log };
}

/** Selects a candidate without constraints. */
export async function unconstrained<M extends Module>(
  data: Source,
  { objective: named, ...how }: Omit<FitOptions<M>, "data" | "rates">,
): Promise<{ task: Problem["task"]; selection: Selection<M> }> {
  const objective = objectiveNamed(named), measured = leavesOf([], objective).map(({ measure }) => measure);
  const task = taskOf(measured, typeof objective === "function" ? objective : undefined);
  const sets = new Sets({ data, safetyRows: data.size }), relations = { independent: [], paired: [] };
  const problem: Problem = { promises: [], objective, task, rates: "expected", sets, relations };
  return { task, selection: await select<M>(problem, how) };
}
