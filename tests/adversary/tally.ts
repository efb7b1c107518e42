/** The allowed passes of a question, and the rule for stopping. */
import { atLeast } from "../helpers/exact.ts";

/** The number of trials after each stage; a question with unsuspicious passes ends at the first stage. */
export const stages = [40, 160, 640, 2560];

/** Tail probabilities above which a stage is the last, because the passes look compatible with delta. */
const unsuspicious = [0.4, 0.15, 0.05, 1];

/** The greatest probability of a false alarm over a whole suite. */
const falseAlarm = 1e-6;

/** The judgement of the passes after a stage. */
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
