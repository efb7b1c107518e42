import { Sigmoid, Softmax, Tanh } from "../../nn/activations.ts";
import { Linear } from "../../nn/linear.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import { Between } from "../../nn/models.ts";
import { type Module, namedParameters } from "../../nn/module.ts";
import { leavesOf } from "../problem/promises.ts";
import type { CourseOptions } from "./course.ts";
import { isOfOwnParts } from "./own_parts.ts";

/** What may follow a linear layer. */
const outputs: ReadonlySet<unknown> = new Set([Sigmoid, Softmax, Tanh, Between]);

/** The most parameters of a small model. */
const mostParameters = 1000;

/**
 * Whether a training is small and smooth, so that quasi-Newton steps on all rows find its optimum in few passes: one linear layer
 * with a smooth output and at most 1,000 parameters; expected rates; an objective, measures and bounds of the kit's without edges.
 */
export function isSmallAndSmooth(model: Module, course: Pick<CourseOptions, "problem" | "penalty">): boolean {
  if (!isOfOwnParts(model, course)) return false;
  const { promises, objective, rates } = course.problem, [first, ...rest] = Object.values(model) as (Module | undefined)[];
  const sizes = Array.from(namedParameters(model).values(), ({ shape }) => shape.reduce((a, b) => a * b, 1));
  return first?.constructor === Linear && rest.every((layer) => outputs.has(layer?.constructor)) &&
    sizes.reduce((a, b) => a + b, 0) <= mostParameters && rates === "expected" && objective !== meanAbsoluteError &&
    promises.every(({ analysis, ways, lambda }) => analysis === "conjunctive" && ways.length === 1 && lambda === undefined) &&
    leavesOf(promises, objective).every(({ measure: { functional } }) => functional === undefined);
}
