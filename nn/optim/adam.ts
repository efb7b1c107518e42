import { noteOverwritten } from "../../autodiff/overwrites.ts";
import { checkOptions, type Known, number } from "../../autodiff/options.ts";
import { checkFlat, type Optimizer } from "./optimizer.ts";

/** Options of Adam. */
export interface AdamOptions {
  /** Learning rate, default 0.001. */
  rate?: number;
  /** Decay of the running mean of gradients, default 0.9. */
  beta1?: number;
  /** Decay of the running mean of squared gradients, default 0.999. */
  beta2?: number;
  /** Added to the root, default 1e-8. */
  epsilon?: number;
}

const known: Known<AdamOptions> = { rate: number, beta1: number, beta2: number, epsilon: number };

/** Adam's options, with defaults filled in. */
export function adamSettings(options: AdamOptions): Required<AdamOptions> {
  const { rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = checkOptions("make steps of Adam", options, known);
  return { rate, beta1, beta2, epsilon };
}

/**
 * Adam, with the bias-corrected running means m and v of the gradient and its square: theta -= rate m / (√v + epsilon).
 * Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1.
 */
export function adam(theta: Float32Array, gradient: Float32Array, options: AdamOptions = {}): Optimizer {
  checkFlat(theta, gradient);
  const { rate, beta1, beta2, epsilon } = adamSettings(options);
  const m = new Float32Array(theta.length), v = new Float32Array(theta.length);
  let power1 = 1, power2 = 1;
  return {
    step(factor = 1) {
      noteOverwritten(theta);
      power1 *= beta1;
      power2 *= beta2;
      const scale = factor * rate / (1 - power1), root = 1 / (1 - power2);
      for (let i = 0; i < theta.length; i++) {
        const g = gradient[i];
        gradient[i] = 0;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        theta[i] -= scale * m[i] / (Math.sqrt(v[i] * root) + epsilon);
      }
    },
  };
}
