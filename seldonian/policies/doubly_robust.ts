import { concatenate, noGrad, Tensor } from "../../autodiff/mod.ts";
import { pick, put } from "../../autodiff/primitives/indexing.ts";
import { cloneModule, freeze, type Module, requireModel } from "../../nn/module.ts";
import type { DiscretePolicy } from "./discrete_policy.ts";
import { type Choice, Policy } from "./policy.ts";
import { single } from "./softmax.ts";
import type { Steps } from "./steps.ts";
import { pure } from "../../nn/pure.ts";

/**
 * The same policy, whose per-decision values are doubly robust: sum_t gamma^t (w_t (r_t - q(o_t, a_t)) + w_{t-1} sum_a pi(a | o_t)
 * q(o_t, a)), where q is any guess of the return that follows an action. Their mean is the return whatever q is, and the better q is,
 * the less they vary: `J_pi_new_PDIS` is then the doubly robust estimate. Alternate rewards are as ever. q must not come from the
 * safety data.
 * Source: N. Jiang and L. Li, "Doubly robust off-policy value evaluation for reinforcement learning", ICML 2016, (10), unrolled.
 */
export class DoublyRobust<P extends DiscretePolicy = DiscretePolicy> extends Policy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** q, from observations [n, numbers] float32 to [n, actions]; not trained. */
  readonly values: Module<Tensor>;

  /**
   * A policy with a guess.
   * @param policy the policy to train
   * @param values q, from observations [n, numbers] float32 to [n, actions]; a copy is kept
   */
  constructor(readonly policy: P, values: Module<Tensor>) {
    super();
    requireModel("make a policy", values);
    this.values = freeze(cloneModule(values));
  }

  /** The probability of the action of every step. */
  override probability(steps: Steps): Tensor {
    return this.policy.probability(steps);
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number): Choice {
    return this.policy.choose(observations, uniform);
  }

  /** The doubly robust values of the rewards; those of an alternate as they are. */
  override perDecision(steps: Steps, weights: Tensor, reward: number): Tensor {
    if (reward > 0) return super.perDecision(steps, weights, reward);
    const { observations, actions, discounts, episodeOf, rewards: [discounted], starts } = steps, { policy, values } = this;
    const q = noGrad(() => values.forward(single(observations)).cast("float64"));
    const taken = pick([q, policy.placesIn(actions)]), followed = policy.distribution(observations).mul(q).sum(1);
    // The weight before a step: that of the step before, at one place later, or 1.
    const first = new Set(starts), places = Int32Array.from(episodeOf.data, (_, t) => first.has(t) ? 0 : t);
    const before = concatenate([Tensor.from(Float64Array.of(1)), weights]).take(Tensor.from(places));
    const sum = weights.mul(discounted).add(before.mul(followed).sub(weights.mul(taken)).mul(discounts));
    return put([sum, episodeOf], { shape: [starts.length - 1] });
  }
}
