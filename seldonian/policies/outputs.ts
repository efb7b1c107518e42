import { stack, type Tensor } from "../../autodiff/mod.ts";
import { decided } from "../../autodiff/recorder.ts";
import type { EndedReturns } from "./ended_returns.ts";

/*
 * What a policy's output says of an episode, in columns: its importance weight w; 1 / the greatest weight of any episode, 0 if there
 * is none; then for the rewards, and for each alternate, the return G = sum_t gamma^t r_t, the per-decision value
 * D = sum_t gamma^t w_t r_t, with guesses that may be added, the baseline c, and the most that guesses add or take, -1 without a limit;
 * where weights have no limit, the weight, the value from below and from above of `ended_returns.ts`, and the least and the greatest
 * return that known ends of every reward allow, 0 and 0 if they are not known; and the return of the positive rewards alone.
 */

/** The number of columns before those of rewards. */
const before = 2;
/** The number of columns for the rewards and for each alternate. */
const perReward = 10;

/** What an output says of each episode, for one kind of reward. */
export interface Weighed {
  /** The importance weights, [episodes]. */
  weight: Tensor;
  /** The discounted returns. */
  value: Tensor;
  /** The returns with each reward weighted by the weight up to its step. */
  perDecision: Tensor;
  /** The greatest weight that an episode can have. */
  most: number;
  /** A typical return. */
  baseline: number;
  /** The most that guesses add to per-decision returns or take from them; -1: without a limit. */
  room: number;
  /** Per-decision returns with an end, where weights have no limit. */
  ended: EndedReturns;
  /** The discounted returns of the positive rewards alone. */
  gained: Tensor;
  /** The range of returns that known ends of every reward allow, if they are known. */
  ends: readonly [number, number] | null;
}

/** @param reward 0, or the number of an alternate */
export function weighed(outputs: Tensor, reward: number): Weighed {
  const column = (i: number) => outputs.slice(1, i, i + 1).reshape(outputs.shape[0]), first = before + perReward * reward;
  const [least, greatest] = [7, 8].map((i) => decided(() => outputs.data[first + i]));
  return {
    weight: column(0),
    value: column(first),
    perDecision: column(first + 1),
    most: decided(() => 1 / outputs.data[1]),
    baseline: decided(() => outputs.data[first + 2]),
    get ended() {
      return { weight: column(first + 4), lower: column(first + 5), upper: column(first + 6) };
    },
    room: decided(() => outputs.data[first + 3]),
    get gained() {
      return column(first + 9);
    },
    ends: least === greatest ? null : [least, greatest],
  };
}

/** Weight, return and 1 / the greatest weight of each episode, [episodes, 3]: what `return_functionals.ts` reads. */
export function weightedLaw({ weight, value, most }: Pick<Weighed, "weight" | "value" | "most">): Tensor {
  return stack([weight, value, value.mul(0).add(1 / most)], 1);
}

/** The number of alternates among this many outputs. */
export function alternatesIn(outputs: number): number {
  return (outputs - before) / perReward - 1;
}
