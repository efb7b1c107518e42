import type { ConstraintReport } from "../safety_test.ts";

/** "kept", "not shown" where the estimate keeps it but the bound does not, or "broken". */
export function verdictOf({ passed, value }: ConstraintReport): "kept" | "not shown" | "broken" {
  return passed ? "kept" : value <= 0 ? "not shown" : "broken";
}

/** How far the bound is from 0, or why there is none. */
export function marginOf({ upper, note }: ConstraintReport): string {
  if (upper <= 0) return `${short(-upper)} to spare`;
  return Number.isFinite(upper) ? `${short(upper)} too much` : note ?? "no finite bound";
}

/** Four significant digits, without an exponent unless it is far from 1. */
export function short(x: number): string {
  return Number.isFinite(x) ? `${Number(x.toPrecision(4))}` : `${x}`;
}
