/**
 * Measures as formulas, to build constraints in code: `measures.ACC.atLeast(0.95)`.
 * @module
 */
import { type Expression, Leaf } from "../constraints/expression.ts";
import * as classification from "./classification.ts";
import { ratios } from "./ratios.ts";
import * as regression from "./regression.ts";

export type { Functional } from "../bounds/functional.ts";
export type { Measure, Outcomes } from "./measure.ts";

/** Accuracy. */
export const ACC: Leaf = new Leaf(classification.ACC);
/** Error rate. */
export const ER: Leaf = new Leaf(classification.ER);
/** Positive rate. */
export const PR: Leaf = new Leaf(classification.PR);
/** Negative rate. */
export const NR: Leaf = new Leaf(classification.NR);
/** False positive rate. */
export const FPR: Leaf = new Leaf(classification.FPR);
/** True negative rate. */
export const TNR: Leaf = new Leaf(classification.TNR);
/** True positive rate. */
export const TPR: Leaf = new Leaf(classification.TPR);
/** False negative rate. */
export const FNR: Leaf = new Leaf(classification.FNR);
/** True positives, of all rows. */
export const TP: Leaf = new Leaf(classification.TP);
/** False positives, of all rows. */
export const FP: Leaf = new Leaf(classification.FP);
/** True negatives, of all rows. */
export const TN: Leaf = new Leaf(classification.TN);
/** False negatives, of all rows. */
export const FN: Leaf = new Leaf(classification.FN);
/** TP / (TP + FP). */
export const Precision: Expression = ratios.Precision((measure) => new Leaf(measure));
/** 2 TP / (2 TP + FP + FN). */
export const F1: Expression = ratios.F1((measure) => new Leaf(measure));
/** Confusion of two classes: `CM.of(0, 1)`. */
export const CM: Leaf = new Leaf(classification.CM);
/** Mean squared error. */
export const Mean_Squared_Error: Leaf = new Leaf(regression.Mean_Squared_Error);
/** Mean error. */
export const Mean_Error: Leaf = new Leaf(regression.Mean_Error);
/** Conditional value at risk of the squared error: `CVaR.of(0.1)` is the mean of the worst tenth. */
export const CVaR: Leaf = new Leaf(regression.CVaR);
