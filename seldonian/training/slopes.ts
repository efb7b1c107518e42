import type { Tensor } from "../../autodiff/mod.ts";
import { type Module, namedParameters } from "../../nn/module.ts";
import type { Constraint } from "../constraints/expression.ts";
import type { Course } from "./course.ts";
import type { Trained } from "./trained.ts";

/**
 * Why training cannot begin: a slope at the initial parameters is not finite, like that of √x at 0, so no rate would work. `null`
 * if all are finite.
 * @param trained with the gradient of the sum of all terms
 * @param added the additions to the objective f: the penalty, if any, and the regularization
 * @param bounds the other terms to descend on, by constraint
 */
export function steepAtFirst<M extends Module>(
  { options: { penalty } }: Course,
  { model, gradient }: Trained<M>,
  f: Tensor,
  added: readonly Tensor[],
  bounds: readonly (readonly [constraint: Constraint, bound: Tensor])[],
): string | null {
  if (gradient.every(Number.isFinite)) return null;
  const terms: [string, Tensor][] = [
    ["objective", f],
    ...(penalty === undefined ? [] : [["penalty", added[0]] as [string, Tensor]]),
    ...bounds.map(([constraint, bound]): [string, Tensor] => [`bound on ${constraint}`, bound]),
  ];
  for (const [name, term] of terms) {
    gradient.fill(0);
    if (term.requiresGrad) term.backward();
    for (const [parameter, { requiresGrad, grad }] of namedParameters(model)) {
      const slope = requiresGrad ? grad!.data.find((slope) => !Number.isFinite(slope)) : undefined;
      if (slope === undefined) continue;
      return `the ${name} is ${term.value} at the initial parameters, and its slope in ${parameter} is ${slope}; ` +
        "it and the model must be differentiable there, as sqrt(x + 1e-12) is at 0 and sqrt(x) is not";
    }
  }
  return "the slopes of what is minimised have no finite sum at the initial parameters; look at the parameters and the data";
}
