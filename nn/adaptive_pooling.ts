import { matmul, maxPool2d, type Pair, Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkCounts } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { pair, pairs } from "../autodiff/primitives/convolution.ts";
import { showShape } from "../autodiff/shape.ts";
import type { Module } from "./module.ts";

/**
 * Means over as many windows as wanted, like torch.nn.AdaptiveAvgPool2d: with size 1 the mean of each image. Window i of m on a line
 * of length n is from ⌊i n / m⌋ to before ⌈(i + 1) n / m⌉.
 */
export class AdaptiveAvgPool2d implements Module {
  /**
   * Pools images of any size to one size.
   * @param size height and width of the result
   */
  constructor(readonly size: Pair) {
    checkSize(size);
  }
  /** [rows, channels, height, width] to [rows, channels, ...size]. */
  forward(x: Tensor): Tensor {
    const [n, c, height, width] = imagesOf(x), [rows, columns] = pair(this.size);
    if (rows === 1 && columns === 1) return x.mean([2, 3], { keepDims: true });
    const across = matmul(x.reshape(n * c * height, width), means(width, columns, x)).reshape(n * c, height, columns);
    const down = matmul(across.transpose(0, 2, 1).reshape(n * c * columns, height), means(height, rows, x));
    return down.reshape(n, c, columns, rows).transpose(0, 1, 3, 2);
  }
}

/** The greatest elements of as many equal windows as wanted, like torch.nn.AdaptiveMaxPool2d: with size 1 of each image. */
export class AdaptiveMaxPool2d implements Module {
  /**
   * Pools images to one size.
   * @param size height and width of the result, which divide those of the images
   */
  constructor(readonly size: Pair) {
    checkSize(size);
  }
  /**
   * [rows, channels, height, width] to [rows, channels, ...size].
   * @throws {RangeError} if the size does not divide that of the images
   */
  forward(x: Tensor): Tensor {
    const [, , height, width] = imagesOf(x), [rows, columns] = pair(this.size);
    if (height % rows > 0 || width % columns > 0) {
      throw new RangeError(`Cannot pool ${showShape(x.shape)} to ${rows} by ${columns}: wanted a size that divides the images'`);
    }
    return maxPool2d(x, [height / rows, width / columns]);
  }
}

/** Means over as many windows of a sequence as wanted, like torch.nn.AdaptiveAvgPool1d. */
export class AdaptiveAvgPool1d implements Module {
  /**
   * Pools sequences of any length to one length.
   * @param size length of the result
   */
  constructor(readonly size: number) {
    checkCounts("pool", { size });
  }
  /** [rows, channels, length] to [rows, channels, size]. */
  forward(x: Tensor): Tensor {
    requireTensors("pool", x);
    const [n, c, length] = x.shape;
    if (x.rank !== 3) throw new RangeError(`Cannot pool sequences of shape ${showShape(x.shape)}: wanted [n, channels, length]`);
    return matmul(x.reshape(n * c, length), means(length, this.size, x)).reshape(n, c, this.size);
  }
}

function checkSize(size: Pair): void {
  checkArgument("pool", "the size", size, pairs);
  const [height, width] = pair(size);
  checkCounts("pool", { "the height": height, "the width": width });
}

function imagesOf(x: Tensor): Tensor["shape"] {
  requireTensors("pool", x);
  if (x.rank === 4) return x.shape;
  throw new RangeError(`Cannot pool shape ${showShape(x.shape)}: wanted [n, c, height, width]`);
}

/** The matrix [length, count] by which a line becomes the means of its windows. */
function means(length: number, count: number, { dtype }: Tensor): Tensor {
  const matrix = new Float64Array(length * count);
  for (let i = 0; i < count; i++) {
    const start = Math.floor(i * length / count), end = Math.ceil((i + 1) * length / count);
    for (let at = start; at < end; at++) matrix[at * count + i] = 1 / (end - start);
  }
  return Tensor.from(matrix, [length, count]).cast(dtype);
}
