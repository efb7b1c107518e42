import type { Pooled, Pooling2d, Wanted, Window2d } from "../devices/device.ts";
import type { DType, NdArray, Shape, TypedArray } from "../ndarray.ts";

/** The work that dominates training; shapes are checked before. Images and filters come row-major. */
export interface Kernels {
  /** [n, k] times [k, m], of any strides. */
  matmul(x: NdArray, y: NdArray): TypedArray;
  conv2d(x: NdArray, filter: NdArray, bias: TypedArray | null, window: Window2d, shape: Shape): TypedArray;
  /** {@link conv2d} and then {@link maxPool2d}, of which the images between are not kept. */
  conv2dPooled(
    x: NdArray,
    filter: NdArray,
    bias: TypedArray | null,
    window: Window2d,
    shape: Shape,
    pooling: Pooling2d,
  ): PooledImages;
  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): TypedArray;
  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): TypedArray;
  /** The gradients in x, filter and bias that are wanted, one after the other. With `pooled`, dy is the gradient after that pooling. */
  conv2dGradients(x: NdArray, filter: NdArray, dy: NdArray, window: Window2d, wanted: Wanted, pooled?: Pooled): TypedArray;
  /** The greatest element of every window, the first of equals and NaN before all; and then max(x, 0), if wanted. */
  maxPool2d(x: NdArray, pooling: Pooling2d): PooledImages;
}

/** The greatest elements of windows, and where they stand in the row-major images. */
export interface PooledImages {
  values: TypedArray;
  positions: Int32Array;
}

/** Memory for the results of a step. */
export interface StepMemory {
  /** From now on results stay here until the returned function is called; `null` if that cannot be. */
  beginStep(): (() => void) | null;
  /** In a step, an array here, whatever is in it, as long as there is room; else `null`. */
  allocate(dtype: DType, size: number): TypedArray | null;
  /** Whether an array lies here. */
  holds(data: TypedArray): boolean;
  /** Bytes that it has taken from the system; they are not given back. */
  readonly bytes: number;
}
