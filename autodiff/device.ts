import type { DType, TypedArray } from "./dtype.ts";
import type { NdArray, Strided } from "./ndarray.ts";
import type { AxisRange, Shape } from "./shape.ts";

/** An element-wise function, written for each kind of device. */
export interface Elementwise {
  /** Its name in messages. */
  readonly name: string;
  /**
   * On the CPU: z = f(x), f(x, y) or f(x, y, w). The steps p, q and r are 1, or 0 for a broadcast scalar; a single operand's step
   * is always 1. Each operation has a separate loop: a shared loop that calls f through a variable is compiled once for all
   * operations and runs ten times slower.
   */
  loop(z: TypedArray, x: TypedArray, p: number, y: TypedArray, q: number, w: TypedArray, r: number): void;
  /**
   * On other devices: the body of f in syntax that WGSL, GLSL and JavaScript share (`let`, `if`, `return`), with WGSL's function
   * names.
   */
  readonly formula: string;
  /** The same for int32 in WGSL, where fractions would lose digits. */
  readonly integers?: string;
}

/** Operations that reduce many numbers to one. */
export type ReductionOperation = "sum" | "max" | "min";

/** Stride and zero padding of a window, [vertical, horizontal], in pixels. */
export interface Window2d {
  /** Pixels from one window to the next, [vertical, horizontal]. */
  stride: readonly [number, number];
  /** Rows and columns of zeros at each edge, [vertical, horizontal]. */
  padding: readonly [number, number];
  /** Whether to sum directly even where Fourier transforms are faster. */
  direct?: boolean;
}

/** A cross-correlation of images with filters, and the shapes of its three arrays. */
export interface Convolution extends Window2d {
  /** [images, channels, rows, columns]. */
  image: Shape;
  /** [outputs, channels, rows, columns]. */
  filter: Shape;
  /** [images, outputs, rows, columns]. */
  output: Shape;
}

/** Max pooling of images, with `relu` followed by max(x, 0). */
export interface Pooling2d extends Window2d {
  /** Rows and columns of a window. */
  kernel: readonly [number, number];
  /** Whether max(x, 0) follows. */
  relu: boolean;
  /** Shape of the result. */
  shape: Shape;
}

/** What the gradient of a max pooling needs. */
export interface Pooled<A extends Strided = NdArray> {
  /** Positions of the greatest elements in the row-major images of `shape`, int32. */
  positions: A;
  /** The gradient is 0 where this is at most 0; `null`: nowhere. */
  gate: A | null;
  /** Shape of the images before the pooling. */
  shape: Shape;
  /** The pooling. */
  pooling: Pooling2d;
}

/** The inputs of a convolution. */
export type ConvolutionInputs<A> = readonly [x: A, filter: A, bias: A | null];

/** The inputs of a convolution's gradients. */
export type GradientInputs<A> = readonly [x: A, filter: A, dy: A];

/** Which gradients of a convolution to compute. */
export interface Wanted<A extends Strided = NdArray> {
  /** The gradient in the images. */
  x: boolean;
  /** The gradient in the filters. */
  filter: boolean;
  /** The gradient in the biases. */
  bias: boolean;
  /** The max pooling that followed, if dy is the gradient after it. */
  pooled?: Pooled<A>;
}

/** Standardisation of numbers [before, groups, after]: (x - mean) / √(variance + epsilon) · weight + bias. */
export interface Standardization<A extends Strided = NdArray> {
  /** Mean and variance of each group, [2, groups]. */
  moments: A;
  /** One factor per group [1, groups, 1], per position in a group [1, 1, after], or for all [1, 1, 1]. */
  weight: A;
  /** The summand, of the weight's shape. */
  bias: A;
  /** Added to the variance. */
  epsilon: number;
}

/**
 * The operations that a device must have. Inputs are arrays of any stride, already checked; results are new arrays of the given
 * shape. A device takes its own arrays and those of the CPU. Images are [images, channels, height, width], filters [outputs,
 * channels, height, width].
 */
export interface DeviceCore<A extends Strided> {
  /** Applies an operation to up to three inputs, broadcast to `shape`; the result has the dtype of the first. */
  elementwise(operation: Elementwise, inputs: readonly (A | NdArray)[], shape: Shape): A;
  /** Reduces `axes` to length 1 and divides by a number. Sums are accumulated in float64. */
  reduce(operation: ReductionOperation, x: A | NdArray, axes: readonly number[], divisor?: number): A;
  /** Converts to another dtype; to integers by truncation. */
  cast(x: A | NdArray, dtype: DType): A;
  /** The product of [n, k] and [k, m]. */
  matmul(x: A | NdArray, y: A | NdArray): A;
  /** The elements of row-major `x` at int32 `positions`. */
  pick(x: A | NdArray, positions: A | NdArray): A;
  /**
   * Adjoint of {@link pick}: zeros of `shape`, plus every element of `x` at its position.
   * @param pooling the pooling that found the positions, if one did
   */
  put(x: A | NdArray, positions: A | NdArray, shape: Shape, pooling?: Pooling2d): A;
  /** Zeros of `shape`, with x in a range of an axis. */
  widen(x: A | NdArray, range: AxisRange, shape: Shape): A;
  /** Concatenates the arrays along `axis`. */
  concatenate(arrays: readonly (A | NdArray)[], axis: number, shape: Shape): A;
}

/** Operations on images, which a device must have too. The CPU's are in programs that use them. */
export interface ImageCore<A extends Strided> {
  /** Cross-correlation, plus one number per output channel unless `bias` is null. */
  conv2d(inputs: ConvolutionInputs<A | NdArray>, convolution: Convolution): A;
  /** Adjoint of {@link conv2d} in the image: d(output) to d(image). */
  conv2dInputGradient(dy: A | NdArray, filter: A | NdArray, convolution: Convolution): A;
  /** Adjoint of {@link conv2d} in the filter: image and d(output) to d(filter). */
  conv2dFilterGradient(x: A | NdArray, dy: A | NdArray, convolution: Convolution): A;
  /** Each window's greatest element and its position in the row-major image: the first among equals, and NaN before all. */
  maxPool2d(x: A | NdArray, pooling: Pooling2d): [values: A, positions: A];
}

/**
 * Optional operations. Primitives of the same names compose them from the core; a device implements those that it does better: in
 * one kernel, or with float64 sums.
 */
export interface Derived<A extends Strided> {
  /** Σ (x - mean)² over `axes`, which keep length 1, divided by `divisor`. */
  deviations(x: A | NdArray, axes: readonly number[], divisor: number): A;
  /** Mean and variance (divided by n) of each group of [before, groups, after]: [2, groups], float64. */
  moments(x: A | NdArray): A;
  /** Standardises [before, groups, after]; the result has the same shape. */
  standardize(x: A | NdArray, by: Standardization<A | NdArray>): A;
  /**
   * The gradients of {@link standardize} in x (if `wanted`), weight and bias, in this order in one array.
   * @param own whether the moments are computed from x, so that they have gradients too
   */
  standardizeGradients(
    x: A | NdArray,
    dy: A | NdArray,
    by: Standardization<A | NdArray>,
    own: boolean,
    wanted: boolean,
  ): A;
  /**
   * The mean log-loss of logits [n], [n, 1] or [n, classes] for `labels` [n], and its slope in the logits, of their dtype. The
   * loss is float64, shape [].
   */
  crossEntropy(x: A | NdArray, labels: NdArray): [loss: A, slope: A];
  /** constant + Σ weight · array, element-wise; all arrays have the same shape. */
  weightedSum(arrays: readonly (A | NdArray)[], weights: readonly number[], constant: number): A;
  /** ln Σ e^x along an axis, which keeps length 1, without overflow. */
  logSumExp(x: A | NdArray, axis: number): A;
  /** x - ln Σ e^x along an axis, without overflow. */
  logSoftmax(x: A | NdArray, axis: number): A;
  /** {@link ImageCore.conv2d}, then {@link ImageCore.maxPool2d}. */
  conv2dPooled(
    inputs: ConvolutionInputs<A | NdArray>,
    convolution: Convolution,
    pooling: Pooling2d,
  ): [values: A, positions: A];
  /** The wanted gradients of {@link ImageCore.conv2d} in image, filter and bias, in this order in one array. */
  conv2dGradients(inputs: GradientInputs<A | NdArray>, convolution: Convolution, wanted: Wanted<A | NdArray>): A;
}

/** A place that does arithmetic. */
export interface Device<A extends Strided> extends DeviceCore<A>, ImageCore<A>, Partial<Derived<A>> {}
