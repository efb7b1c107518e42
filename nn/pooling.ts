import { type AveragePooling, avgPool2d, maxPool2d, type Pair, type Pooling, type Tensor } from "../autodiff/mod.ts";
import { averaging, windowsOf } from "../autodiff/primitives/pooling.ts";
import type { Module } from "./module.ts";

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
}
