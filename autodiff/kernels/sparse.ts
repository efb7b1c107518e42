import type { Convolution, GradientInputs, Wanted } from "../device.ts";
import type { NdArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { type Machine, orderedParts } from "./machine.ts";
import { gradientCost, planes, sumsOf } from "./fourier.ts";

/** The most taps of a filter in each direction, and the numbers that the kernel sums for them. */
const taps = 5, sumCount = 40;
/** The most pixels of a plane for which the kernel can compute a position's row in float32. */
const mostPixels = 2 ** 20;

/** Whether {@link sparseGradients} is faster: if the gradient in the image is not wanted, and channels are few. */
export function sparsePays({ filter, output, stride }: Convolution, { x, pooled }: Wanted): boolean {
  const [outputs, channels, height, width] = filter;
  if (pooled === undefined || x || stride[0] !== 1 || stride[1] !== 1 || height > taps || width > taps) return false;
  if (output[2] * output[3] > mostPixels) return false;
  const [images, , rows, columns] = pooled.pooling.shape;
  // Nanoseconds on one core.
  return images * outputs * rows * columns * (1.5 + 6 * channels) < gradientCost(filter, output);
}

/** The wanted gradients in filter and bias, in one array, from the gradient after a max pooling. */
export function sparseGradients(
  machine: Machine,
  [x, , dy]: GradientInputs<NdArray>,
  { filter, output, padding: [top, left] }: Convolution,
  wanted: Wanted,
): Float32Array {
  const { workspace } = machine, [outputs, channels, height, width] = filter, [images, , rows, columns] = output;
  workspace.clear();
  const filterSize = wanted.filter ? sizeOf(filter) : 0, size = filterSize + (wanted.bias ? outputs : 0);
  const found = workspace.reserve(size), count = outputs * channels * sumCount;
  const tapSums = workspace.reserve(orderedParts * count), biasSums = workspace.reserve(2 * orderedParts * outputs);
  const scratch = machine.scratch(), paddedRows = rows + taps - 1, rowLength = columns + 8;
  const padded = scratch.reserve(channels * paddedRows * rowLength), list = scratch.reserve(2 * (dy.shape[2] * dy.shape[3] + 1));
  const threadBytes = scratch.finish();
  machine.run(
    "sparseGradients",
    workspace.record("SparseGradients", {
      images,
      x: planes(workspace, x, x.shape),
      dy: planes(workspace, dy, output, wanted.pooled),
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
    orderedParts,
  );
  const z = workspace.floats(found, size), sums = workspace.floats(tapSums, orderedParts * count);
  for (let i = 0; i < filterSize; i++) {
    const column = i % width, row = Math.floor(i / width) % height, plane = Math.floor(i / (width * height));
    let sum = 0;
    for (let at = plane * sumCount + 8 * row + (column < 4 ? column : 7); at < sums.length; at += count) sum += sums[at];
    z[i] = sum;
  }
  if (wanted.bias) z.set(sumsOf(workspace, biasSums, orderedParts, outputs), filterSize);
  return workspace.keep(found, size);
}
