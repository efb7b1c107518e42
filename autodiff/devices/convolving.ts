import type { Device } from "../device.ts";
import { convolutionsFor } from "../kernels/convolutions_in_use.ts";
import type { PooledImages } from "../kernels/kernels.ts";
import { contiguousData, isContiguous, type NdArray, view } from "../ndarray.ts";
import type { Shape } from "../shape.ts";
import { cpu } from "./cpu.ts";

/** The CPU with its operations on images. */
export const convolving: Device<NdArray> = {
  ...cpu,

  conv2d: ([x, filter, bias], convolution) =>
    view(
      convolutionsFor(x.dtype).conv2d([image(x), image(filter), bias && contiguousData(bias)], convolution),
      convolution.output,
    ),

  conv2dPooled([x, filter, bias], convolution, pooling) {
    const inputs = [image(x), image(filter), bias && contiguousData(bias)] as const;
    return both(convolutionsFor(x.dtype).conv2dPooled(inputs, convolution, pooling), pooling.shape);
  },

  conv2dInputGradient: (dy, filter, convolution) =>
    view(convolutionsFor(dy.dtype).conv2dInputGradient(image(dy), image(filter), convolution), convolution.image),

  conv2dFilterGradient: (x, dy, convolution) =>
    view(convolutionsFor(x.dtype).conv2dFilterGradient(image(x), image(dy), convolution), convolution.filter),

  conv2dGradients([x, filter, dy], convolution, wanted) {
    const found = convolutionsFor(x.dtype).conv2dGradients([image(x), image(filter), image(dy)], convolution, wanted);
    return view(found, [found.length]);
  },

  maxPool2d: (x, pooling) => both(convolutionsFor(x.dtype).maxPool2d(x, pooling), pooling.shape),
};

function image(x: NdArray): NdArray {
  return isContiguous(x) ? x : view(contiguousData(x), x.shape);
}

function both({ values, positions }: PooledImages, shape: Shape): [NdArray, NdArray] {
  return [view(values, shape), view(positions, shape)];
}
