import type { Expression } from "../constraints/expression.ts";
import { FN, FP, TN, TP } from "./classification.ts";

/*
 * Ratios of rates that constraints name as they name measures, of measures of one class and of the same rows. A limit on one is a limit
 * on a sum, since its divisor is not negative: Precision >= 0.8 is 0.8 (TP + FP) - TP <= 0, the mean of one number a row, which is
 * bounded as such.
 */

/** Of what is called positive, the part that is: TP / (TP + FP). */
export const Precision: Expression = TP.over(TP.plus(FP));

/** Of what is called negative, the part that is: TN / (TN + FN). */
export const NPV: Expression = TN.over(TN.plus(FN));

/** Of what is called positive, the part that is not: FP / (TP + FP). */
export const FDR: Expression = FP.over(TP.plus(FP));

/** The harmonic mean of Precision and TPR: 2 TP / (2 TP + FP + FN). */
export const F1: Expression = TP.times(2).over(TP.times(2).plus(FP).plus(FN));
