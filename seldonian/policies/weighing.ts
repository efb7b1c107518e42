import type { Tensor } from "../../autodiff/mod.ts";
import { contiguousData, type NdArray, zerosArray } from "../../autodiff/ndarray.ts";
import { type Apply, primitive } from "../../autodiff/primitive.ts";
import { here } from "../../autodiff/remote_array.ts";

/** Where episodes start: see `Steps.starts`. */
interface Starts {
  starts: Int32Array;
}

const numbers = (array: Parameters<typeof here>[0]) => contiguousData(here(array) as NdArray);

/**
 * w_t = prod_{u <= t} rho_u within each episode, [steps]; rho_u may be 0.
 * dw_t / drho_u = w_{u-1} prod_{u < v <= t} rho_v, so one pass from the last step to the first has all slopes, without a division.
 */
export function runningProduct(ratios: Tensor, starts: Int32Array): Tensor {
  return product([ratios], { starts });
}

const product: Apply<Starts> = primitive({
  name: "running product",
  shape: ([ratios]) => ratios,
  forward(_, [ratios], { starts }, shape) {
    const rho = numbers(ratios), w = zerosArray("float64", shape);
    for (let i = 0; i + 1 < starts.length; i++) {
      for (let t = starts[i], before = 1; t < starts[i + 1]; t++) w.data[t] = before *= rho[t];
    }
    return w;
  },
  gradient: ({ dy, inputs: [ratios], output, options }) => [() => productSlope([dy, ratios, output], options)],
});

const productSlope: Apply<Starts> = primitive({
  name: "slope of a running product",
  shape: ([dy]) => dy,
  forward(_, inputs, { starts }, shape) {
    const [dy, rho, w] = inputs.map(numbers), slope = zerosArray("float64", shape);
    for (let i = 0; i + 1 < starts.length; i++) {
      for (let t = starts[i + 1] - 1, after = 0; t >= starts[i]; t--) {
        after = dy[t] + (t + 1 < starts[i + 1] ? rho[t + 1] * after : 0);
        slope.data[t] = after * (t === starts[i] ? 1 : w[t - 1]);
      }
    }
    return slope;
  },
  gradient: null,
});

/** The last step's value of each episode, and the limit of weights. */
interface Limited extends Starts {
  /** The greatest weight. */
  most: number;
}

/**
 * The weights of a policy that goes back to the behaviour policy as the weight nears `most`: w_t = w (1 + a (rho_t - 1)), where w
 * is the weight before and a = min(1, (most / w - 1) / (greatest_t - 1)) the part of the policy, so that w_t <= most whatever the
 * action. [steps], from the ratios of the actions and the greatest ratio of any action, each at least 1.
 */
export function limitedProduct(ratios: Tensor, greatest: Tensor, limited: Limited): Tensor {
  return limitedWeights([ratios, greatest], limited);
}

/** The part of the policy at a step, for the weight before it and the greatest ratio of an action. */
export function partOf(weight: number, greatest: number, most: number): number {
  return greatest <= 1 ? 1 : Math.max(0, Math.min(1, (most / weight - 1) / (greatest - 1)));
}

const limitedWeights: Apply<Limited> = primitive({
  name: "limited weights",
  shape: ([ratios]) => ratios,
  forward(_, inputs, { starts, most }, shape) {
    const [rho, greatest] = inputs.map(numbers), w = zerosArray("float64", shape);
    for (let i = 0; i + 1 < starts.length; i++) {
      for (let t = starts[i], before = 1; t < starts[i + 1]; t++) {
        // Rounding must not pass the limit.
        w.data[t] = before = Math.min(most, before * (1 + partOf(before, greatest[t], most) * (rho[t] - 1)));
      }
    }
    return w;
  },
  gradient: ({ dy, inputs: [ratios, greatest], output, options }) =>
    [0, 1].map((of) => () => limitedSlope([dy, ratios, greatest, output], { ...options, of })),
});

/** With a < 1, w_t = w + (most - w) (rho_t - 1) / (greatest_t - 1); otherwise w rho_t. */
const limitedSlope: Apply<Limited & { of: number }> = primitive({
  name: "slope of limited weights",
  shape: ([dy]) => dy,
  forward(_, inputs, { starts, most, of }, shape) {
    const [dy, rho, greatest, w] = inputs.map(numbers), slope = zerosArray("float64", shape);
    for (let i = 0; i + 1 < starts.length; i++) {
      for (let t = starts[i + 1] - 1, after = 0; t >= starts[i]; t--) {
        const before = t === starts[i] ? 1 : w[t - 1], down = dy[t] + after, free = partOf(before, greatest[t], most) === 1;
        const share = free ? 0 : (rho[t] - 1) / (greatest[t] - 1);
        const toRatio = free ? before : (most - before) / (greatest[t] - 1);
        const toGreatest = free ? 0 : -(most - before) * share / (greatest[t] - 1);
        slope.data[t] = down * (of === 0 ? toRatio : toGreatest);
        after = down * (free ? rho[t] : 1 - share);
      }
    }
    return slope;
  },
  gradient: null,
});
