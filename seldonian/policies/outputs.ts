import { stack, type Tensor } from "../../autodiff/mod.ts";
import { decided } from "../../autodiff/recorder.ts";

/*
 * What a policy's output says of an episode, in columns: its importance weight w; 1 / the greatest weight of any episode, 0 if there
 * is none; then for the rewards, and for each alternate, the return G = sum_t gamma^t r_t, the per-decision value
 * D = sum_t gamma^t w_t r_t, and the baseline c.
 */

/** The number of columns before those of rewards. */
const before = 2;
/** The number of columns for the rewards and for each alternate. */
const perReward = 3;

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
}

/** @param reward 0, or the number of an alternate */
export function weighed(outputs: Tensor, reward: number): Weighed {
  const column = (i: number) => outputs.slice(1, i, i + 1).reshape(outputs.shape[0]), first = before + perReward * reward;
  return {
    weight: column(0),
    value: column(first),
    perDecision: column(first + 1),
    most: decided(() => 1 / outputs.data[1]),
    baseline: decided(() => outputs.data[first + 2]),
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
