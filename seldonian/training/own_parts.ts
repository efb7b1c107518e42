import { Tensor } from "../../autodiff/mod.ts";
import { isPure } from "../../nn/pure.ts";
import { parametric } from "../bounds/bound.ts";
import { families } from "../bounds/mod.ts";
import { DataSet } from "../data/data_set.ts";
import { leavesOf } from "../problem/promises.ts";
import type { Problem } from "../problem/problem.ts";
import { standardMeasures, tasks } from "../tasks/mod.ts";
import type { CourseOptions } from "./course.ts";
import { stateless } from "./stateless.ts";

/**
 * Whether a training is made of the kit's parts alone, which have no state and no variables: then steps on the same rows can be
 * replayed without a look at anybody's functions.
 */
export function isOfOwnParts(model: unknown, { problem, penalty }: Pick<CourseOptions, "problem" | "penalty">): boolean {
  return penalty === undefined && isOfLayers(model) && isOfMeasures(problem) &&
    problem.sets.all.every(({ data }) => data instanceof DataSet);
}

/** Whether a model is made of the kit's layers alone, without state and variables. */
export function isOfLayers(value: unknown, onCard = false): boolean {
  if (typeof value === "function") return false;
  if (typeof value !== "object" || value === null || value instanceof Tensor) return true;
  const known = isPure(value, onCard) || Array.isArray(value) || (onCard && Object.getPrototypeOf(value) === Object.prototype);
  return known && Object.values(value).every((part) => isOfLayers(part, onCard));
}

function isOfMeasures({ promises, objective }: Problem): boolean {
  const losses = tasks.flatMap(({ losses }) => Object.values(losses)) as readonly unknown[];
  return (typeof objective !== "function" || losses.includes(objective) || stateless.has(objective)) &&
    leavesOf(promises, objective).every(({ measure }) => standardMeasures.includes(measure) || stateless.has(measure)) &&
    promises.every(({ judgement: { bound, bounds = {} } }) =>
      [bound, ...Object.values(bounds)].every((one) => one === undefined || families.includes(one) || parametric.made.has(one))
    );
}
