import { noteOverwritten } from "../../autodiff/overwrites.ts";
import { checkOptions, type Known, number } from "../../autodiff/options.ts";
import { checkFlat, type Optimizer } from "./optimizer.ts";

/** Options of gradient descent. */
export interface SgdOptions {
  /** Learning rate, default 0.01. */
  rate?: number;
  /** Share of the last step's velocity to keep, default 0. */
  momentum?: number;
}

const known: Known<SgdOptions> = { rate: number, momentum: number };

/** Options of gradient descent, with defaults filled in. */
export function sgdSettings(options: SgdOptions): Required<SgdOptions> {
  const { rate = 0.01, momentum = 0 } = checkOptions("make steps of gradient descent", options, known);
  return { rate, momentum };
}

/** Gradient descent, like torch.optim.SGD: velocity = momentum velocity + gradient, theta -= rate velocity. */
export function sgd(theta: Float32Array, gradient: Float32Array, options: SgdOptions = {}): Optimizer {
  checkFlat(theta, gradient);
  const { rate, momentum } = sgdSettings(options);
  const velocity = new Float32Array(momentum === 0 ? 0 : theta.length);
  return {
    step(factor = 1) {
      noteOverwritten(theta);
      const scale = factor * rate;
      for (let i = 0; i < theta.length; i++) {
        const direction = momentum === 0 ? gradient[i] : velocity[i] = momentum * velocity[i] + gradient[i];
        theta[i] -= scale * direction;
        gradient[i] = 0;
      }
    },
  };
}
