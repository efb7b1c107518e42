import { csv, type Encoding, type Table } from "../../mod.ts";
import text from "./german_credit.csv" with { type: "text" };

/**
 * 1,000 applicants for a loan in Germany around 1975: 62 columns; `Class` is "Good" or "Bad".
 * Source: H. Hofmann, Statlog (German Credit Data), UCI Machine Learning Repository (1994), CC BY 4.0.
 */
export function germanCredit(): Table {
  return csv(text, { file: "german_credit.csv" });
}

/** Whether an applicant is a woman. */
export function isWoman(row: Readonly<Record<string, unknown>>): boolean {
  return row["Personal.Female.NotSingle"] === 1 || row["Personal.Female.Single"] === 1;
}

/**
 * Good loans are class 1; groups are women, F, and men, M. Promises are about sex, so the model does not see the columns that
 * reveal it.
 */
export function loanEncoding({ names }: Table): Encoding {
  return {
    label: { column: "Class", classes: ["Bad", "Good"] },
    features: names.filter((name) => name !== "Class" && !name.startsWith("Personal.")),
    groups: { F: isWoman, M: (row) => !isWoman(row) },
    exclusive: [["F", "M"]],
  };
}
