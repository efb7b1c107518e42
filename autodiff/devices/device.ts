import type { DType, NdArray, Shape } from "../ndarray.ts";

/** Functions of one number. `sign(0)` is 0; `sigmoid`, `softplus` and `tanh` do not overflow. */
export type UnaryOperation = "neg" | "exp" | "log" | "sqrt" | "abs" | "sign" | "relu" | "sigmoid" | "tanh" | "softplus";

/** Functions of two numbers. Comparisons give 0 or 1; `maximum` and `minimum` pass NaN on; `gate` is x where y > 0, else 0. */
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
  | "gate";

/** Ways to make one number of many. */
export type ReductionOperation = "sum" | "max" | "min";

/** Steps between windows and rows of zeros around the image, [vertical, horizontal], in pixels. */
export interface Window2d {
  stride: readonly [number, number];
  padding: readonly [number, number];
}

/**
 * Where arithmetic happens. Inputs are arrays of any stride, already checked; results are new arrays of the given shape.
 * Images are [images, channels, height, width], filters [outputs, channels, height, width].
 */
export interface Device {
  unary(operation: UnaryOperation, x: NdArray): NdArray;
  /** Element by element, after broadcasting to `shape`. */
  binary(operation: BinaryOperation, x: NdArray, y: NdArray, shape: Shape): NdArray;
  /** `x` where `condition` is not 0, else `y`; all broadcast to `shape`. */
  select(condition: NdArray, x: NdArray, y: NdArray, shape: Shape): NdArray;
  /** Over `axes`, which keep length 1. Sums are accumulated in float64. */
  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[]): NdArray;
  /** To integers by truncation. */
  cast(x: NdArray, dtype: DType): NdArray;
  /** [n, k] times [k, m]. */
  matmul(x: NdArray, y: NdArray): NdArray;
  /** Cross-correlation, with one number added to each output channel unless `bias` is null. */
  conv2d(x: NdArray, filter: NdArray, bias: NdArray | null, window: Window2d, shape: Shape): NdArray;
  /** Adjoint of {@link conv2d} in the image: d(output) [n, o, h', w'] to d(image) of `shape`. */
  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): NdArray;
  /** Adjoint of {@link conv2d} in the filter: image and d(output) to d(filter) of `shape`. */
  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): NdArray;
  /** For each window the position of its greatest element in the row-major image, the first of equals; NaN wins. */
  maxPool2dPositions(x: NdArray, kernel: readonly [number, number], window: Window2d, shape: Shape): NdArray;
  /** Elements of row-major `x` at int32 `positions`. */
  pick(x: NdArray, positions: NdArray): NdArray;
  /** Adjoint of {@link pick}: zeros of `shape` with every element of `x` added at its position. */
  put(x: NdArray, positions: NdArray, shape: Shape): NdArray;
  /** One after the other along `axis`. */
  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape): NdArray;
}
