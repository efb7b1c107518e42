import type { Pooled, Wanted, Window2d } from "../devices/device.ts";
import { type NdArray, type Shape, sizeOf } from "../ndarray.ts";
import type { Machine } from "./machine.ts";
import { partCount } from "./thread_pool.ts";
import { gradientCost, planes, sumsOfParts } from "./fourier.ts";

/** Taps of a filter in each direction that the kernel has room for, and the numbers that it sums for them. */
const taps = 5, sumCount = 40;
/** Pixels of a plane up to which the kernel finds a position's row in float32. */
const mostPixels = 2 ** 20;

/** Whether {@link sparseGradients} pays: where the gradient of the image is not wanted, and channels are few. */
export function sparsePays(filter: Shape, { stride }: Window2d, wanted: Wanted, after: Shape, pooled: Pooled): boolean {
  const [outputs, channels, height, width] = filter;
  if (wanted.x || stride[0] !== 1 || stride[1] !== 1 || height > taps || width > taps) return false;
  if (pooled.shape[2] * pooled.shape[3] > mostPixels) return false;
  // In nanoseconds on one core.
  return after[0] * outputs * after[2] * after[3] * (1.5 + 6 * channels) < gradientCost(filter, pooled.shape);
}

/** The gradients in filter and bias, one after the other, as far as wanted, from the gradient after a max pooling. */
export function sparseGradients(
  machine: Machine,
  x: NdArray,
  filter: Shape,
  dy: NdArray,
  { padding: [top, left] }: Window2d,
  wanted: Wanted,
  pooled: Pooled,
): Float32Array {
  const { workspace } = machine, [outputs, channels, height, width] = filter, [images, , rows, columns] = pooled.shape;
  workspace.clear();
  const filterSize = wanted.filter ? sizeOf(filter) : 0, size = filterSize + (wanted.bias ? outputs : 0);
  const found = workspace.reserve(size), count = outputs * channels * sumCount;
  const tapSums = workspace.reserve(partCount * count), biasSums = workspace.reserve(2 * partCount * outputs);
  const scratch = machine.scratch(), paddedRows = rows + taps - 1, rowLength = columns + 8;
  const padded = scratch.reserve(channels * paddedRows * rowLength), list = scratch.reserve(2 * (dy.shape[2] * dy.shape[3] + 1));
  const threadBytes = scratch.finish();
  machine.run(
    "sparseGradients",
    workspace.record("SparseGradients", {
      images,
      x: planes(workspace, x, x.shape),
      dy: planes(workspace, dy, pooled.shape, pooled),
      top,
      left,
      height: paddedRows,
      rowBytes: 4 * rowLength,
      padded,
      list,
      threadBytes,
      taps: tapSums,
      sums: biasSums,
    }),
  );
  const z = workspace.floats(found, size), sums = workspace.floats(tapSums, partCount * count);
  for (let i = 0; i < filterSize; i++) {
    const column = i % width, row = Math.floor(i / width) % height, plane = Math.floor(i / (width * height));
    let sum = 0;
    for (let at = plane * sumCount + 8 * row + (column < 4 ? column : 7); at < sums.length; at += count) sum += sums[at];
    z[i] = sum;
  }
  if (wanted.bias) z.set(sumsOfParts(workspace, biasSums, outputs), filterSize);
  return workspace.keep(found, size);
}
