import type { Convolution, GradientInputs, Pooling2d, Wanted } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import type { NdArray } from "../ndarray.ts";

/** The operation that dominates training. Shapes are already checked. */
export interface Kernels {
  /** The product of [n, k] and [k, m], of any strides. */
  matmul(x: NdArray, y: NdArray): TypedArray;
}

/** The operations that dominate the training of networks on images, which are row-major, as are filters. */
export interface ConvolutionKernels {
  conv2d(inputs: KernelInputs, convolution: Convolution): TypedArray;
  /** {@link conv2d}, then {@link maxPool2d}, without storing the images in between. */
  conv2dPooled(inputs: KernelInputs, convolution: Convolution, pooling: Pooling2d): PooledImages;
  conv2dInputGradient(dy: NdArray, filter: NdArray, convolution: Convolution): TypedArray;
  conv2dFilterGradient(x: NdArray, dy: NdArray, convolution: Convolution): TypedArray;
  /** The wanted gradients in x, filter and bias, in one array. */
  conv2dGradients(inputs: GradientInputs<NdArray>, convolution: Convolution, wanted: Wanted): TypedArray;
  /** The greatest element of each window (the first among equals, and NaN before all), then max(x, 0), if wanted. */
  maxPool2d(x: NdArray, pooling: Pooling2d): PooledImages;
}

/** Images, filters and one number per output. */
export type KernelInputs = readonly [x: NdArray, filter: NdArray, bias: TypedArray | null];

/** The greatest elements of windows, and their positions in the row-major images. */
export interface PooledImages {
  values: TypedArray;
  positions: Int32Array;
}
