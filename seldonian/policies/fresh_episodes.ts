import { noGrad, type Tensor } from "../../autodiff/mod.ts";
import type { RunEpisodesOptions } from "../environments/run_episodes.ts";
import { runEpisodes } from "../environments/run_episodes.ts";
import { callable, checkOptions, type Known, needed, number, without } from "../../autodiff/options.ts";
import { train, type TrainOptions, trainOptions } from "../algorithm.ts";
import type { Contender } from "../experiments/contender.ts";
import { episodes } from "./episodes.ts";
import { Policy } from "./policy.ts";
import type { RecordedEpisode, Steps } from "./steps.ts";

/** The options of {@link seldonianPolicy}: those of `train()`, and a world. */
export interface SeldonianPolicyOptions<P extends Policy> extends Omit<TrainOptions<P>, "data" | "seed" | "ledger"> {
  /** Makes a world in which the new policy acts. */
  environment: RunEpisodesOptions["environment"];
  /** The discount of returns; default 1. */
  discount?: number;
}

const known: Known<SeldonianPolicyOptions<Policy>> = {
  ...without(trainOptions, "data", "seed", "ledger"),
  environment: needed(callable),
  discount: number,
};

/**
 * A contender of `experiment()` that trains a policy as `train()` does, and is judged by what the policy really does: it runs as many
 * new episodes as the truth has. The experiment's constraints are then on the returns of the new policy; they must not name the old
 * one's, `J_b`, which is an error. The population is a function such as `(size, seed) => episodes(runEpisodes({ … }))`.
 */
export function seldonianPolicy<P extends Policy>(
  given: SeldonianPolicyOptions<P>,
): Contender {
  const { environment, discount = 1, ...options } = checkOptions<SeldonianPolicyOptions<P>>("compare a policy", given, known);
  return {
    settings: ["seldonian policy", options, environment, discount],
    unjudged: (measure) =>
      measure.startsWith("J_b")
        ? "models are judged by episodes of the new policy alone; write the old one's as a number"
        : undefined,
    async outputs({ rows, truth, seed }) {
      const result = await train({ ...options, data: rows, seed } as TrainOptions<P>);
      if (!result.passed) return null;
      // Other episodes than those that the policy learned from.
      const fresh = runEpisodes({ environment, policy: result.model, count: truth.size, seed: ~seed });
      const { features } = episodes(fresh, { discount, densities: true }).whole();
      return noGrad(() => new Acted().forward(features as RecordedEpisode[]));
    },
  };
}

/** The policy that acted, whichever it was: every weight is 1. */
class Acted extends Policy {
  override probability({ behaviour }: Steps): Tensor {
    return behaviour;
  }
  override choose(): never {
    throw new TypeError("Cannot act by a record of actions");
  }
}
