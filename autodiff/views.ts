/** Views and copies of arrays, on the CPU and on devices. @module */
import * as ndarray from "./ndarray.ts";
import { isContiguous, view } from "./ndarray.ts";
import { type AxisRange, rowMajor, type Shape } from "./shape.ts";
import { type AnyArray, isRemote } from "./remote_array.ts";

/** The same elements in another shape; strides are row-major unless given. */
export function viewOf<A extends AnyArray>(
  x: A,
  shape: Shape,
  stride: readonly number[] = rowMajor(shape),
  offset: number = x.offset,
): A {
  return (isRemote(x) ? x.viewed(shape, stride, offset) : view(x.data, shape, stride, offset)) as A;
}

/** A view of a range of an axis. */
export function sliced<A extends AnyArray>(x: A, { axis, start, length, step }: AxisRange): A {
  const shape = x.shape.map((whole, i) => i === axis ? length : whole);
  const stride = x.stride.map((s, i) => i === axis ? s * step : s);
  return viewOf(x, shape, stride, x.offset + (length > 0 ? start * x.stride[axis] : 0));
}

/** A view with a larger shape: repeated axes have stride 0. */
export function broadcastArray<A extends AnyArray>(x: A, shape: Shape): A {
  const missing = shape.length - x.shape.length;
  const stride = shape.map((_, axis) => axis < missing || x.shape[axis - missing] === 1 ? 0 : x.stride[axis - missing]);
  return viewOf(x, shape, stride);
}

/** The array itself if it is contiguous, else a row-major copy. */
export function contiguous<A extends AnyArray>(x: A): A {
  return isContiguous(x) ? x : copyArray(x);
}

/** A row-major copy. On a device, where nothing is overwritten, a row-major array is returned itself. */
export function copyArray<A extends AnyArray>(x: A): A {
  return (isRemote(x) ? x.buffer.device.contiguous(x) : ndarray.copyArray(x)) as A;
}

/** A row-major copy that outlives a step. */
export function ownCopy<A extends AnyArray>(x: A): A {
  return (isRemote(x) ? x.buffer.device.contiguous(x) : ndarray.ownCopy(x)) as A;
}

/** The number of noted writes to an array's storage; on a device nothing is overwritten. */
export function writesTo(x: AnyArray): number {
  return isRemote(x) ? 0 : ndarray.writesTo(x.data);
}
