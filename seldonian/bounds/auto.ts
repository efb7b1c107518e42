import { checkOptions, interval, type Known, needed, truth } from "../../autodiff/options.ts";
import type { Bound } from "./bound.ts";
import { clopperPearson } from "./clopper_pearson.ts";
import { star } from "./star.ts";
import { student } from "./student.ts";

const known: Known<{ range: readonly [number, number]; binary: boolean }> = { range: needed(interval), binary: needed(truth) };

/**
 * Chooses the family from what is known before any value is seen: Clopper and Pearson's for 0 and 1, {@link star} for a finite
 * range, both proven for every n; Student's, which rests on normality, for the rest.
 */
export function boundFor(values: { range: readonly [number, number]; binary: boolean }): Bound {
  const { range: [low, high], binary } = checkOptions("choose a bound", values, known);
  return high - low < Infinity ? binary ? clopperPearson : star : student;
}
