import type { PromiseEvaluation } from "../constraints/promise.ts";
import type { Snapshot } from "./weights.ts";

/** The best few parameters: first by least violation, then by least minimised value. */
export class Best<Theta extends Snapshot = Snapshot> {
  readonly found: { theta: Theta; violation: number; value: number; step: number | null }[] = [];
  constructor(readonly count: number) {}

  /** Offers the parameters of a step, from 1; `null`: those after the last. Returns whether they are the best so far. */
  offer(theta: () => Theta, violation: number, value: number, step: number | null): boolean {
    if (!Number.isFinite(value)) return false;
    const better = (entry: { violation: number; value: number }) =>
      violation < entry.violation || (violation === entry.violation && value < entry.value);
    const place = this.found.findIndex(better);
    if (place < 0 && this.found.length >= this.count) return false;
    this.found.splice(place < 0 ? this.found.length : place, 0, { theta: theta(), violation, value, step });
    this.found.length = Math.min(this.found.length, this.count);
    return place === 0 || this.found.length === 1;
  }
}

/** How far bounds are above 0: √Σ max(0, g)², where `nearly` 0 counts as 0. */
function violationOf(g: readonly number[], nearly: readonly number[]): number {
  return Math.sqrt(g.reduce((sum, bound, i) => bound <= nearly[i] ? sum : sum + bound * bound, 0));
}

/** The violation if bounds were only this fraction of their distance from the estimates. */
export function violationAt(part: number, evaluations: readonly PromiseEvaluation[], nearly: readonly number[]): number {
  return violationOf(
    evaluations.map((evaluation) => {
      const upper = upperOf(evaluation);
      if (part === 1 || upper === Infinity) return upper;
      const value = Math.max(...evaluation.conjuncts.map(({ estimate }) => estimate()));
      return value + part * (upper - value);
    }),
    nearly,
  );
}

/** The bound that decides. */
export function upperOf({ interval }: PromiseEvaluation): number {
  return interval.upper.value;
}
