import { type AveragePooling, avgPool2d, maxPool2d, type Pair, type Pooling, type Tensor } from "../autodiff/mod.ts";
import { conv2dPooled } from "../autodiff/primitives/conv_pool.ts";
import { pair } from "../autodiff/primitives/convolution.ts";
import { averaging, windowsOf } from "../autodiff/primitives/pooling.ts";
import { ReLU } from "./activations.ts";
import { Conv2d } from "./conv2d.ts";
import { fusing, is } from "./fusing.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";

/** The greatest element of each window, like torch.nn.MaxPool2d. The default stride is the kernel's size. */
export class MaxPool2d implements Module {
  /**
   * Pools by windows of one size.
   * @param kernel height and width of a window
   * @param pooling stride, by default the window's size, padding, and `ceilMode`
   */
  constructor(readonly kernel: Pair, readonly pooling: Pooling = {}) {
    windowsOf(kernel, pooling);
  }
  /** [rows, channels, height, width] to [rows, channels, height', width']. */
  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernel, this.pooling);
  }
  /**
   * A convolution, its pooling and its rectifier as one. max(x, 0) of a window's greatest element is the greatest max(x, 0), and
   * their gradients are equal too, so the rectifier may come before or after the pooling.
   */
  [fusing](
    before: readonly Module[],
    after: Module | undefined,
  ): { forward: Module["forward"]; before: number; after: number } | null {
    if (!is(this, MaxPool2d)) return null;
    const [last, first] = [before.at(-1), before.at(-2)];
    if (is(last, Conv2d) && simple(last, this)) {
      const relu = is(after, ReLU);
      return { forward: pooledConvolution(last, this, relu), before: 1, after: relu ? 1 : 0 };
    }
    if (!is(last, ReLU)) return null;
    return is(first, Conv2d) && simple(first, this)
      ? { forward: pooledConvolution(first, this, true), before: 2, after: 0 }
      // Pooling first leaves the rectifier fewer elements.
      : { forward: (x) => last.forward(this.forward(x)), before: 1, after: 0 };
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): "on cards" {
    return "on cards";
  }
}

function pooledConvolution(
  { weight, bias, stride, padding }: Conv2d,
  { kernel, pooling }: MaxPool2d,
  relu: boolean,
): Module["forward"] {
  return (x) => conv2dPooled([x, weight, bias], { stride, padding, kernel, pooling, relu });
}

/** Whether the fused operation does what both do. */
function simple({ dilation, groups }: Conv2d, { pooling }: MaxPool2d): boolean {
  return groups === 1 && pair(dilation).every((step) => step === 1) && !pooling.ceilMode;
}

/** The mean of each window, like torch.nn.AvgPool2d. */
export class AvgPool2d implements Module {
  /**
   * Pools by windows of one size.
   * @param kernel height and width of a window
   * @param pooling stride, by default the window's size, padding, `ceilMode` and `countIncludePad`
   */
  constructor(readonly kernel: Pair, readonly pooling: AveragePooling = {}) {
    windowsOf(kernel, pooling, averaging);
  }
  /** [rows, channels, height, width] to [rows, channels, height', width']. */
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernel, this.pooling);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): "on cards" {
    return "on cards";
  }
}
