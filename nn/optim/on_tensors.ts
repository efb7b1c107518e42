import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { type AdamOptions, adamSettings } from "./adam.ts";
import { type SgdOptions, sgdSettings } from "./sgd.ts";

/** An optimiser for tensors on any device. It returns new parameters and changes nothing in place. */
export interface TensorOptimizer {
  /**
   * Returns the parameters after one step.
   * @param factor multiplies the learning rate, as from a schedule; default 1
   */
  step(theta: Tensor, gradient: Tensor, factor?: number): Tensor;
  /** The tensors that it keeps between steps. */
  memory(): Tensor[];
}

/** Like {@link adam}, for tensors of one shape. */
export function adamOf(options: AdamOptions = {}): TensorOptimizer {
  const { lr, betas: [beta1, beta2], eps, weightDecay } = adamSettings(options);
  let m: Tensor | null = null, v: Tensor | null = null, power1 = 1, power2 = 1;
  return {
    step(theta, given, factor = 1) {
      power1 *= beta1;
      power2 *= beta2;
      const gradient = decayed(theta, given, weightDecay), squares = gradient.square();
      m = m === null ? gradient.mul(1 - beta1) : weightedSum([m, gradient], [beta1, 1 - beta1]);
      v = v === null ? squares.mul(1 - beta2) : weightedSum([v, squares], [beta2, 1 - beta2]);
      const root = v.div(1 - power2).sqrt().add(eps);
      return weightedSum([theta, m.div(root)], [1, -factor * lr / (1 - power1)]);
    },
    memory: () => [m, v].filter((tensor) => tensor !== null),
  };
}

/** Like {@link sgd}, for tensors of one shape. */
export function sgdOf(options: SgdOptions = {}): TensorOptimizer {
  const { lr, momentum, dampening, weightDecay, nesterov } = sgdSettings(options);
  let velocity: Tensor | null = null;
  return {
    step(theta, given, factor = 1) {
      const gradient = decayed(theta, given, weightDecay);
      velocity = momentum === 0 || velocity === null ? gradient : weightedSum([velocity, gradient], [momentum, 1 - dampening]);
      const direction = nesterov ? weightedSum([gradient, velocity], [1, momentum]) : velocity;
      return weightedSum([theta, direction], [1, -factor * lr]);
    },
    memory: () => momentum === 0 || velocity === null ? [] : [velocity],
  };
}

function decayed(theta: Tensor, gradient: Tensor, decay: number): Tensor {
  return decay === 0 ? gradient : weightedSum([gradient, theta], [1, decay]);
}
