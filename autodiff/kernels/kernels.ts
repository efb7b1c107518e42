import type { Convolution, GradientInputs, Pooling2d, Wanted } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import type { NdArray } from "../ndarray.ts";

/** The work that dominates training; shapes are checked before. Images and filters come row-major. */
export interface Kernels {
  /** [n, k] times [k, m], of any strides. */
  matmul(x: NdArray, y: NdArray): TypedArray;
  conv2d(inputs: KernelInputs, convolution: Convolution): TypedArray;
  /** {@link conv2d} and then {@link maxPool2d}, of which the images between are not kept. */
  conv2dPooled(inputs: KernelInputs, convolution: Convolution, pooling: Pooling2d): PooledImages;
  conv2dInputGradient(dy: NdArray, filter: NdArray, convolution: Convolution): TypedArray;
  conv2dFilterGradient(x: NdArray, dy: NdArray, convolution: Convolution): TypedArray;
  /** The gradients in x, filter and bias that are wanted, one after the other. */
  conv2dGradients(inputs: GradientInputs<NdArray>, convolution: Convolution, wanted: Wanted): TypedArray;
  /** The greatest element of every window, the first of equals and NaN before all; and then max(x, 0), if wanted. */
  maxPool2d(x: NdArray, pooling: Pooling2d): PooledImages;
}

/** Images, filters and a number for each output. */
export type KernelInputs = readonly [x: NdArray, filter: NdArray, bias: TypedArray | null];

/** The greatest elements of windows, and where they stand in the row-major images. */
export interface PooledImages {
  values: TypedArray;
  positions: Int32Array;
}
