import { readTable, type Table } from "../../mod.ts";
import compressed from "./adult.csv.gz" with { type: "bytes" };

/**
 * 32,561 people of the United States census of 1994, unchanged from UCI's `adult.data`: no column names, a space after each
 * comma, and "?" for missing values. The label is whether `income` is above 50,000 dollars a year. Source: B. Becker and R.
 * Kohavi, "Adult", UCI Machine Learning Repository (1996), doi 10.24432/C5XW20, CC BY 4.0.
 */
export function adult(): Promise<Table> {
  const names =
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain capital-loss " +
    "hours-per-week native-country income";
  return readTable(new Uint8Array(compressed), { file: "adult.csv.gz", header: names.split(" ") });
}
