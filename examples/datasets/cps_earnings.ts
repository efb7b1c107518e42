import { readTable, type Table } from "../../mod.ts";
import compressed from "./cps_earnings.csv.gz" with { type: "bytes" };

/**
 * 61,395 full-time workers in the United States, 1992 to 2004: hourly `earnings` in dollars of 2004 (2 to 72.1), `gender`, `age`,
 * `region` and years of `education`.
 * Source: Current Population Survey, U.S. Bureau of Labor Statistics, as in J. H. Stock and M. W. Watson, "Introduction to
 * Econometrics"; from the R package AER (GPL-2 or later).
 */
export function cpsEarnings(): Promise<Table> {
  return readTable(new Uint8Array(compressed), { file: "cps_earnings.csv.gz" });
}
