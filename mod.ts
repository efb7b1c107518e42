/**
 * A Seldonian machine-learning kit: models that keep a promise with high confidence.
 *
 * @example
 * ```ts
 * import { grad, tensor } from "@seldonian/kit";
 * const [slope] = grad((x) => x.square().sum())(tensor([1, 2, 3]));
 * console.log(slope.toArray()); // [2, 4, 6]
 * ```
 * @module
 */
export { grad, noGrad, Tensor, tensor, valueAndGrad } from "./autodiff/mod.ts";
export * as autodiff from "./autodiff/mod.ts";
export * as nn from "./nn/mod.ts";
export * as optim from "./nn/optim/mod.ts";
export { train } from "./seldonian/algorithm.ts";
export type { TrainOptions } from "./seldonian/algorithm.ts";
export * as bounds from "./seldonian/bounds/mod.ts";
export * as measures from "./seldonian/measures/mod.ts";
export { constraint } from "./seldonian/constraints/parse.ts";
export { abs, type Constraint, exp, log, max, min } from "./seldonian/constraints/expression.ts";
export { ConstraintError } from "./seldonian/constraints/constraint_error.ts";
