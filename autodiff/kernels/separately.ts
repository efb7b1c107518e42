/** Combined operations in separate passes, for kernels that do not fuse them. @module */
import type { Pooled } from "../device.ts";
import type { DType, TypedArray } from "../dtype.ts";
import { allocate, contiguousData, type NdArray, view } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import type { ConvolutionKernels, PooledImages } from "./kernels.ts";

/** A convolution, then its pooling. */
export function pooledSeparately(
  kernels: Pick<ConvolutionKernels, "conv2d" | "maxPool2d">,
  ...[inputs, convolution, pooling]: Parameters<ConvolutionKernels["conv2dPooled"]>
): PooledImages {
  return kernels.maxPool2d(view(kernels.conv2d(inputs, convolution), convolution.output), pooling);
}

/** The wanted gradients of a convolution in image, filter and bias. */
export function gradientsSeparately(
  kernels: Pick<ConvolutionKernels, "conv2dInputGradient" | "conv2dFilterGradient">,
  ...[[x, filter, after], convolution, wanted]: Parameters<ConvolutionKernels["conv2dGradients"]>
): TypedArray {
  const { pooled } = wanted, dy = pooled === undefined ? after : beforePooling(after, pooled), [outputs] = filter.shape;
  const gradients = [
    ...(wanted.x ? [kernels.conv2dInputGradient(dy, filter, convolution)] : []),
    ...(wanted.filter ? [kernels.conv2dFilterGradient(x, dy, convolution)] : []),
    ...(wanted.bias ? [planeSums(contiguousData(dy), outputs, dy.shape[2] * dy.shape[3])] : []),
  ];
  const together = allocate(x.dtype as DType, gradients.reduce((sum, { length }) => sum + length, 0));
  gradients.reduce((start, gradient) => {
    together.set(gradient, start);
    return start + gradient.length;
  }, 0);
  return together;
}

/** The gradient before a max pooling, from the gradient after it. */
function beforePooling(dy: NdArray, { positions, gate, shape }: Pooled): NdArray {
  const from = contiguousData(dy), at = contiguousData(positions), open = gate && contiguousData(gate);
  const z = allocate(dy.dtype as DType, sizeOf(shape));
  for (let i = 0; i < from.length; i++) if (open === null || !(open[i] <= 0)) z[at[i]] += from[i];
  return view(z, shape);
}

function planeSums(x: TypedArray, channels: number, plane: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let start = 0, c = 0; start < x.length; start += plane, c = (c + 1) % channels) {
    let sum = 0;
    for (let i = start; i < start + plane; i++) sum += x[i];
    sums[c] += sum;
  }
  return sums;
}
