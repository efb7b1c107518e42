import type { ConstraintReport } from "../safety_test.ts";

/** How far the bound is from 0, or why there is none. */
export function marginOf({ passed, upper, note }: ConstraintReport): string {
  if (passed) return `${short(-upper)} to spare`;
  return Number.isFinite(upper) && upper > 0 ? `${short(upper)} too much` : note ?? "no finite bound";
}

/** Four significant digits, without an exponent unless the number is far from 1. */
export function short(x: number): string {
  return Number.isFinite(x) ? `${Number(x.toPrecision(4))}` : `${x}`;
}

/** A verdict on all constraints; it says "approximately" if a bound that passed holds only for many rows. */
export function headlineOf(verdict: string, constraints: readonly ConstraintReport[]): string {
  return constraints.every(({ passed }) => passed) && constraints.some(({ guarantee }) => guarantee === "approximate")
    ? verdict.replace(/\.$/, ", approximately.")
    : verdict;
}

/** What a test counts. */
export function unitsOf({ clustered, rowsAre = "rows" }: Pick<ConstraintReport, "clustered" | "rowsAre">): string {
  return clustered ? "clusters" : rowsAre;
}
