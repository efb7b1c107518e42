import { csv, type Table } from "../../mod.ts";
import text from "./hmda_boston.csv" with { type: "text" };

/**
 * 2,380 mortgage applications in Boston in 1990: `deny` says whether it was denied, `afam` whether the applicant is African
 * American; other columns are ratios of payment to income and of loan to value, credit history, and the applicant's
 * circumstances. Source: Federal Reserve Bank of Boston; A. H. Munnell et al., "Mortgage lending in Boston", American Economic
 * Review 86 (1996), as in J. H. Stock and M. W. Watson, "Introduction to Econometrics"; from the R package AER (GPL-2 or later).
 */
export function hmdaBoston(): Table {
  return csv(text, { file: "hmda_boston.csv" });
}
