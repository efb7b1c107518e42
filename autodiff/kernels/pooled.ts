import type { Pooled, Pooling2d, Window2d } from "../devices/device.ts";
import { allocate, contiguousData, type DType, type NdArray, type Shape, sizeOf, type TypedArray, view } from "../ndarray.ts";
import type { Kernels, PooledImages } from "./kernels.ts";

/** Convolution and pooling one after the other, for kernels that do not do them as one. */
export function pooledSeparately(
  kernels: Kernels,
  x: NdArray,
  filter: NdArray,
  bias: TypedArray | null,
  window: Window2d,
  shape: Shape,
  pooling: Pooling2d,
): PooledImages {
  return kernels.maxPool2d(view(kernels.conv2d(x, filter, bias, window, shape), shape), pooling);
}

/** The gradient before a max pooling from that after it. */
export function beforePooling(dy: NdArray, pooled: Pooled | undefined): NdArray {
  if (pooled === undefined) return dy;
  const from = contiguousData(dy), at = contiguousData(pooled.positions);
  const z = allocate(dy.dtype as DType, sizeOf(pooled.shape));
  for (let i = 0; i < from.length; i++) z[at[i]] += from[i];
  return view(z, pooled.shape);
}
