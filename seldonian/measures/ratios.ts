import type { Expression } from "../constraints/expression.ts";
import { FN, FP, TN, TP } from "./classification.ts";

/*
 * Ratios of rates, which constraints use like measures of one class on the same rows. A limit on a ratio is a limit on a sum,
 * since its divisor is not negative: Precision >= 0.8 is 0.8 (TP + FP) - TP <= 0, the mean of one number a row, and is bounded as
 * such.
 */

/** The fraction of predicted positives that are positive: TP / (TP + FP). */
export const Precision: Expression = TP.over(TP.plus(FP));

/** The fraction of predicted negatives that are negative: TN / (TN + FN). */
export const NPV: Expression = TN.over(TN.plus(FN));

/** The fraction of predicted positives that are negative: FP / (TP + FP). */
export const FDR: Expression = FP.over(TP.plus(FP));

/** The harmonic mean of Precision and TPR: 2 TP / (2 TP + FP + FN). */
export const F1: Expression = TP.times(2).over(TP.times(2).plus(FP).plus(FN));
