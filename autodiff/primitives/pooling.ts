import { convolving } from "../devices/convolving.ts";
import type { Pooling2d, Window2d } from "../device.ts";
import { type Shape, showShape } from "../shape.ts";
import { checkArgument, checkOptions, type Known, truth } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { full, ones, Tensor } from "../tensor.ts";
import { conv2d, type Pair, pair, pairs, windowCount, windowOf } from "./convolution.ts";
import { put } from "./indexing.ts";
import { concatenate, widen } from "./shapes.ts";

/** Stride and padding of a pooling. */
export interface Pooling {
  /** Pixels from one window to the next; default: the window's size. */
  stride?: Pair;
  /** Rows and columns added at each edge: ignored by maxPool2d, zeros for avgPool2d; default 0. */
  padding?: Pair;
  /** Whether a last window may reach beyond the edge, default false. */
  ceilMode?: boolean;
}

/** Options of {@link avgPool2d}. */
export interface AveragePooling extends Pooling {
  /** Whether zeros of the padding count as elements, default true. */
  countIncludePad?: boolean;
}

const known: Known<Pooling> = { stride: pairs, padding: pairs, ceilMode: truth };
/** The kinds of {@link AveragePooling}. */
export const averaging: Known<AveragePooling> = { ...known, countIncludePad: truth };

const greatest: Apply<Pooling2d> = primitive({
  name: "maxPool2d",
  cpu: convolving,
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
  const pool = pooled(x.shape, kernel, pooling);
  if (!pooling.ceilMode || x.device === "cpu") return greatest([x], pool);
  // Elsewhere infinities beyond the edge, which no window prefers.
  const whole = beyond(x.shape, pool).reduce((image, more, axis) => {
    const edge = image.shape.map((length, i) => i === axis ? more : length);
    return more === 0 ? image : concatenate([image, full(edge, -Infinity, x.dtype)], axis);
  }, x);
  return greatest([whole], pool);
}

/** The mean of each window of images [n, c, height, width]; padding counts as zeros, unless `countIncludePad` is false. */
export function avgPool2d(x: Tensor, kernel: Pair, pooling: AveragePooling = {}): Tensor {
  requireTensors("pool", x);
  const { countIncludePad = true, ...rest } = checkOptions("pool", pooling, averaging), pool = pooled(x.shape, kernel, rest);
  const { kernel: [height, width], shape, stride, padding } = pool;
  const whole = beyond(x.shape, pool).reduce((image, more, axis) => {
    const length = image.shape[axis];
    return more === 0 ? image : widen([image], { axis, start: 0, length, step: 1, whole: length + more });
  }, x);
  const [n, c, ...image] = whole.shape;
  // Direct sums: windows with equal numbers have equal means, and means of positive numbers are positive.
  const sums = conv2d(whole.reshape(n * c, 1, ...image), ones([1, 1, height, width], x.dtype), null, {
    stride,
    padding,
    direct: true,
  });
  if (countIncludePad && whole === x) return sums.div(height * width).reshape(...shape);
  const [rows, columns] = [0, 1].map((i) => countsOf(pool, i, x.shape[2 + i], countIncludePad));
  const counts = Float64Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
  return sums.reshape(...shape).div(Tensor.from(counts, [rows.length, columns.length]).cast(x.dtype));
}

/** The elements that each window counts along one direction of an image of this length. */
function countsOf({ shape, kernel, stride, padding }: Pooling2d, i: number, length: number, all: boolean): number[] {
  return Array.from({ length: shape[2 + i] }, (_, place) => {
    const start = place * stride[i] - padding[i], end = Math.min(start + kernel[i], length + padding[i]);
    return all ? end - start : Math.min(end, length) - Math.max(start, 0);
  });
}

/** How far the last windows reach beyond the padded image, along each axis. */
function beyond(x: Shape, { shape, kernel, stride, padding }: Pooling2d): number[] {
  const along = [0, 1].map((i) => (shape[2 + i] - 1) * stride[i] + kernel[i] - x[2 + i] - 2 * padding[i]);
  return [0, 0, ...along.map((more) => Math.max(0, more))];
}

/** The windows of a pooling, checked. */
export function windowsOf(
  size: Pair,
  pooling: AveragePooling,
  allowed: Known<AveragePooling> | Known<Pooling> = known,
): Window2d & Pick<Pooling2d, "kernel"> {
  const { stride = size, padding = 0 } = checkOptions("pool", pooling, allowed);
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
  const counts = [height, width].map((length, i) => {
    const count = windowCount(length, kernel[i], stride[i], padding[i]);
    // A further window must start in the image or in the padding before it.
    const reaches = (count - 1) * stride[i] + kernel[i] < length + 2 * padding[i] && count * stride[i] < length + padding[i];
    return pooling.ceilMode && reaches ? count + 1 : count;
  });
  const shape = [n, c, ...counts];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new RangeError(`Cannot pool ${showShape(x)} by windows ${showShape(kernel)}: the padded image is smaller`);
  }
  return { kernel, stride, padding, relu: false, shape };
}
