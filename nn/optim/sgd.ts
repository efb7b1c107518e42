import type { Optimizer } from "./optimizer.ts";

/** Settings of gradient descent. */
export interface SgdOptions {
  /** Learning rate, default 0.01. */
  rate?: number;
  /** Share of the last step's velocity that is kept, default 0. */
  momentum?: number;
}

/** Gradient descent as torch.optim.SGD: velocity = momentum velocity + gradient, theta -= rate velocity. */
export function sgd(theta: Float32Array, gradient: Float32Array, { rate = 0.01, momentum = 0 }: SgdOptions = {}): Optimizer {
  const velocity = new Float32Array(momentum === 0 ? 0 : theta.length);
  return {
    step(factor = 1) {
      const scale = factor * rate;
      for (let i = 0; i < theta.length; i++) {
        const direction = momentum === 0 ? gradient[i] : velocity[i] = momentum * velocity[i] + gradient[i];
        theta[i] -= scale * direction;
        gradient[i] = 0;
      }
    },
  };
}
