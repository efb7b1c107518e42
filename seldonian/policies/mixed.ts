import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { checkArgument, fraction } from "../../autodiff/options.ts";
import { cloneModule, freeze } from "../../nn/module.ts";
import { checkBehaviour } from "./behaviour.ts";
import { type Choice, Policy } from "./policy.ts";
import { type Steps, stepsAt } from "./steps.ts";
import { WeightLimited } from "./weight_limited.ts";
import { pure } from "../../nn/pure.ts";

/**
 * alpha pi + (1 - alpha) b: at each step the policy acts with probability alpha, and the behaviour policy otherwise. A step's ratio is
 * at least 1 - alpha. With b, logged probabilities that are not its own are an error; without it, they are taken for b's, and the
 * mixture cannot act.
 * Source: P. S. Thomas, G. Theocharous and M. Ghavamzadeh, "High confidence policy improvement", ICML 2015, section 2.1.
 */
export class Mixed<P extends Policy = Policy> extends Policy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

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
    if (
      [policy, behaviour].some((one) => [one, (one as Partial<WeightLimited>)?.policy].some((of) => of instanceof WeightLimited))
    ) {
      throw new TypeError("Cannot mix a policy with limited weights: its actions depend on more than observations");
    }
    if (behaviour !== undefined) this.behaviour = freeze(cloneModule(behaviour));
  }

  /** The policy's part. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { alpha: this.alpha };
  }

  /** The probability, or density, of the action of every step. */
  override probability(steps: Steps): Tensor {
    const { policy, behaviour, alpha } = this;
    const other = behaviour === undefined ? steps.behaviour : noGrad(() => behaviour.ownProbability(steps));
    return policy.ownProbability(steps).mul(alpha).add(other.mul(1 - alpha));
  }

  /**
   * The same.
   * @throws {TypeError} without the behaviour policy
   */
  override ownProbability(steps: Steps): Tensor {
    if (this.behaviour === undefined) throw withoutBehaviour();
    return this.probability(steps);
  }

  /**
   * The importance weight of an episode up to each step.
   * @throws {RangeError} for logged probabilities that are not the behaviour policy's
   */
  override weights(steps: Steps): Tensor {
    if (this.behaviour !== undefined && checkedBy.get(steps) !== this.behaviour) {
      checkBehaviour(steps, this.behaviour);
      checkedBy.set(steps, this.behaviour);
    }
    return super.weights(steps);
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number, weights: Float64Array): Choice {
    const { policy, behaviour, alpha } = this;
    if (behaviour === undefined) throw withoutBehaviour();
    // The first number says who acts.
    const later = (i: number, j: number) => uniform(i, j + 1);
    const [own, other] = [policy, behaviour].map((one) => one.choose(observations, later, weights).actions);
    const [n] = observations.shape, width = own.length / n, actions = own.slice();
    for (let i = 0; i < n; i++) {
      if (uniform(i, 0) >= alpha) actions.set(other.subarray(i * width, (i + 1) * width), i * width);
    }
    const steps = stepsAt(observations, Tensor.from(actions, width === 1 ? [n] : [n, width]));
    const [p, b] = noGrad(() => [policy, behaviour].map((one) => one.ownProbability(steps).data));
    return { actions, probabilities: Float64Array.from(p, (own, i) => alpha * own + (1 - alpha) * b[i]) };
  }
}

/** The behaviour policy that steps were compared with. */
const checkedBy = new WeakMap<Steps, Policy>();

function withoutBehaviour(): TypeError {
  return new TypeError("Cannot act by a mixture without its behaviour policy: give it as the third argument");
}
