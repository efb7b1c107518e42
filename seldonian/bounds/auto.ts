import type { Bound } from "./bound.ts";
import { clopperPearson } from "./clopper_pearson.ts";
import { star } from "./star.ts";
import { student } from "./student.ts";

/**
 * The family for values of which this is known before any is seen: Clopper and Pearson's for 0 and 1, {@link star} for a finite
 * range, both proven at every n; Student's for the rest, which rests on normality.
 */
export function boundFor({ range: [low, high], binary }: { range: readonly [number, number]; binary: boolean }): Bound {
  return high - low < Infinity ? binary ? clopperPearson : star : student;
}
