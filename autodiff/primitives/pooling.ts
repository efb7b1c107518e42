import type { Pooling2d } from "../devices/device.ts";
import { type Shape, showShape } from "../ndarray.ts";
import { type Apply, primitive } from "../primitive.ts";
import { ones, type Tensor } from "../tensor.ts";
import { conv2d, type Pair, pair, windowCount, windowOf } from "./convolution.ts";
import { put } from "./indexing.ts";

/** Where a pooling window stands; the stride is the kernel's size by default. */
export interface Pooling {
  /** Pixels from one window to the next; default: the window's size. */
  stride?: Pair;
  /** Rows and columns at each edge that count for nothing; default 0. */
  padding?: Pair;
}

const greatest: Apply<Pooling2d> = primitive({
  name: "maxPool2d",
  shape: (_, { shape }) => shape,
  forward(device, [x], pooling, _shape, save) {
    const [values, positions] = device.maxPool2d(x, pooling);
    save(positions);
    return values;
  },
  gradient: ({ dy, inputs: [x], options: pooling, saved }) => [() => put([dy, saved!], { shape: x.shape, pooling })],
});

/** The greatest element of every window of images [n, c, height, width]; the first of equals gets the gradient, as in PyTorch. */
export function maxPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  return greatest([x], pooled(x.shape, kernel, pooling));
}

/** The mean of every window of images [n, c, height, width], counting padding as zeros, as in PyTorch. */
export function avgPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  const { kernel: [height, width], shape, ...window } = pooled(x.shape, kernel, pooling);
  const [n, c, ...image] = x.shape;
  // Sums of a window's own numbers, so that means of equal ones are equal, and those of positive ones positive.
  const sums = conv2d(x.reshape(n * c, 1, ...image), ones([1, 1, height, width], x.dtype), null, { ...window, direct: true });
  return sums.div(height * width).reshape(...shape);
}

/** Pooling of images of this shape, checked. */
export function pooled(
  x: Shape,
  size: Pair,
  { stride = size, padding = 0 }: Pooling,
): Pooling2d {
  const kernel = pair(size), window = windowOf("pool", { stride, padding });
  if (x.length !== 4) throw new RangeError(`Cannot pool shape ${showShape(x)}: wanted [n, c, height, width]`);
  if (kernel.some((length, i) => !Number.isInteger(length) || length < 1 || window.padding[i] > length / 2)) {
    throw new RangeError(
      `Cannot pool by windows ${showShape(kernel)} with padding ${
        showShape(window.padding)
      }: padding is at most half of the window`,
    );
  }
  const [n, c, height, width] = x;
  const shape = [
    n,
    c,
    windowCount(height, kernel[0], window.stride[0], window.padding[0]),
    windowCount(width, kernel[1], window.stride[1], window.padding[1]),
  ];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new RangeError(`Cannot pool ${showShape(x)} by windows ${showShape(kernel)}: the padded image is smaller`);
  }
  return { kernel, ...window, relu: false, shape };
}
