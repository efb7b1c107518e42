import { conv2d, type ConvolutionOptions, type Padding, type Pair, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkCounts, checkOptions, type Known, truth } from "../autodiff/options.ts";
import { convolutionOptions, pair, pairs, windowOf } from "../autodiff/primitives/convolution.ts";
import type { Module } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";
import { pure } from "./pure.ts";

/** Options of a convolution. */
export interface Conv2dOptions extends ConvolutionOptions {
  /** Default true. */
  bias?: boolean;
}

const known: Known<Conv2dOptions> = { ...convolutionOptions, bias: truth };

/**
 * Cross-correlation of images [n, inputs, height, width] to [n, outputs, …]. Named and initialised like torch.nn.Conv2d:
 * uniform within ±1/√(inputs p q / groups) for a p by q kernel.
 */
export class Conv2d implements Module {
  /** [outputs, inputs / groups, height, width]. */
  readonly weight: Parameter;
  /** [outputs]; `null` without bias. */
  readonly bias: Parameter | null;
  /** Pixels from one window to the next, [vertical, horizontal] or one for both. */
  readonly stride: Pair;
  /** Rows and columns of zeros at each edge, or "same" or "valid". */
  readonly padding: Padding;
  /** Pixels from one element of a filter to the next. */
  readonly dilation: Pair;
  /** Number of groups of channels that are convolved separately. */
  readonly groups: number;

  /**
   * Initial filters are uniform within ±1/√(inputs · height · width / groups), as in PyTorch.
   * @param inputs channels of the images
   * @param outputs channels of the result
   * @param kernel height and width of a filter
   */
  constructor(inputs: number, outputs: number, kernel: Pair, options: Conv2dOptions = {}) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = checkOptions("make a convolution", options, known);
    checkArgument("make a convolution", "kernel", kernel, pairs);
    const [height, width] = pair(kernel);
    checkCounts("make a convolution", { inputs, outputs, "the kernel's height": height, "the kernel's width": width });
    windowOf("make a convolution", { stride, padding }, [height, width]);
    if (inputs % groups > 0 || outputs % groups > 0) {
      throw new RangeError(`Cannot make a convolution of ${inputs} to ${outputs} channels: ${groups} groups must divide both`);
    }
    const initial = uniform(1 / Math.sqrt(inputs / groups * height * width));
    this.weight = new Parameter([outputs, inputs / groups, height, width], initial);
    this.bias = bias ? new Parameter([outputs], initial) : null;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
  }
  /** [rows, inputs, height, width] to [rows, outputs, height', width']. */
  forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this;
    return conv2d(x, this.weight, this.bias, { stride, padding, dilation, groups });
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): "on cards" {
    return "on cards";
  }
}
