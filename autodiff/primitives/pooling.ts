import type { Window2d } from "../devices/device.ts";
import { type Shape, showShape } from "../ndarray.ts";
import { type Apply, primitive } from "../primitive.ts";
import { ones, type Tensor } from "../tensor.ts";
import { conv2d, type Pair, pair, windowCount, windowOf } from "./convolution.ts";
import { pick } from "./indexing.ts";

/** Where a pooling window stands; the stride is the kernel's size by default. */
export interface Pooling {
  stride?: Pair;
  padding?: Pair;
}

const greatest: Apply<Window2d & { kernel: readonly [number, number]; shape: Shape }> = primitive({
  name: "maxPool2dPositions",
  shape: (_, { shape }) => shape,
  forward: (device, [x], { kernel, ...window }, shape) => device.maxPool2dPositions(x, kernel, window, shape),
  gradient: null,
});

/** The greatest element of every window of images [n, c, height, width]; the first of equals gets the gradient, as in PyTorch. */
export function maxPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  return pick([x, greatest([x], pooled(x, kernel, pooling))]);
}

/** The mean of every window of images [n, c, height, width], counting padding as zeros, as in PyTorch. */
export function avgPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  const { kernel: [height, width], shape, ...window } = pooled(x, kernel, pooling);
  const [n, c, ...image] = x.shape;
  const filter = ones([1, 1, height, width], x.dtype).div(height * width);
  return conv2d(x.reshape(n * c, 1, ...image), filter, null, window).reshape(...shape);
}

function pooled(
  x: Tensor,
  size: Pair,
  { stride = size, padding = 0 }: Pooling,
): Window2d & { kernel: readonly [number, number]; shape: Shape } {
  const kernel = pair(size), window = windowOf("pool", { stride, padding });
  if (x.rank !== 4) throw new RangeError(`Cannot pool shape ${showShape(x.shape)}: wanted [n, c, height, width]`);
  if (kernel.some((length, i) => !Number.isInteger(length) || length < 1 || window.padding[i] > length / 2)) {
    throw new RangeError(
      `Cannot pool by windows ${showShape(kernel)} with padding ${
        showShape(window.padding)
      }: padding is at most half of the window`,
    );
  }
  const [n, c, height, width] = x.shape;
  const shape = [
    n,
    c,
    windowCount(height, kernel[0], window.stride[0], window.padding[0]),
    windowCount(width, kernel[1], window.stride[1], window.padding[1]),
  ];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new RangeError(`Cannot pool ${showShape(x.shape)} by windows ${showShape(kernel)}: the padded image is smaller`);
  }
  return { kernel, ...window, shape };
}
