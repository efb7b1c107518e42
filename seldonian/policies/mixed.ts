import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { checkArgument, fraction } from "../../autodiff/options.ts";
import { cloneModule, freeze } from "../../nn/module.ts";
import { type Choice, Policy } from "./policy.ts";
import { type Steps, stepsAt } from "./steps.ts";

/**
 * alpha pi + (1 - alpha) b: at each step the policy acts with probability alpha, and the behaviour policy otherwise. A step's ratio is
 * at least 1 - alpha. Off-policy values need only the logged probabilities of b; acting needs b itself.
 * Source: P. S. Thomas, G. Theocharous and M. Ghavamzadeh, "High confidence policy improvement", ICML 2015, section 2.1.
 */
export class Mixed<P extends Policy = Policy> extends Policy {
  /** The policy that acted; not trained. */
  readonly behaviour?: Policy;

  /**
   * A mixture.
   * @param policy the policy to train
   * @param alpha its part, between 0 and 1
   * @param behaviour the policy that acted; a copy is kept
   */
  constructor(readonly policy: P, readonly alpha: number, behaviour?: Policy) {
    super();
    checkArgument("mix policies", "alpha", alpha, fraction);
    if (behaviour !== undefined) this.behaviour = freeze(cloneModule(behaviour));
  }

  /** The probability, or density, of the action of every step. */
  override probability(steps: Steps): Tensor {
    return this.policy.probability(steps).mul(this.alpha).add(steps.behaviour.mul(1 - this.alpha));
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number, weights: Float64Array): Choice {
    const { policy, behaviour, alpha } = this;
    if (behaviour === undefined) {
      throw new TypeError("Cannot act by a mixture without its behaviour policy: give it as the third argument");
    }
    // The first number says who acts.
    const later = (i: number, j: number) => uniform(i, j + 1);
    const [own, other] = [policy, behaviour].map((one) => one.choose(observations, later, weights).actions);
    const [n] = observations.shape, width = own.length / n, actions = own.slice();
    for (let i = 0; i < n; i++) {
      if (uniform(i, 0) >= alpha) actions.set(other.subarray(i * width, (i + 1) * width), i * width);
    }
    const steps = stepsAt(observations, Tensor.from(actions, width === 1 ? [n] : [n, width]));
    const [p, b] = noGrad(() => [policy, behaviour].map((one) => one.probability(steps).data));
    return { actions, probabilities: Float64Array.from(p, (own, i) => alpha * own + (1 - alpha) * b[i]) };
  }
}
