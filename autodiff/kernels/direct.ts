import { contiguousData, type NdArray, type TypedArray } from "../ndarray.ts";
import type { Kernels } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { PaddedImage } from "./padded_image.ts";
import { partCount } from "./thread_pool.ts";

/** Columns that the module computes at a time. */
const panelWidth = 16;

/**
 * Products as they are written, for shapes that nothing faster is known for. A convolution is a product of matrices that are
 * never made: each image is copied with the zeros around it, and tables say where each element of the unrolled matrix lies.
 */
export function directProducts(
  machine: Machine,
): Pick<Kernels, "conv2d" | "conv2dInputGradient" | "conv2dFilterGradient"> {
  const { workspace } = machine;

  /** Panels of `rows` by `columns` outputs, of which `b` and `c` give the places in B and C. */
  const panelsOf = (rows: number, columns: number, b: (i: number, j: number) => number, c: (i: number, j: number) => number) => {
    const count = rows * Math.ceil(columns / panelWidth), table = new Int32Array(3 * count);
    let to = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += panelWidth) {
        table.set([4 * b(i, j), 4 * c(i, j), Math.min(panelWidth, columns - j)], 3 * to++);
      }
    }
    return { panels: workspace.integers(table), panelCount: count };
  };

  /** Where a job finds its images, and a padded place for each thread. */
  const loaded = (x: NdArray, layout: PaddedImage) => {
    const { image: [channels, rows, columns], size } = layout, step = apart(size);
    return {
      images: x.shape[0],
      from: workspace.store(contiguousData(x)),
      rows: channels * rows,
      columns,
      rowOffsets: workspace.offsets(channels * rows, (i) => layout.rowAt(i)),
      columnOffsets: workspace.offsets(columns, (j) => layout.columnAt(j)),
      padded: workspace.zeros(machine.threads * step),
      paddedBytes: 4 * step,
    };
  };

  const noSlopes = {
    slopes: 0,
    slopeRows: 0,
    slopeColumns: 0,
    slopeRowOffsets: 0,
    slopeColumnOffsets: 0,
    turned: 0,
    turnedBytes: 0,
  };

  /** Every output channel of every image as a sum over taps: forward, and the gradient in the image. */
  const correlate = (
    x: NdArray,
    filter: NdArray,
    layout: PaddedImage,
    bias: TypedArray,
    outputs: number,
    rowAt: (output: number) => number,
    stepAt: (tap: number) => number,
  ) => {
    const [height, width] = layout.output, [p, q] = layout.filter, plane = height * width;
    const depth = layout.image[0] * p * q, size = x.shape[0] * outputs * plane;
    workspace.clear();
    const c = workspace.reserve(size);
    machine.run(
      "convolve",
      workspace.record("Product", {
        ...loaded(x, layout),
        ...noSlopes,
        a: workspace.store(contiguousData(filter)),
        aRows: workspace.offsets(outputs, rowAt),
        aSteps: workspace.offsets(depth, stepAt),
        aCount: outputs,
        bSteps: workspace.offsets(depth, (k) => layout.tapAt(k)),
        ...panelsOf(height, width, (i, j) => layout.outputAt(i, j), (i, j) => i * width + j),
        depth,
        c,
        cBytes: 4 * outputs * plane,
        cStride: 4 * plane,
        start: workspace.store(bias),
      }),
    );
    return workspace.keep(c, size);
  };

  return {
    conv2d(x, filter, bias, { stride, padding }, [, outputs, height, width]) {
      const [, channels, p, q] = filter.shape, depth = channels * p * q;
      const layout = new PaddedImage(x.shape.slice(1), [p, q], [height, width], stride, padding);
      return correlate(x, filter, layout, bias ?? new Float32Array(outputs), outputs, (o) => o * depth, (k) => k);
    },

    conv2dInputGradient(dy, filter, { stride, padding }, [, channels, height, width]) {
      // The adjoint correlates dy, spread by the stride, with the filters turned by half a circle.
      const [, , p, q] = filter.shape, turned: [number, number] = [p - 1 - padding[0], q - 1 - padding[1]];
      const layout = new PaddedImage(dy.shape.slice(1), [p, q], [height, width], [1, 1], turned, stride);
      const stepAt = (k: number) => {
        const output = Math.floor(k / (p * q)), tap = k % (p * q);
        return output * channels * p * q + p * q - 1 - tap;
      };
      return correlate(dy, filter, layout, new Float32Array(channels), channels, (c) => c * p * q, stepAt);
    },

    conv2dFilterGradient(x, dy, { stride, padding }, [outputs, channels, p, q]) {
      const [, , height, width] = dy.shape, plane = height * width, taps = channels * p * q, size = taps * outputs;
      const layout = new PaddedImage(x.shape.slice(1), [p, q], [height, width], stride, padding);
      workspace.clear();
      const c = workspace.zeros(partCount * size), turnedStep = apart(plane * outputs);
      const slopeColumnOffsets = workspace.offsets(plane, (i) => i * outputs);
      machine.run(
        "convolve",
        workspace.record("Product", {
          ...loaded(x, layout),
          slopes: workspace.store(contiguousData(dy)),
          slopeRows: outputs,
          slopeColumns: plane,
          slopeRowOffsets: workspace.offsets(outputs, (o) => o),
          slopeColumnOffsets,
          turned: workspace.reserve(machine.threads * turnedStep),
          turnedBytes: 4 * turnedStep,
          a: 0,
          aRows: workspace.offsets(taps, (k) => layout.tapAt(k)),
          aSteps: workspace.offsets(plane, (i) => layout.outputAt(Math.floor(i / width), i % width)),
          aCount: taps,
          bSteps: slopeColumnOffsets,
          ...panelsOf(1, outputs, (_, j) => j, (_, j) => j),
          depth: plane,
          c,
          cBytes: 4 * size,
          cStride: 4 * outputs,
          start: 0,
        }),
      );
      const sums = workspace.floats(c, partCount * size);
      return Float32Array.from({ length: size }, (_, i) => {
        let sum = 0;
        for (let at = (i % taps) * outputs + Math.floor(i / taps); at < sums.length; at += size) sum += sums[at];
        return sum;
      });
    },
  };
}

/** Elements from one part's region to the next: those of the region, and a panel that may be read past them. */
function apart(elements: number): number {
  return Math.ceil(elements / panelWidth + 1) * panelWidth;
}
