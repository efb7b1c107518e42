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
  const { rate, beta1, beta2, epsilon } = adamSettings(options);
  let m: Tensor | null = null, v: Tensor | null = null, power1 = 1, power2 = 1;
  return {
    step(theta, gradient, factor = 1) {
      power1 *= beta1;
      power2 *= beta2;
      const squares = gradient.square();
      m = m === null ? gradient.mul(1 - beta1) : weightedSum([m, gradient], [beta1, 1 - beta1]);
      v = v === null ? squares.mul(1 - beta2) : weightedSum([v, squares], [beta2, 1 - beta2]);
      const root = v.div(1 - power2).sqrt().add(epsilon);
      return weightedSum([theta, m.div(root)], [1, -factor * rate / (1 - power1)]);
    },
    memory: () => [m, v].filter((tensor) => tensor !== null),
  };
}

/** Like {@link sgd}, for tensors of one shape. */
export function sgdOf(options: SgdOptions = {}): TensorOptimizer {
  const { rate, momentum } = sgdSettings(options);
  let velocity: Tensor | null = null;
  return {
    step(theta, gradient, factor = 1) {
      velocity = momentum === 0 || velocity === null ? gradient : weightedSum([velocity, gradient], [momentum, 1]);
      return weightedSum([theta, velocity], [1, -factor * rate]);
    },
    memory: () => momentum === 0 || velocity === null ? [] : [velocity],
  };
}
