import type { Tensor } from "../../autodiff/mod.ts";

/** A safety test to come, which a bound on candidate data foretells. */
export interface Prediction {
  /** Values that the safety test will have. */
  n: number;
  /** Factor on the half-width that is foretold. */
  inflation: number;
}

/** A confidence bound on the mean of the law that values were drawn from. */
export interface Bound {
  name: string;
  /** What it takes for granted of the values. */
  assumes: string;
  /** A number above the mean with probability at least 1 - delta: shape [], in the unit of `values` [n] float64. */
  upper(values: Tensor, delta: number, prediction?: Prediction): Tensor;
  /** A number below the mean, in the same way; left out, the mirror of `upper`. */
  lower?(values: Tensor, delta: number, prediction?: Prediction): Tensor;
}

/** A number below the mean with probability at least 1 - delta: the bound's own, or lower(z) = -upper(-z). */
export function lower(bound: Bound, values: Tensor, delta: number, prediction?: Prediction): Tensor {
  return bound.lower?.(values, delta, prediction) ?? bound.upper(values.neg(), delta, prediction).neg();
}
