import type { PromiseEvaluation } from "../constraints/promise.ts";
import type { Snapshot } from "./weights.ts";

/** The best few parameters: first by least violation, then by least minimised value. */
export class Best<Theta extends Snapshot = Snapshot> {
  readonly found: { theta: Theta; violation: number; value: number; step: number | null }[] = [];
  constructor(readonly count: number) {}

  /**
   * Offers the parameters of a step, from 1; `null`: those after the last. Returns whether they are the best so far.
   * @param theta gets the parameters that have to leave for them
   */
  offer(theta: (spare?: Theta) => Theta, violation: number, value: number, step: number | null): boolean {
    if (!Number.isFinite(value)) return false;
    const { found, count } = this;
    let place = 0;
    for (; place < found.length; place++) {
      const other = found[place];
      if (violation < other.violation || (violation === other.violation && value < other.value)) break;
    }
    if (place >= count) return false;
    const spare = found.length >= count ? found.at(-1)!.theta : undefined;
    found.splice(place, 0, { theta: theta(spare), violation, value, step });
    found.length = Math.min(found.length, count);
    return place === 0;
  }
}

/** A predicted bound on g, and the estimate of g; the latter is Infinity where there is no bound. */
export interface Predicted {
  upper: number;
  value: number;
}

/** What evaluations predict, read once for all levels of safety. */
export function predictedBy(evaluations: readonly PromiseEvaluation[]): Predicted[] {
  return evaluations.map((evaluation) => {
    const upper = upperOf(evaluation), { conjuncts } = evaluation;
    if (upper === Infinity) return { upper, value: upper };
    let value = -Infinity;
    for (let i = 0; i < conjuncts.length; i++) value = Math.max(value, conjuncts[i].estimate());
    return { upper, value };
  });
}

/**
 * How far bounds are above 0, if they were only this fraction of their distance from the estimates: √Σ max(0, g)², where `nearly` 0
 * counts as 0.
 */
export function violationAt(part: number, predicted: readonly Predicted[], nearly: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < predicted.length; i++) {
    const { upper, value } = predicted[i], bound = part === 1 || upper === Infinity ? upper : value + part * (upper - value);
    if (!(bound <= nearly[i])) sum += bound * bound;
  }
  return Math.sqrt(sum);
}

/** The bound that decides. */
export function upperOf({ interval }: PromiseEvaluation): number {
  return interval.upper.value;
}
