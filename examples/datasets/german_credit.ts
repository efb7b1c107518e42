import { csv, type Table } from "../../mod.ts";
import text from "./german_credit.csv" with { type: "text" };

/**
 * 1,000 applicants for a loan in Germany around 1975: 61 columns, the `Class` being "Good" or "Bad".
 * Source: H. Hofmann, Statlog (German Credit Data), UCI Machine Learning Repository (1994), CC BY 4.0.
 */
export function germanCredit(): Table {
  return csv(text);
}

/** Whether an applicant is a woman. */
export function isWoman(row: Readonly<Record<string, unknown>>): boolean {
  return row["Personal.Female.NotSingle"] === 1 || row["Personal.Female.Single"] === 1;
}
