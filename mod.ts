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
export { selectCandidate } from "./seldonian/candidate_selection.ts";
export type { Progress, Selection, SelectionOptions } from "./seldonian/candidate_selection.ts";
export { safetyTest } from "./seldonian/safety_test.ts";
export type { ConstraintReport, SafetyReport, SafetyTestOptions } from "./seldonian/safety_test.ts";
export type { OptimizerOptions } from "./seldonian/options.ts";
export type { Objective, StatedConstraint } from "./seldonian/problem.ts";
export { DataSet } from "./seldonian/data/data_set.ts";
export type { Column, DataSetParts, Rows } from "./seldonian/data/data_set.ts";
export { split } from "./seldonian/data/split.ts";
export type { Split, SplitOptions } from "./seldonian/data/split.ts";
export { NoSolution, Passed } from "./seldonian/report/result.ts";
export { logFile } from "./seldonian/report/log.ts";
export type { Step } from "./seldonian/report/log.ts";
export { progressBar } from "./seldonian/report/progress.ts";
export { mayWrite } from "./seldonian/report/permission.ts";
export * as bounds from "./seldonian/bounds/mod.ts";
export * as measures from "./seldonian/measures/mod.ts";
export { constraint } from "./seldonian/constraints/parse.ts";
export type { LeafReport } from "./seldonian/constraints/evaluate.ts";
export type { Compound, Constant, Constraint, Expression, Leaf, Term } from "./seldonian/constraints/expression.ts";
export { abs, exp, log, max, min } from "./seldonian/constraints/expression.ts";
export { ConstraintError } from "./seldonian/constraints/constraint_error.ts";
