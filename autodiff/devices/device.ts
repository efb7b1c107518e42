import type { DType, NdArray, Shape } from "../ndarray.ts";

/** Functions of one number. `sign` of 0 and of NaN is 0; `sigmoid`, `softplus` and `tanh` do not overflow. */
export type UnaryOperation = "neg" | "exp" | "log" | "sqrt" | "abs" | "sign" | "relu" | "sigmoid" | "tanh" | "softplus";

/** Functions of two numbers. Comparisons give 0 or 1; `maximum` and `minimum` pass NaN on; `gate` is 0 where y <= 0, else x; `sigmoidSlope` is x y (1 - y). */
export type BinaryOperation =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual"
  | "gate"
  | "sigmoidSlope";

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
export interface Pooled {
  /** Of the greatest elements in the row-major images of `shape`, int32. */
  positions: NdArray;
  /** Where this is 0 or below, the gradient is 0; `null`: it counts everywhere. */
  gate: NdArray | null;
  /** Of the images before the pooling. */
  shape: Shape;
  /** How they were pooled. */
  pooling: Pooling2d;
}

/** Elements start, start + step, … of an axis, `length` of them. */
export interface AxisRange {
  /** From 0. */
  axis: number;
  /** The first. */
  start: number;
  /** How many. */
  length: number;
  /** From one to the next. */
  step: number;
  /** Length of the whole axis. */
  whole: number;
}

/** Which gradients of a convolution. */
export interface Wanted {
  /** That of the images. */
  x: boolean;
  /** That of the filters. */
  filter: boolean;
  /** That of the biases. */
  bias: boolean;
}

/** How numbers [before, groups, after] are standardised: (x - mean) / √(variance + epsilon) · weight + bias. */
export interface Standardization {
  /** Mean and variance of each group, [2, groups]. */
  moments: NdArray;
  /** A factor for each group [1, groups, 1], for each place in one [1, 1, after], or for all [1, 1, 1]. */
  weight: NdArray;
  /** A summand, of the shape of the weight. */
  bias: NdArray;
  /** Added to the variance. */
  epsilon: number;
}

/**
 * Where arithmetic happens. Inputs are arrays of any stride, already checked; results are new arrays of the given shape.
 * Images are [images, channels, height, width], filters [outputs, channels, height, width].
 */
export interface Device {
  /** Element by element. */
  unary(operation: UnaryOperation, x: NdArray): NdArray;
  /** Element by element, after broadcasting to `shape`. */
  binary(operation: BinaryOperation, x: NdArray, y: NdArray, shape: Shape): NdArray;
  /** `x` where `condition` is not 0, else `y`; all broadcast to `shape`. */
  select(condition: NdArray, x: NdArray, y: NdArray, shape: Shape): NdArray;
  /** Over `axes`, which keep length 1, divided by a number. Sums are accumulated in float64. */
  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[], divisor?: number): NdArray;
  /** Σ (x - mean)² over `axes`, which keep length 1, in float64, divided by a number. */
  deviations(x: NdArray, axes: readonly number[], divisor: number): NdArray;
  /** Mean and variance (with n) of each group of [before, groups, after]: [2, groups], float64. */
  moments(x: NdArray): NdArray;
  /** Of [before, groups, after], to the same shape. */
  standardize(x: NdArray, by: Standardization): NdArray;
  /**
   * The gradients of {@link standardize} in x, if `wanted`, weight and bias, one after the other in one array.
   * @param own whether the moments are those of x, and move with it
   */
  standardizeGradients(x: NdArray, dy: NdArray, by: Standardization, own: boolean, wanted: boolean): NdArray;
  /**
   * The mean log-loss of logits [n], [n, 1] or [n, classes] and its slope in them, which has their dtype; `labels` [n]. Sums
   * are in float64, and so is the loss, of shape [].
   */
  crossEntropy(x: NdArray, labels: NdArray): [loss: NdArray, slope: NdArray];
  /** constant + Σ weight · array, element by element; arrays have one shape. Sums are in float64. */
  weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number): NdArray;
  /** ln Σ e^x along an axis, which keeps length 1, without overflow. */
  logSumExp(x: NdArray, axis: number): NdArray;
  /** x - ln Σ e^x along an axis, without overflow; sums in float64. */
  logSoftmax(x: NdArray, axis: number): NdArray;
  /** To integers by truncation. */
  cast(x: NdArray, dtype: DType): NdArray;
  /** [n, k] times [k, m]. */
  matmul(x: NdArray, y: NdArray): NdArray;
  /** Cross-correlation, with one number added to each output channel unless `bias` is null. */
  conv2d(x: NdArray, filter: NdArray, bias: NdArray | null, window: Window2d, shape: Shape): NdArray;
  /** {@link conv2d} and then {@link maxPool2d}; `shape` is that between them. */
  conv2dPooled(
    x: NdArray,
    filter: NdArray,
    bias: NdArray | null,
    window: Window2d,
    shape: Shape,
    pooling: Pooling2d,
  ): [values: NdArray, positions: NdArray];
  /** Adjoint of {@link conv2d} in the image: d(output) [n, o, h', w'] to d(image) of `shape`. */
  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): NdArray;
  /** Adjoint of {@link conv2d} in the filter: image and d(output) to d(filter) of `shape`. */
  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): NdArray;
  /**
   * The gradients of {@link conv2d} in image, filter and bias, as far as wanted, one after the other in one array. With
   * `pooled`, dy is the gradient after that pooling.
   */
  conv2dGradients(x: NdArray, filter: NdArray, dy: NdArray, window: Window2d, wanted: Wanted, pooled?: Pooled): NdArray;
  /** For each window the greatest element, the first of equals and NaN before all, and its position in the row-major image. */
  maxPool2d(x: NdArray, pooling: Pooling2d): [values: NdArray, positions: NdArray];
  /** Elements of row-major `x` at int32 `positions`. */
  pick(x: NdArray, positions: NdArray): NdArray;
  /**
   * Adjoint of {@link pick}: zeros of `shape` with every element of `x` added at its position.
   * @param pooling if the positions are those that it found
   */
  put(x: NdArray, positions: NdArray, shape: Shape, pooling?: Pooling2d): NdArray;
  /** Zeros of `shape` with x at a range of an axis. */
  widen(x: NdArray, range: AxisRange, shape: Shape): NdArray;
  /** One after the other along `axis`. */
  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape): NdArray;
}
