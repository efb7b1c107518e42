/** Small problems whose episodes can all be listed. */
import { type nn, Tensor } from "../../mod.ts";
import {
  DiscretePolicy,
  type Episode,
  episodes,
  type EpisodesOptions,
  type RecordedEpisode,
} from "../../seldonian/policies/mod.ts";

/** A policy with given probabilities for each observation. */
export class Given extends DiscretePolicy {
  readonly chances: Tensor;
  constructor(chances: readonly (readonly number[])[]) {
    super(chances[0].length);
    this.chances = Tensor.from(Float64Array.from(chances.flat()), [chances.length, chances[0].length]);
  }
  override logits(observations: Tensor): Tensor {
    return this.chances.take(Tensor.from(Int32Array.from(observations.data))).log();
  }
}

/** An episode that may happen, with its probability under a behaviour policy. */
export interface Possible {
  episode: Episode;
  chance: number;
}

/**
 * All episodes of two steps of two actions: observation 0, then 1 after action 0 or 2 after action 1. `rewards` are those of the
 * four pairs of actions, paid at the end, and of the first action alone.
 */
export function twoSteps(
  behaviour: readonly (readonly number[])[],
  rewards: readonly number[],
  first: readonly number[] = [0, 0],
): Possible[] {
  return [0, 1].flatMap((a) =>
    [0, 1].map((c): Possible => {
      const probabilities = [behaviour[0][a], behaviour[1 + a][c]];
      return {
        episode: { observations: [0, 1 + a], actions: [a, c], rewards: [first[a], rewards[2 * a + c]], probabilities },
        chance: probabilities[0] * probabilities[1],
      };
    })
  );
}

/** What a policy says of episodes, as a measure sees it. */
export function outcomesOf(policy: nn.Module, given: readonly Episode[], options?: EpisodesOptions) {
  const data = episodes(given, options), predictions = policy.forward(data.whole().features as RecordedEpisode[]);
  return { predictions, labels: Tensor.from(data.labels), columns: new Map(), arrays: new Map() };
}

/** The mean of numbers over all possible episodes. */
export function expected(possible: readonly Possible[], values: ArrayLike<number>): number {
  return possible.reduce((sum, { chance }, i) => sum + chance * values[i], 0);
}
