import type { NdArray, Shape, TypedArray } from "../ndarray.ts";
import type { Window2d } from "../devices/device.ts";
import { plain } from "./plain.ts";

/** The products that dominate training; shapes are checked before. Images and filters come row-major. */
export interface Kernels {
  /** [n, k] times [k, m], of any strides. */
  matmul(x: NdArray, y: NdArray): TypedArray;
  conv2d(x: NdArray, filter: NdArray, bias: TypedArray | null, window: Window2d, shape: Shape): TypedArray;
  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): TypedArray;
  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): TypedArray;
}

export const kernels: Kernels = plain;
