import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { checkArgument, positive, whole } from "../../autodiff/options.ts";
import { log } from "../../autodiff/mathematics/elementary.ts";
import { type Module, requireModel } from "../../nn/module.ts";
import { constant, Parameter } from "../../nn/parameter.ts";
import { cosine } from "./cosine.ts";
import { type Choice, Policy } from "./policy.ts";
import { single } from "./softmax.ts";
import { type Steps, stepsAt } from "./steps.ts";
import { pure } from "../../nn/pure.ts";

/**
 * Continuous actions: independent normal numbers, whose means are a network's outputs and whose standard deviations are trained, one
 * for each. Logged probabilities must be densities: `episodes(…, { densities: true })`.
 */
export class Gaussian extends Policy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** The logarithm of each standard deviation, [numbers]. */
  readonly logDeviation: Parameter;

  /**
   * A policy of normal actions.
   * @param network from observations, [n, numbers] float32, to means [n, size]
   * @param size the numbers of an action
   * @param deviation of each at first, default 1
   */
  constructor(readonly network: Module<Tensor>, readonly size: number = 1, deviation: number = 1) {
    super();
    requireModel("make a policy", network);
    checkArgument("make a policy", "size", size, whole(1));
    checkArgument("make a policy", "deviation", deviation, positive);
    this.logDeviation = new Parameter([size], constant(log(deviation)));
  }

  /** The density: prod_j exp(-((a_j - m_j) / s_j)^2 / 2) / (s_j sqrt(2 pi)). */
  override probability({ observations, actions }: Steps): Tensor {
    const n = observations.shape[0], { size } = this, logs = this.logDeviation.cast("float64");
    if (actions.size !== n * size) {
      throw new RangeError(`Cannot use actions of ${actions.size / n} numbers: the policy's have ${size}`);
    }
    const means = this.network.forward(single(observations)).cast("float64").reshape(n, size);
    const squares = actions.reshape(n, size).sub(means).div(logs.exp()).square();
    return squares.mul(-0.5).sub(logs).sub(0.5 * log(2 * Math.PI)).sum(1).exp();
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number): Choice {
    const { size } = this, [n] = observations.shape;
    const [means, logs] = noGrad(() => [this.network.forward(single(observations)), this.logDeviation.exp()]).map(({ data }) =>
      data
    );
    const actions = new Float64Array(n * size);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < size; j++) {
        // G. E. P. Box and M. E. Muller (1958).
        const radius = Math.sqrt(-2 * log(1 - uniform(i, 2 * j)));
        actions[i * size + j] = means[i * size + j] + logs[j] * radius * cosine(2 * Math.PI * uniform(i, 2 * j + 1));
      }
    }
    const steps = stepsAt(observations, Tensor.from(actions, size === 1 ? [n] : [n, size]));
    return { actions, probabilities: Float64Array.from(noGrad(() => this.probability(steps)).data) };
  }
}
