/** How often a question may pass, and when to look no further. */
import { atLeast } from "../helpers/exact.ts";

/** Trials of a question after each stage; a question whose passes are unsuspicious ends at the first. */
export const stages = [40, 160, 640, 2560];

/** Tail probabilities above which a stage is the last: what is below delta, or looks like it. */
const unsuspicious = [0.4, 0.15, 0.05, 1];

/** The probability of a false alarm over a whole suite, at most. */
const falseAlarm = 1e-6;

/** What so many passes of so many trials say, after the stage of this number. */
export function judged(
  stage: number,
  { passes, trials }: { passes: number; trials: number },
  delta: number,
  questions: number,
): "alarm" | "done" | "more" {
  const tail = atLeast(passes, trials, delta);
  if (tail < falseAlarm / (questions * stages.length)) return "alarm";
  return stage === stages.length - 1 || tail > unsuspicious[stage] ? "done" : "more";
}

/** An error's kind: its message without numbers, names and values. */
export function kindOf(message: string): string {
  return message.split("\n")[0].replace(/"[^"]*"/g, '"…"').replace(/-?\d+(\.\d+)?(e-?\d+)?/g, "#").replace(/\(.*\)/g, "(…)")
    .slice(0, 90);
}
