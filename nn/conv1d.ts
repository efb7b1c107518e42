import { conv2d, type Tensor } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Kind, type Known, truth, whole } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { showShape } from "../autodiff/shape.ts";
import type { Module } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Options of a convolution of sequences. */
export interface Conv1dOptions {
  /** Places from one window to the next, default 1. */
  stride?: number;
  /** Zeros at each end, default 0; or "same", which keeps the length at stride 1, or "valid", none. */
  padding?: number | "same" | "valid";
  /** Places from one element of a filter to the next, default 1. */
  dilation?: number;
  /** Number of groups of channels that are convolved separately, default 1. */
  groups?: number;
  /** Default true. */
  bias?: boolean;
}

const zeros: Kind = {
  wanted: 'a whole number, "same" or "valid"',
  names: ["same", "valid"],
  holds: (value) => value === "same" || value === "valid" || (Number.isInteger(value) && value as number >= 0),
};
const known: Known<Conv1dOptions> = { stride: whole(1), padding: zeros, dilation: whole(1), groups: whole(1), bias: truth };

/**
 * Cross-correlation of sequences [n, inputs, length] to [n, outputs, …]. Named and initialised like torch.nn.Conv1d: uniform within
 * ±1/√(inputs · kernel / groups).
 */
export class Conv1d implements Module {
  /** [outputs, inputs / groups, kernel]. */
  readonly weight: Parameter;
  /** [outputs]; `null` without bias. */
  readonly bias: Parameter | null;
  /** Stride, padding, dilation and groups. */
  readonly window: Required<Omit<Conv1dOptions, "bias">>;

  /**
   * Initial filters are uniform within ±1/√(inputs · kernel / groups), as in PyTorch.
   * @param inputs channels of the sequences
   * @param outputs channels of the result
   * @param kernel length of a filter
   */
  constructor(inputs: number, outputs: number, kernel: number, options: Conv1dOptions = {}) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = checkOptions("make a convolution", options, known);
    checkCounts("make a convolution", { inputs, outputs, kernel });
    if (inputs % groups > 0 || outputs % groups > 0) {
      throw new RangeError(`Cannot make a convolution of ${inputs} to ${outputs} channels: ${groups} groups must divide both`);
    }
    if (padding === "same" && stride > 1) {
      throw new RangeError(`Cannot make a convolution with stride ${stride} and padding "same": wanted stride 1`);
    }
    const initial = uniform(1 / Math.sqrt(inputs / groups * kernel));
    this.weight = new Parameter([outputs, inputs / groups, kernel], initial);
    this.bias = bias ? new Parameter([outputs], initial) : null;
    this.window = { stride, padding, dilation, groups };
  }
  /**
   * [rows, inputs, length] to [rows, outputs, length'].
   * @throws {RangeError} for another number of axes or channels
   */
  forward(x: Tensor): Tensor {
    requireTensors("convolve", x);
    if (x.rank !== 3) {
      throw new RangeError(`Cannot convolve sequences of shape ${showShape(x.shape)}: wanted [n, channels, length]`);
    }
    const [n, c, length] = x.shape, [outputs, inputs, kernel] = this.weight.shape, { padding, groups } = this.window;
    const [stride, dilation] = [this.window.stride, this.window.dilation].map((step) => [1, step] as const);
    const rows = typeof padding === "number" ? [0, padding] as const : padding;
    const filter = this.weight.reshape(outputs, inputs, 1, kernel);
    const z = conv2d(x.reshape(n, c, 1, length), filter, this.bias, { stride, padding: rows, dilation, groups });
    return z.reshape(n, outputs, z.shape[3]);
  }
}
