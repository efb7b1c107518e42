import { ACC, CM, ER, FN, FNR, FP, FPR, NR, PR, TN, TNR, TP, TPR } from "./classification.ts";
import type { Measure } from "./measure.ts";
import { CVaR, Mean_Error, Mean_Squared_Error } from "./regression.ts";

/** The measures that a constraint may name without more ado. Adding one is adding it to a file here and to this list. */
export const standardMeasures: readonly Measure[] = [
  ACC,
  ER,
  PR,
  NR,
  FPR,
  TNR,
  TPR,
  FNR,
  TP,
  FP,
  TN,
  FN,
  CM,
  Mean_Squared_Error,
  Mean_Error,
  CVaR,
];
