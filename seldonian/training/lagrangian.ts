/** The Lagrangian L = f + Σ lambda_i g_i of a step. @module */
import { decided } from "../../autodiff/recorder.ts";
import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import type { Judged } from "./course.ts";
import { upperOf } from "./finalists.ts";

/** Whether each constraint has a finite bound on these rows. */
export function heardOf({ found, evaluations }: Judged): boolean[] {
  return evaluations.map((evaluation, i) => decided(() => upperOf(found[i]) !== Infinity && upperOf(evaluation) !== Infinity));
}

/** The Lagrangian with multipliers as tensors. The newest of these is the first constraint's, as in {@link lagrangianOf}. */
export function seededSum(
  { f, evaluations }: Judged,
  penalties: readonly Tensor[],
  seeds: readonly Tensor[],
  heard: readonly boolean[],
): Tensor {
  const bounds = evaluations.flatMap(({ interval: { upper } }, i) => heard[i] ? [[upper, seeds[i]] as const] : []);
  const terms = [...bounds.reverse().map(([upper, seed]) => upper.mul(seed)).reverse(), f, ...penalties];
  return weightedSum(terms, terms.map(() => 1));
}

/** The value of {@link lagrangianOf}, with the same bits. */
export function lagrangianAt(
  { f, evaluations }: Judged,
  added: readonly Tensor[],
  lambda: readonly number[],
  heard: readonly boolean[],
): number {
  let sum = 0 + f.value;
  for (let i = 0; i < added.length; i++) sum += added[i].value;
  for (let i = 0; i < evaluations.length; i++) if (heard[i]) sum += lambda[i] * upperOf(evaluations[i]);
  return sum;
}

/** L = f + additions + Σ lambda_i g_i over the constraints with a bound, shape []. */
export function lagrangianOf(
  { f, evaluations }: Judged,
  added: readonly Tensor[],
  lambda: readonly number[],
  heard: readonly boolean[],
): Tensor {
  const terms = [f, ...added], bounds = evaluations.map(({ interval }) => interval.upper).filter((_, i) => heard[i]);
  return weightedSum([...terms, ...bounds], [...terms.map(() => 1), ...lambda.filter((_, i) => heard[i])]);
}
