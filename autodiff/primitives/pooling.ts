import type { Pooling2d, Window2d } from "../device.ts";
import { type Shape, showShape } from "../shape.ts";
import { checkArgument, checkOptions, type Known } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { ones, type Tensor } from "../tensor.ts";
import { conv2d, type Pair, pair, pairs, windowCount, windowOf } from "./convolution.ts";
import { put } from "./indexing.ts";

/** Stride and padding of a pooling. */
export interface Pooling {
  /** Pixels from one window to the next; default: the window's size. */
  stride?: Pair;
  /** Rows and columns added at each edge: ignored by maxPool2d, zeros for avgPool2d; default 0. */
  padding?: Pair;
}

const known: Known<Pooling> = { stride: pairs, padding: pairs };

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

/** The greatest element of each window of images [n, c, height, width]; in a tie the first gets the gradient, as in PyTorch. */
export function maxPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  requireTensors("pool", x);
  return greatest([x], pooled(x.shape, kernel, pooling));
}

/** The mean of each window of images [n, c, height, width]; padding counts as zeros, as in PyTorch. */
export function avgPool2d(x: Tensor, kernel: Pair, pooling: Pooling = {}): Tensor {
  requireTensors("pool", x);
  const { kernel: [height, width], shape, stride, padding } = pooled(x.shape, kernel, pooling);
  const [n, c, ...image] = x.shape;
  // Direct sums: windows with equal numbers have equal means, and means of positive numbers are positive.
  const sums = conv2d(x.reshape(n * c, 1, ...image), ones([1, 1, height, width], x.dtype), null, {
    stride,
    padding,
    direct: true,
  });
  return sums.div(height * width).reshape(...shape);
}

/** The windows of a pooling, checked. */
export function windowsOf(size: Pair, pooling: Pooling): Window2d & Pick<Pooling2d, "kernel"> {
  const { stride = size, padding = 0 } = checkOptions("pool", pooling, known);
  checkArgument("pool", "the window", size, pairs);
  const kernel = pair(size), window = windowOf("pool", { stride, padding });
  if (kernel.some((length, i) => !Number.isInteger(length) || length < 1 || window.padding[i] > length / 2)) {
    throw new RangeError(
      `Cannot pool by windows ${showShape(kernel)} with padding ${
        showShape(window.padding)
      }: padding must be at most half of the window`,
    );
  }
  return { kernel, ...window };
}

/** The pooling of images of this shape, checked. */
export function pooled(x: Shape, size: Pair, pooling: Pooling): Pooling2d {
  const { kernel, stride, padding } = windowsOf(size, pooling), [n, c, height, width] = x;
  if (x.length !== 4) throw new RangeError(`Cannot pool shape ${showShape(x)}: wanted [n, c, height, width]`);
  const shape = [
    n,
    c,
    windowCount(height, kernel[0], stride[0], padding[0]),
    windowCount(width, kernel[1], stride[1], padding[1]),
  ];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new RangeError(`Cannot pool ${showShape(x)} by windows ${showShape(kernel)}: the padded image is smaller`);
  }
  return { kernel, stride, padding, relu: false, shape };
}
