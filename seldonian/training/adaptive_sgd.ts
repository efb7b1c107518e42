import { div, maximum, minimum, type Tensor, weightedSum } from "../../autodiff/mod.ts";
import type { Optimizer, TensorOptimizer } from "../../nn/optim/mod.ts";

/** Added to a sum of squares, to avoid a division by 0 where gradients stay 0. */
const tiny = 1e-30;

/**
 * Gradient descent whose rate follows the curvature, for gradients of all rows. The rate is half of |Δtheta| / |Δgradient| over
 * the last step, but at most √(1 + growth) times the last rate, where growth is the ratio of the last rate to the one before. It
 * never falls below `first`: random gradients, as with dropout, change however short a step is.
 * Source: Y. Malitsky and K. Mishchenko, "Adaptive gradient descent without descent", ICML 2020, Algorithm 1.
 */
export function adaptiveSgd(theta: Float32Array, gradient: Float32Array, first: number): Pick<Optimizer, "step" | "zeroGrad"> {
  const last = new Float32Array(theta.length);
  let rate = first, growth = 1, moved = 0;
  return {
    step(factor = 1) {
      let squares = 0, changes = 0;
      for (let i = 0; i < theta.length; i++) {
        squares += last[i] ** 2;
        changes += (gradient[i] - last[i]) ** 2;
      }
      const next = Math.max(first, Math.min(Math.sqrt(1 + growth) * rate, moved * Math.sqrt(squares / (changes + tiny)) / 2));
      growth = next / rate;
      rate = next;
      moved = factor * rate;
      for (let i = 0; i < theta.length; i++) {
        theta[i] -= moved * gradient[i];
        last[i] = gradient[i];
      }
    },
    zeroGrad: () => void gradient.fill(0),
  };
}

/** {@link adaptiveSgd} on tensors of one shape. */
export function adaptiveSgdOf(first: number): TensorOptimizer {
  let state: { last: Tensor; rate: Tensor; growth: Tensor; moved: Tensor } | null = null;
  return {
    step(theta, gradient, factor = 1) {
      let rate = gradient.mul(0).sum().add(first), growth = rate.div(first);
      if (state !== null) {
        const { last } = state, squares = last.square().sum(), changes = gradient.sub(last).square().sum().add(tiny);
        const curved = state.moved.mul(div(squares, changes).sqrt()).div(2);
        rate = maximum(first, minimum(state.growth.add(1).sqrt().mul(state.rate), curved));
        growth = rate.div(state.rate);
      }
      state = { last: gradient, rate, growth, moved: rate.mul(factor) };
      return weightedSum([theta, gradient.mul(state.moved)], [1, -1]);
    },
    memory: () => state === null ? [] : Object.values(state),
  };
}
