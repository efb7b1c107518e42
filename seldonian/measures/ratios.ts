import type { Expression, Leaf } from "../constraints/expression.ts";
import { FN, FP, TN, TP } from "./classification.ts";
import type { Measure } from "./measure.ts";

/** A formula of measures of one class and of the same rows. */
export type Ratio = (of: (measure: Measure) => Leaf) => Expression;

/**
 * Ratios of rates that constraints name as they name measures. A limit on one is a limit on a sum, since its divisor is not
 * negative: Precision >= 0.8 is 0.8 (TP + FP) - TP <= 0, the mean of one number a row, which is bounded as such.
 */
export const ratios: Readonly<Record<string, Ratio>> = {
  /** Of what is called positive, the part that is: TP / (TP + FP). */
  Precision: (of) => of(TP).over(of(TP).plus(of(FP))),
  /** Of what is called negative, the part that is: TN / (TN + FN). */
  NPV: (of) => of(TN).over(of(TN).plus(of(FN))),
  /** Of what is called positive, the part that is not: FP / (TP + FP). */
  FDR: (of) => of(FP).over(of(TP).plus(of(FP))),
  /** The harmonic mean of Precision and TPR: 2 TP / (2 TP + FP + FN). */
  F1: (of) => of(TP).times(2).over(of(TP).times(2).plus(of(FP)).plus(of(FN))),
};
