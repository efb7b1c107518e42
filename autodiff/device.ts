import type { DType, TypedArray } from "./dtype.ts";
import type { NdArray, Strided } from "./ndarray.ts";
import type { AxisRange, Shape } from "./shape.ts";

/** A function of numbers, element by element, in each language that devices speak. */
export interface Elementwise {
  /** As messages name it. */
  readonly name: string;
  /**
   * On the processor: z = f(x), f(x, y) or f(x, y, w). Steps p, q and r are 1, or 0 where one number meets many; of a single operand,
   * always 1. Each operation has a loop of its own, because one that calls its function through a variable is compiled once for all of
   * them and runs ten times slower.
   */
  loop(z: TypedArray, x: TypedArray, p: number, y: TypedArray, q: number, w: TypedArray, r: number): void;
  /** On other devices: the body of f in the words that WGSL, GLSL and JavaScript share (`let`, `if`, `return`), with functions as WGSL names them. */
  readonly formula: string;
}

/** Ways to make one number of many. */
export type ReductionOperation = "sum" | "max" | "min";

/** Steps between windows and rows of zeros around the image, [vertical, horizontal], in pixels. */
export interface Window2d {
  /** Pixels from one window to the next, [vertical, horizontal]. */
  stride: readonly [number, number];
  /** Rows and columns of zeros at each edge, [vertical, horizontal]. */
  padding: readonly [number, number];
  /** Whether sums are to be direct ones, even where transforms are faster. */
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

/** Max pooling of images, and with `relu` max(x, 0) after it. */
export interface Pooling2d extends Window2d {
  /** Rows and columns of a window. */
  kernel: readonly [number, number];
  /** Whether max(x, 0) follows. */
  relu: boolean;
  /** Of the result. */
  shape: Shape;
}

/** How the gradient after a max pooling leads to that before it. */
export interface Pooled<A extends Strided = NdArray> {
  /** Of the greatest elements in the row-major images of `shape`, int32. */
  positions: A;
  /** Where this is 0 or below, the gradient is 0; `null`: it counts everywhere. */
  gate: A | null;
  /** Of the images before the pooling. */
  shape: Shape;
  /** How they were pooled. */
  pooling: Pooling2d;
}

/** What a convolution is of. */
export type ConvolutionInputs<A> = readonly [x: A, filter: A, bias: A | null];

/** What the gradients of a convolution are of. */
export type GradientInputs<A> = readonly [x: A, filter: A, dy: A];

/** Which gradients of a convolution. */
export interface Wanted<A extends Strided = NdArray> {
  /** That of the images. */
  x: boolean;
  /** That of the filters. */
  filter: boolean;
  /** That of the biases. */
  bias: boolean;
  /** The max pooling that followed, after which dy is the gradient. */
  pooled?: Pooled<A>;
}

/** How numbers [before, groups, after] are standardised: (x - mean) / √(variance + epsilon) · weight + bias. */
export interface Standardization<A extends Strided = NdArray> {
  /** Mean and variance of each group, [2, groups]. */
  moments: A;
  /** A factor for each group [1, groups, 1], for each place in one [1, 1, after], or for all [1, 1, 1]. */
  weight: A;
  /** A summand, of the shape of the weight. */
  bias: A;
  /** Added to the variance. */
  epsilon: number;
}

/**
 * What a device must have. Inputs are arrays of any stride, already checked; results are new arrays of the given shape. A device takes
 * arrays of its own kind, and those of the processor beside them.
 * Images are [images, channels, height, width], filters [outputs, channels, height, width].
 */
export interface DeviceCore<A extends Strided> {
  /** Of up to three inputs, broadcast to `shape`; the result has the dtype of the first. */
  elementwise(operation: Elementwise, inputs: readonly (A | NdArray)[], shape: Shape): A;
  /** Over `axes`, which keep length 1, divided by a number. Sums are accumulated in float64. */
  reduce(operation: ReductionOperation, x: A | NdArray, axes: readonly number[], divisor?: number): A;
  /** To integers by truncation. */
  cast(x: A | NdArray, dtype: DType): A;
  /** [n, k] times [k, m]. */
  matmul(x: A | NdArray, y: A | NdArray): A;
  /** Cross-correlation, with one number added to each output channel unless `bias` is null. */
  conv2d(inputs: ConvolutionInputs<A | NdArray>, convolution: Convolution): A;
  /** Adjoint of {@link conv2d} in the image: d(output) to d(image). */
  conv2dInputGradient(dy: A | NdArray, filter: A | NdArray, convolution: Convolution): A;
  /** Adjoint of {@link conv2d} in the filter: image and d(output) to d(filter). */
  conv2dFilterGradient(x: A | NdArray, dy: A | NdArray, convolution: Convolution): A;
  /** For each window the greatest element, the first of equals and NaN before all, and its position in the row-major image. */
  maxPool2d(x: A | NdArray, pooling: Pooling2d): [values: A, positions: A];
  /** Elements of row-major `x` at int32 `positions`. */
  pick(x: A | NdArray, positions: A | NdArray): A;
  /**
   * Adjoint of {@link pick}: zeros of `shape` with every element of `x` added at its position.
   * @param pooling if the positions are those that it found
   */
  put(x: A | NdArray, positions: A | NdArray, shape: Shape, pooling?: Pooling2d): A;
  /** Zeros of `shape` with x at a range of an axis. */
  widen(x: A | NdArray, range: AxisRange, shape: Shape): A;
  /** One after the other along `axis`. */
  concatenate(arrays: readonly (A | NdArray)[], axis: number, shape: Shape): A;
}

/**
 * What follows from the core, as the primitives of these names compose it. A device has those that it does better: in one kernel, or
 * with sums in float64.
 */
export interface Derived<A extends Strided> {
  /** Σ (x - mean)² over `axes`, which keep length 1, divided by a number. */
  deviations(x: A | NdArray, axes: readonly number[], divisor: number): A;
  /** Mean and variance (with n) of each group of [before, groups, after]: [2, groups], float64. */
  moments(x: A | NdArray): A;
  /** Of [before, groups, after], to the same shape. */
  standardize(x: A | NdArray, by: Standardization<A | NdArray>): A;
  /**
   * The gradients of {@link standardize} in x, if `wanted`, weight and bias, one after the other in one array.
   * @param own whether the moments are those of x, and move with it
   */
  standardizeGradients(
    x: A | NdArray,
    dy: A | NdArray,
    by: Standardization<A | NdArray>,
    own: boolean,
    wanted: boolean,
  ): A;
  /**
   * The mean log-loss of logits [n], [n, 1] or [n, classes] and its slope in them, which has their dtype; `labels` [n]. The loss is
   * float64, of shape [].
   */
  crossEntropy(x: A | NdArray, labels: NdArray): [loss: A, slope: A];
  /** constant + Σ weight · array, element by element; arrays have one shape. */
  weightedSum(arrays: readonly (A | NdArray)[], weights: readonly number[], constant: number): A;
  /** ln Σ e^x along an axis, which keeps length 1, without overflow. */
  logSumExp(x: A | NdArray, axis: number): A;
  /** x - ln Σ e^x along an axis, without overflow. */
  logSoftmax(x: A | NdArray, axis: number): A;
  /** {@link DeviceCore.conv2d} and then {@link DeviceCore.maxPool2d}. */
  conv2dPooled(
    inputs: ConvolutionInputs<A | NdArray>,
    convolution: Convolution,
    pooling: Pooling2d,
  ): [values: A, positions: A];
  /** The gradients of {@link DeviceCore.conv2d} in image, filter and bias, as far as wanted, one after the other in one array. */
  conv2dGradients(inputs: GradientInputs<A | NdArray>, convolution: Convolution, wanted: Wanted<A | NdArray>): A;
}

/** Where arithmetic happens. */
export interface Device<A extends Strided> extends DeviceCore<A>, Partial<Derived<A>> {}
