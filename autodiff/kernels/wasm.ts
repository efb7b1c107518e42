import { contiguousData, type NdArray, type TypedArray } from "../ndarray.ts";
import type { Kernels } from "./kernels.ts";
import { PaddedImage } from "./padded_image.ts";
import { Workspace } from "./workspace.ts";

/** What the WebAssembly module exports; `assembly/kernels.ts` says what they do. */
interface Exports {
  product: (...numbers: number[]) => void;
  place: (...numbers: number[]) => void;
  maxPositions: (...numbers: number[]) => void;
}

/** Columns that the module computes at a time. */
const panelWidth = 16;

/**
 * The products for float32 in WebAssembly. A convolution is a product of matrices that are never made: each image is copied
 * with the zeros around it, and tables say where each element of the unrolled matrix lies in the copy.
 */
export function wasmKernels(module: WebAssembly.Module): Kernels {
  const workspace = new Workspace(), { memory } = workspace;
  const { product, place, maxPositions } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;

  /** Panels of `rows` by `columns` outputs, of which `b` and `c` give the places in B and C. */
  const panelsOf = (rows: number, columns: number, b: (i: number, j: number) => number, c: (i: number, j: number) => number) => {
    const count = rows * Math.ceil(columns / panelWidth), table = new Int32Array(3 * count);
    let to = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += panelWidth) {
        table.set([4 * b(i, j), 4 * c(i, j), Math.min(panelWidth, columns - j)], 3 * to++);
      }
    }
    const panels = workspace.reserve(table.length);
    new Int32Array(memory.buffer, panels, table.length).set(table);
    return { panels, count };
  };

  /** Copies one image after the other to the same padded place. */
  const loader = (layout: PaddedImage, from: number) => {
    const { image: [channels, rows, columns], size } = layout, to = workspace.zeros(size);
    const rowOffsets = workspace.offsets(channels * rows, (i) => layout.rowAt(i));
    const columnOffsets = workspace.offsets(columns, (j) => layout.columnAt(j));
    return (n: number) => {
      place(from + 4 * n * channels * rows * columns, channels * rows, columns, to, rowOffsets, columnOffsets);
      return to;
    };
  };

  /** Every output channel of every image as a sum over taps: forward, and the gradient in the image. */
  const convolve = (
    x: NdArray,
    filter: NdArray,
    layout: PaddedImage,
    bias: TypedArray,
    outputs: number,
    rowAt: (output: number) => number,
    stepAt: (tap: number) => number,
  ) => {
    const [images] = x.shape, [height, width] = layout.output, [p, q] = layout.filter, plane = height * width;
    const depth = layout.image[0] * p * q, size = images * outputs * plane;
    workspace.clear();
    const a = workspace.store(contiguousData(filter)), from = workspace.store(contiguousData(x)), c = workspace.reserve(size);
    const start = workspace.store(bias), aRows = workspace.offsets(outputs, rowAt), aSteps = workspace.offsets(depth, stepAt);
    const bSteps = workspace.offsets(depth, (k) => layout.tapAt(k));
    const { panels, count } = panelsOf(height, width, (i, j) => layout.outputAt(i, j), (i, j) => i * width + j);
    const load = loader(layout, from);
    for (let n = 0; n < images; n++) {
      const to = c + 4 * n * outputs * plane;
      product(a, aRows, aSteps, outputs, load(n), bSteps, panels, count, depth, to, 4 * plane, start);
    }
    return workspace.floats(c, size).slice();
  };

  return {
    matmul(x, y) {
      const [n, k] = x.shape, m = y.shape[1];
      workspace.clear();
      const a = workspace.store(contiguousData(x)), b = workspace.store(contiguousData(y)), c = workspace.zeros(n * m);
      const aRows = workspace.offsets(n, (i) => i * k), aSteps = workspace.offsets(k, (l) => l);
      const bSteps = workspace.offsets(k, (l) => l * m), { panels, count } = panelsOf(1, m, (_, j) => j, (_, j) => j);
      // Blocks of B that stay in a near cache while all rows of A pass.
      const depth = 256, width = 8;
      for (let l = 0; l < k; l += depth) {
        for (let j = 0; j < count; j += width) {
          const part = [Math.min(width, count - j), Math.min(depth, k - l)];
          product(a, aRows, aSteps + 4 * l, n, b, bSteps + 4 * l, panels + 12 * j, ...part, c, 4 * m, 0);
        }
      }
      return workspace.floats(c, n * m).slice();
    },

    conv2d(x, filter, bias, { stride, padding }, [, outputs, height, width]) {
      const [, channels, p, q] = filter.shape, depth = channels * p * q;
      const layout = new PaddedImage(x.shape.slice(1), [p, q], [height, width], stride, padding);
      return convolve(x, filter, layout, bias ?? new Float32Array(outputs), outputs, (o) => o * depth, (k) => k);
    },

    conv2dInputGradient(dy, filter, { stride, padding }, [, channels, height, width]) {
      // The adjoint correlates dy, spread by the stride, with the filters turned by half a circle.
      const [, , p, q] = filter.shape, turned: [number, number] = [p - 1 - padding[0], q - 1 - padding[1]];
      const layout = new PaddedImage(dy.shape.slice(1), [p, q], [height, width], [1, 1], turned, stride);
      const stepAt = (k: number) => {
        const output = Math.floor(k / (p * q)), tap = k % (p * q);
        return output * channels * p * q + p * q - 1 - tap;
      };
      return convolve(dy, filter, layout, new Float32Array(channels), channels, (c) => c * p * q, stepAt);
    },

    conv2dFilterGradient(x, dy, { stride, padding }, [outputs, channels, p, q]) {
      const [images, , height, width] = dy.shape, plane = height * width, taps = channels * p * q;
      const layout = new PaddedImage(x.shape.slice(1), [p, q], [height, width], stride, padding);
      workspace.clear();
      const from = workspace.store(contiguousData(x)), slopes = workspace.store(contiguousData(dy));
      // dy as [pixels, outputs], so that eight outputs are neighbours.
      const b = workspace.reserve(plane * outputs), c = workspace.zeros(taps * outputs);
      const rowOffsets = workspace.offsets(outputs, (o) => o), columnOffsets = workspace.offsets(plane, (i) => i * outputs);
      const aRows = workspace.offsets(taps, (k) => layout.tapAt(k));
      const aSteps = workspace.offsets(plane, (i) => layout.outputAt(Math.floor(i / width), i % width));
      const { panels, count } = panelsOf(1, outputs, (_, j) => j, (_, j) => j), load = loader(layout, from);
      for (let n = 0; n < images; n++) {
        place(slopes + 4 * n * outputs * plane, outputs, plane, b, rowOffsets, columnOffsets);
        product(load(n), aRows, aSteps, taps, b, columnOffsets, panels, count, plane, c, 4 * outputs, 0);
      }
      const sums = workspace.floats(c, taps * outputs);
      return Float32Array.from(sums, (_, i) => sums[(i % taps) * outputs + Math.floor(i / taps)]);
    },

    maxPool2dPositions(x, kernel, { stride, padding }, [images, channels, outRows, outColumns]) {
      const [, , rows, columns] = x.shape, size = images * channels * outRows * outColumns;
      workspace.clear();
      const from = workspace.store(contiguousData(x)), to = workspace.reserve(size);
      maxPositions(from, images * channels, rows, columns, ...kernel, ...stride, ...padding, outRows, outColumns, to);
      return new Int32Array(memory.buffer, to, size).slice();
    },
  };
}
