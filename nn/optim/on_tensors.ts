import { type Tensor, weightedSum } from "../../autodiff/mod.ts";
import { type AdamOptions, adamSettings } from "./adam.ts";
import { type SgdOptions, sgdSettings } from "./sgd.ts";

/** An optimiser that makes new parameters of tensors, wherever they are, and changes nothing in place. */
export interface TensorOptimizer {
  /**
   * Parameters after one step.
   * @param factor on the learning rate, as a schedule gives it; default 1
   */
  step(theta: Tensor, gradient: Tensor, factor?: number): Tensor;
  /** What it keeps from step to step. */
  memory(): Tensor[];
}

/** As {@link adam}, on tensors of one shape. */
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

/** As {@link sgd}, on tensors of one shape. */
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
