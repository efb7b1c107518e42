import { conv2d, type Padding, type Pair, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkCounts, checkOptions, type Known, truth } from "../autodiff/options.ts";
import { paddings, pair, pairs, windowOf } from "../autodiff/primitives/convolution.ts";
import type { Module } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Options of a convolution. */
export interface Conv2dOptions {
  /** Default 1. */
  stride?: Pair;
  /** Rows and columns of zeros around the image, default 0; or "same" or "valid", as in PyTorch. */
  padding?: Padding;
  /** Default true. */
  bias?: boolean;
}

const known: Known<Conv2dOptions> = { stride: pairs, padding: paddings, bias: truth };

/**
 * Cross-correlation of images [n, inputs, height, width] to [n, outputs, …]. Named and initialised like torch.nn.Conv2d:
 * uniform within ±1/√(inputs p q) for a p by q kernel.
 */
export class Conv2d implements Module {
  /** [outputs, inputs, height, width]. */
  readonly weight: Parameter;
  /** [outputs]; `null` without bias. */
  readonly bias: Parameter | null;
  /** Pixels from one window to the next, [vertical, horizontal] or one for both. */
  readonly stride: Pair;
  /** Rows and columns of zeros at each edge, or "same" or "valid". */
  readonly padding: Padding;

  /**
   * Initial filters are uniform within ±1/√(inputs · height · width), as in PyTorch.
   * @param inputs channels of the images
   * @param outputs channels of the result
   * @param kernel height and width of a filter
   */
  constructor(inputs: number, outputs: number, kernel: Pair, options: Conv2dOptions = {}) {
    const { stride = 1, padding = 0, bias = true } = checkOptions("make a convolution", options, known);
    checkArgument("make a convolution", "kernel", kernel, pairs);
    const [height, width] = pair(kernel);
    checkCounts("make a convolution", { inputs, outputs, "the kernel's height": height, "the kernel's width": width });
    windowOf("make a convolution", { stride, padding }, [height, width]);
    const initial = uniform(1 / Math.sqrt(inputs * height * width));
    this.weight = new Parameter([outputs, inputs, height, width], initial);
    this.bias = bias ? new Parameter([outputs], initial) : null;
    this.stride = stride;
    this.padding = padding;
  }
  /** [rows, inputs, height, width] to [rows, outputs, height', width']. */
  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, { stride: this.stride, padding: this.padding });
  }
}
