import type { Convolution } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import { contiguousData, type NdArray } from "../ndarray.ts";
import type { ConvolutionKernels, KernelInputs } from "./kernels.ts";
import { type Machine, orderedParts } from "./machine.ts";
import { PaddedImage } from "./padded_image.ts";
import type { Workspace } from "./workspace.ts";

/** Columns that the module computes at a time. */
const panelWidth = 16;

/**
 * Direct sums, for shapes without a faster method. A convolution is a product of matrices that are never stored: each image is
 * copied with zeros around it, and tables locate each element of the unrolled matrix.
 */
export class DirectProducts implements Pick<ConvolutionKernels, "conv2d" | "conv2dInputGradient" | "conv2dFilterGradient"> {
  readonly #machine: Machine;
  readonly #workspace: Workspace;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#workspace = machine.workspace;
  }

  conv2d([x, filter, bias]: KernelInputs, { stride, padding, ...shapes }: Convolution): TypedArray {
    const [, outputs, height, width] = shapes.output, [, channels, p, q] = shapes.filter, depth = channels * p * q;
    const layout = new PaddedImage(shapes.image.slice(1), [p, q], [height, width], { stride, padding });
    const taps = { bias: bias ?? new Float32Array(outputs), rowAt: (o: number) => o * depth, stepAt: (k: number) => k };
    return this.#correlate(x, filter, layout, taps);
  }

  conv2dInputGradient(dy: NdArray, filter: NdArray, { stride, padding, ...shapes }: Convolution): TypedArray {
    // The adjoint correlates dy, dilated by the stride, with the filters rotated by 180°.
    const [, channels, height, width] = shapes.image, [, , p, q] = shapes.filter;
    const turned: [number, number] = [p - 1 - padding[0], q - 1 - padding[1]];
    const spread = { stride: [1, 1], padding: turned, dilation: stride } as const;
    const layout = new PaddedImage(dy.shape.slice(1), [p, q], [height, width], spread);
    const stepAt = (k: number) => {
      const output = Math.floor(k / (p * q)), tap = k % (p * q);
      return output * channels * p * q + p * q - 1 - tap;
    };
    return this.#correlate(dy, filter, layout, { bias: new Float32Array(channels), rowAt: (c) => c * p * q, stepAt });
  }

  conv2dFilterGradient(x: NdArray, dy: NdArray, { stride, padding, ...shapes }: Convolution): TypedArray {
    const [outputs, channels, p, q] = shapes.filter, [, , height, width] = shapes.output, workspace = this.#workspace;
    const plane = height * width, taps = channels * p * q, size = taps * outputs;
    const layout = new PaddedImage(shapes.image.slice(1), [p, q], [height, width], { stride, padding });
    workspace.clear();
    const c = workspace.zeros(orderedParts * size), turnedStep = apart(plane * outputs);
    const slopeColumnOffsets = workspace.offsets(plane, (i) => i * outputs);
    this.#machine.run(
      "convolve",
      workspace.record("Product", {
        ...this.#loaded(x, layout),
        slopes: workspace.store(contiguousData(dy)),
        slopeRows: outputs,
        slopeColumns: plane,
        slopeRowOffsets: workspace.offsets(outputs, (o) => o),
        slopeColumnOffsets,
        turned: workspace.reserve(this.#machine.threads * turnedStep),
        turnedBytes: 4 * turnedStep,
        a: 0,
        aRows: workspace.offsets(taps, (k) => layout.tapAt(k)),
        aSteps: workspace.offsets(plane, (i) => layout.outputAt(Math.floor(i / width), i % width)),
        aCount: taps,
        bSteps: slopeColumnOffsets,
        ...this.#panels([1, outputs], (_, j) => j, (_, j) => j),
        depth: plane,
        c,
        cBytes: 4 * size,
        cStride: 4 * outputs,
        start: 0,
      }),
      orderedParts,
    );
    const sums = workspace.floats(c, orderedParts * size);
    return Float32Array.from({ length: size }, (_, i) => {
      let sum = 0;
      for (let at = (i % taps) * outputs + Math.floor(i / taps); at < sums.length; at += size) sum += sums[at];
      return sum;
    });
  }

  /** Computes every output channel of every image as a sum over taps: forward, and the gradient in the image. */
  #correlate(x: NdArray, filter: NdArray, layout: PaddedImage, { bias, rowAt, stepAt }: Taps): TypedArray {
    const workspace = this.#workspace, [height, width] = layout.output, [p, q] = layout.filter, plane = height * width;
    const outputs = bias.length, depth = layout.image[0] * p * q, size = x.shape[0] * outputs * plane;
    workspace.clear();
    const c = workspace.reserve(size);
    this.#machine.run(
      "convolve",
      workspace.record("Product", {
        ...this.#loaded(x, layout),
        ...noSlopes,
        a: workspace.store(contiguousData(filter)),
        aRows: workspace.offsets(outputs, rowAt),
        aSteps: workspace.offsets(depth, stepAt),
        aCount: outputs,
        bSteps: workspace.offsets(depth, (k) => layout.tapAt(k)),
        ...this.#panels([height, width], (i, j) => layout.outputAt(i, j), (i, j) => i * width + j),
        depth,
        c,
        cBytes: 4 * outputs * plane,
        cStride: 4 * plane,
        start: workspace.store(bias),
      }),
      this.#machine.partsOf(x.shape[0]),
    );
    return workspace.keep(c, size);
  }

  /** The places of a job's images, and a padded place per thread. */
  #loaded(x: NdArray, layout: PaddedImage) {
    const { image: [channels, rows, columns], size } = layout, step = apart(size), workspace = this.#workspace;
    return {
      images: x.shape[0],
      from: workspace.store(contiguousData(x)),
      rows: channels * rows,
      columns,
      rowOffsets: workspace.offsets(channels * rows, (i) => layout.rowAt(i)),
      columnOffsets: workspace.offsets(columns, (j) => layout.columnAt(j)),
      padded: workspace.zeros(this.#machine.threads * step),
      paddedBytes: 4 * step,
    };
  }

  /** Panels of `rows` by `columns` outputs; `b` and `c` return their places in B and C. */
  #panels([rows, columns]: readonly [number, number], b: PlaceOf, c: PlaceOf) {
    const count = rows * Math.ceil(columns / panelWidth), table = new Int32Array(3 * count);
    let to = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += panelWidth) {
        table.set([4 * b(i, j), 4 * c(i, j), Math.min(panelWidth, columns - j)], 3 * to++);
      }
    }
    return { panels: this.#workspace.integers(table), panelCount: count };
  }
}

type PlaceOf = (i: number, j: number) => number;

/** The places of an output's filter and its taps, and the number to add to each output. */
interface Taps {
  bias: TypedArray;
  rowAt(output: number): number;
  stepAt(tap: number): number;
}

const noSlopes = {
  slopes: 0,
  slopeRows: 0,
  slopeColumns: 0,
  slopeRowOffsets: 0,
  slopeColumnOffsets: 0,
  turned: 0,
  turnedBytes: 0,
};

/** Elements from one part's region to the next: the region, and a panel that may be read past it. */
function apart(elements: number): number {
  return Math.ceil(elements / panelWidth + 1) * panelWidth;
}
