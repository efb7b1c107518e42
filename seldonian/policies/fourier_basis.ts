import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, type Kind, whole } from "../../autodiff/options.ts";
import { cosine } from "./cosine.ts";
import type { Module } from "../../nn/module.ts";
import { pure } from "../../nn/pure.ts";

const rangesKind: Kind = {
  type: "object",
  wanted: "[low, high] for each number of an observation",
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((range) => range?.[0] < range?.[1]),
};

/**
 * Features cos(pi c . x) of observations scaled to [0, 1], for every c in {0, ..., order}^numbers: a layer without parameters, before
 * a linear one.
 * Source: G. Konidaris, S. Osentoski and P. Thomas, "Value function approximation in reinforcement learning using the Fourier
 * basis", AAAI 2011.
 */
export class FourierBasis implements Module<Tensor> {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** The number of features: (order + 1)^numbers. */
  readonly size: number;

  /**
   * The features of some ranges.
   * @param order the greatest factor
   * @param ranges the least and greatest value of each number of an observation; values outside count as these
   */
  constructor(readonly order: number, readonly ranges: readonly (readonly [number, number])[]) {
    checkArgument("make a Fourier basis", "order", order, whole(0));
    checkArgument("make a Fourier basis", "ranges", ranges, rangesKind);
    this.size = (order + 1) ** ranges.length;
  }

  /** The order and the ranges. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { order: this.order, ranges: this.ranges };
  }

  /** [n, numbers] to [n, size] float32; kept for the same tensor. */
  forward(x: Tensor): Tensor {
    let found = known.get(x);
    if (found?.size !== this.size) known.set(x, found = { size: this.size, features: this.features(x) });
    return found.features;
  }

  /** Computes the features. */
  protected features({ data, shape: [n, width] }: Tensor): Tensor {
    const { order, ranges, size } = this;
    if (width !== ranges.length) {
      throw new RangeError(`Cannot take features of observations of ${width} numbers: there are ${ranges.length} ranges`);
    }
    const features = new Float32Array(n * size);
    for (let i = 0; i < n; i++) {
      const x = ranges.map(([low, high], j) => Math.max(0, Math.min(1, (data[i * width + j] - low) / (high - low))));
      for (let f = 0; f < size; f++) {
        let sum = 0, rest = f;
        for (let j = 0; j < width; j++, rest = Math.floor(rest / (order + 1))) sum += (rest % (order + 1)) * x[j];
        features[i * size + f] = cosine(Math.PI * sum);
      }
    }
    return Tensor.from(features, [n, size]);
  }
}

const known = new WeakMap<Tensor, { size: number; features: Tensor }>();
