import type { Convolution, GradientInputs, Pooled, Pooling2d, Wanted } from "../device.ts";
import { contiguousData, type NdArray } from "../ndarray.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { KernelInputs, PooledImages } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import type { Workspace } from "./workspace.ts";

/** A tile's numbers in each direction, its spectrum's points, and a transform's bytes of scratch; as in `assembly/spectra.ts`. */
const tileSize = 18, points = 164, scratchBytes = tileSize * 320 + 16 * tileSize;
/** The most taps of a filter in each direction: with more, a tile has few outputs. */
const mostTaps = 12;
/** Images that are transformed together, one per lane. */
const lanes = 4;
/** Quartets that share the cost of a filter's transform; constant, because the choice must not depend on the batch. */
const usualQuartets = 8;
/** The most bytes of a near cache for spectra. */
const nearBytes = 600 * 1024;
/** Above these bytes of filter spectra, all images are multiplied at once, point by point. */
const mostFilterBytes = 2 ** 22;
/** The most bytes for the spectra of images and slopes, or of images and outputs, when all are needed at once. */
const farBytes = 2 ** 28;
/** The most numbers in the planes of four images in each thread's memory; all threads share 4 GiB. */
const mostScratch = 2 ** 24;
/** The most bytes for the spectra of filters and of four images, the latter in each thread's memory. */
const mostSpectra = 160 * 2 ** 20;
/** Nanoseconds per tap of a direct sum, row of its outputs, transform of a tile, product of a point and transform of a filter. */
const costs = {
  forward: { sum: 3.68, row: 9.7, transform: 1405, product: 2.16, filter: 2224 },
  gradients: { sum: 7.5, row: 20, transform: 2184, product: 3.92, filter: 4148 },
};
/** Products of float32 numbers from here may overflow. */
const huge = 2 ** 60;

/** The tiles that cover outputs; each has `size` outputs in each direction. */
interface Tiling {
  size: number;
  rows: number;
  columns: number;
}

/** The layout of spectra: bytes of a point and of a block of eight columns. */
interface Layout {
  point: number;
  block: number;
}

/** The place of spectra, and the record that describes it. */
interface Place extends Layout {
  place: number;
  record: number;
}

/** Spectra of filters from `depth` planes to `outputs` planes. */
interface Filters {
  u: number;
  outputs: number;
  depth: number;
}

/** The places for kernels on quartets: spectra of `inputs` and `outputs` planes, a row of pooled vectors, a pooled plane. */
interface QuartetPlaces {
  padding: readonly [number, number];
  inputs: number;
  outputs: number;
  /** Number of planes that filters read; default: `inputs`. */
  depth?: number;
  pooledColumns?: number;
  expanded?: number;
}

/** Outputs, and the images that need direct sums instead; see `judge` in `assembly/spectra.ts`. */
export interface Transformed extends PooledImages {
  /** Indices of images that need direct sums. */
  wild: number[];
}

/**
 * Convolutions of stride 1 by Fourier transforms of tiles. Errors are like those of direct sums in float32, relative to the
 * greatest numbers of a tile. An image's outputs do not depend on the other images. Sources: M. Mathieu, M. Henaff, Y. LeCun,
 * "Fast training of convolutional networks through FFTs" (ICLR 2014); A. Zlateski, Z. Jia, K. Li, F. Durand, "FFT convolutions
 * are faster than Winograd on modern CPUs, here is why" (2018).
 */
export class FourierProducts {
  constructor(readonly machine: Machine) {}

  /**
   * Whether transforms are faster than direct sums for filters [o, c, p, q] and outputs [n, o, rows, columns], or for their
   * gradients; independent of n. Costs are nanoseconds for four images on one core, fitted to sixty shapes.
   */
  static pays({ filter, output, stride, direct }: Convolution, gradients = false): boolean {
    const [outputs, channels, height, width] = filter, [, , rows, columns] = output;
    if (direct || stride[0] !== 1 || stride[1] !== 1) return false;
    // A single tap needs no transform.
    if (Math.max(height, width) === 1 || height > mostTaps || width > mostTaps) return false;
    const tiling = tilingOf(rows, columns, height, width), tiles = tiling.rows * tiling.columns;
    const spectra = (layoutOf(channels).block + layoutOf(outputs).block) * Math.ceil(tiles / 2) + filterBytes(outputs, channels);
    if (planeSize(tiling) > mostScratch || spectra > mostSpectra) return false;
    const cost = gradients ? costs.gradients : costs.forward;
    // A direct sum works on sixteen neighbouring columns.
    const sums = rows * Math.ceil(columns / 16) *
      (cost.sum * Math.ceil(outputs / 3) * channels * height * width + cost.row * outputs);
    const transforms = tiles * tileCost(cost, outputs, channels);
    return lanes * sums > transforms + cost.filter * Math.ceil(outputs / lanes) * channels / usualQuartets;
  }

  /** Whether a filter's numbers are small enough to transform. */
  static fits(filter: NdArray): boolean {
    const data = contiguousData(filter);
    for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]) < huge)) return false;
    return true;
  }

  /** Correlation and bias, then max pooling if wanted. */
  forward([x, filter, bias]: KernelInputs, { padding, output: shape }: Convolution, pooling?: Pooling2d): Transformed {
    const { machine, machine: { workspace } } = this, [outputs, channels, height, width] = filter.shape;
    const [images, , rows, columns] = shape, tiling = tilingOf(rows, columns, height, width);
    const size = sizeOf(pooling?.shape ?? shape);
    workspace.clear();
    const values = workspace.reserve(size), positions = pooling === undefined ? 0 : workspace.reserve(size);
    const judgements = workspace.reserve(images), addend = bias === null ? workspace.zeros(outputs) : workspace.store(bias);
    const filters = this.#filters(filter, false);
    const large = filterBytes(outputs, channels) > mostFilterBytes;
    const { v, m, row, marks, quartets } = this.#quartets(images, tiling, {
      padding,
      inputs: large ? 0 : channels,
      outputs: large ? 0 : outputs,
      pooledColumns: pooling?.shape[3],
    });
    const job = {
      height,
      width,
      ...marks,
      seen: workspace.reserve(quartets.count * rows * ceil(columns, 4)),
      x: planes(workspace, x, x.shape),
      z: outcome(workspace, { values, outputs, rows, columns, bias: addend }, pooling, positions),
      u: filters.u,
      row,
      judgements,
    };
    if (!large) {
      machine.run(
        "correlate",
        workspace.record("Correlation", { ...job, v, m, quartets: workspace.record("Quartets", quartets) }),
        machine.partsOf(quartets.count),
      );
    } else {
      const { most, spectra: [inputs, found] } = this.#spectra(images, tiling, [channels, outputs]);
      for (const chunk of chunksOf(quartets.count, most)) {
        const all = workspace.record("Quartets", { ...quartets, ...chunk });
        const correlation = workspace.record("Correlation", { ...job, v: inputs.record, m: found.record, quartets: all });
        machine.run("transformImages", correlation, machine.partsOf(chunk.count));
        this.#multiply(filters, blocksOf(chunk.count, tiling), [inputs, found]);
        machine.run("restoreOutputs", correlation, machine.partsOf(chunk.count));
      }
    }
    const wild: number[] = [];
    workspace.ints(judgements, images).forEach((judgement, image) => judgement !== 0 && wild.push(image));
    return { values: workspace.keep(values, size), positions: workspace.keepInts(positions, pooling ? size : 0), wild };
  }

  /**
   * The wanted gradients in x, filter and bias, in one array. The filter's gradient needs x, and x's gradient needs the filter;
   * if not needed, either may be any array.
   * `null` if there are no images, or if numbers are too large to transform.
   */
  gradients([x, filter, dy]: GradientInputs<NdArray>, { padding, ...shapes }: Convolution, wanted: Wanted): Float32Array | null {
    const { machine, machine: { workspace } } = this, [outputs, channels, height, width] = shapes.filter;
    const [images, , rows, columns] = shapes.output, tiling = tilingOf(rows, columns, height, width), { pooled } = wanted;
    if (images === 0) return null;
    const sizes = [wanted.x ? sizeOf(shapes.image) : 0, wanted.filter ? sizeOf(shapes.filter) : 0, wanted.bias ? outputs : 0];
    workspace.clear();
    const size = sizes[0] + sizes[1] + sizes[2], dx = workspace.reserve(size), dw = dx + 4 * sizes[0];
    const quartets = Math.ceil(images / lanes), sums = workspace.zeros(wanted.bias ? 2 * quartets * outputs : 0);
    const tooLarge = workspace.zeros(1);
    const seen = planes(workspace, x, shapes.image, undefined, wanted.filter);
    const slopes = planes(workspace, dy, shapes.output, pooled);
    const filters = wanted.x ? this.#filters(filter, true) : null;
    const large = wanted.x && filterBytes(channels, outputs) > mostFilterBytes;
    const { most, spectra: [s, v] } = this.#spectra(images, tiling, [outputs, wanted.filter || large ? channels : 0]),
      dOutput = 8 * ceil(channels, 4),
      dPoint = dOutput * ceil(outputs, 2);
    const d = { d: workspace.reserve(wanted.filter ? points * dPoint / 4 : 0), dPoint, dOutput };
    const found = this.#quartets(images, tiling, {
      padding,
      inputs: 0,
      outputs: wanted.x && !large ? channels : 0,
      depth: outputs,
      expanded: pooled === undefined ? 0 : rows * columns,
    });
    for (const chunk of chunksOf(found.quartets.count, most)) {
      const job = {
        quartets: workspace.record("Quartets", { ...found.quartets, ...chunk }),
        x: seen,
        dy: slopes,
        s: s.record,
        v: v.record,
        images: wanted.filter ? 1 : 0,
        u: filters?.u ?? 0,
        sums: wanted.bias ? sums : 0,
        huge: tooLarge,
      };
      const gradients = workspace.record("Gradients", { ...job, dx: wanted.x && !large ? dx : 0, m: found.m });
      machine.run("gradients", gradients, machine.partsOf(chunk.count));
      if (workspace.ints(tooLarge, 1)[0] !== 0) return null;
      if (wanted.filter) {
        machine.run(
          "correlateSpectra",
          workspace.record("SpectrumCorrelation", {
            blocks: blocksOf(chunk.count, tiling),
            outputPairs: Math.ceil(outputs / 2),
            depthPairs: Math.ceil(channels / 2),
            s: s.place,
            sBlock: s.block,
            sPoint: s.point,
            v: v.place,
            vBlock: v.block,
            vPoint: v.point,
            ...d,
            keep: chunk.first > 0 ? 1 : 0,
          }),
          machine.partsOf(points),
        );
      }
      if (!large || filters === null) continue;
      // The gradient in the images overwrites their spectra.
      this.#multiply(filters, blocksOf(chunk.count, tiling), [s, v]);
      machine.run("restoreImages", workspace.record("Gradients", { ...job, dx, m: v.record }), machine.partsOf(chunk.count));
    }
    if (wanted.filter) {
      const scratch = machine.scratch(), place = scratch.reserve(scratchBytes / 4 + 12 * points + 4 * tileSize ** 2);
      const gradient = { ...d, outputs, depth: channels, height, width, w: dw, scratch: place, threadBytes: scratch.finish() };
      machine.run("restoreFilters", workspace.record("FilterGradient", gradient), machine.partsOf(outputs));
    }
    if (wanted.bias) {
      workspace.floats(dx, size).set(sumsOf(workspace, sums, quartets, outputs), sizes[0] + sizes[1]);
    }
    return workspace.keep(dx, size);
  }

  /**
   * The record for kernels on quartets, with places for each thread: spectra of `inputs` and `outputs` planes, for as many
   * quartets as fit a near cache. Large filters take more quartets, which share one read of the filters.
   */
  #quartets(images: number, tiling: Tiling, wanted: QuartetPlaces) {
    const { padding: [top, left], inputs, outputs, depth = inputs, pooledColumns = 0, expanded = 0 } = wanted;
    const { machine, machine: { workspace } } = this, tiles = tiling.rows * tiling.columns, unit = 1 + tiles % 2;
    const layouts = [layoutOf(inputs), layoutOf(outputs)];
    const quartetBytes = (layouts[0].block + layouts[1].block) * tiles / 2;
    const together = unit * Math.max(1, Math.floor(Math.max(nearBytes, filterBytes(outputs, depth)) / quartetBytes / unit));
    const blocks = Math.ceil(Math.min(together, Math.ceil(images / lanes)) * tiles / 2), scratch = machine.scratch();
    const [v, m] = [inputs, outputs].map((count, i) => scratch.reserve(count === 0 ? 0 : blocks * layouts[i].block / 4));
    const row = scratch.reserve(2 * lanes * pooledColumns), plane = scratch.reserve(planeSize(tiling));
    // A plane and a line; reads go a little past their ends.
    const marksBytes = ceil(planeSize(tiling), 16) + 64, lineBytes = 4 * tileSize * (tiling.columns + 2) + 64;
    const marks = { marks: scratch.reserve((marksBytes + lineBytes) / 4), marksBytes };
    const found = { plane, expanded: scratch.reserve(lanes * Math.max(expanded, tileSize ** 2)) };
    const places = { ...found, scratch: scratch.reserve(scratchBytes / 4), threadBytes: scratch.finish() };
    const spectra = [v, m].map((place, i) => workspace.record("Spectra", { place, ...layouts[i] }));
    const quartets = { images, first: 0, count: Math.ceil(images / lanes), together, ...places };
    return {
      quartets: { ...quartets, tiling: workspace.record("Tiling", { ...tiling, top, left }) },
      v: spectra[0],
      m: spectra[1],
      row,
      marks,
    };
  }

  /** Places for the spectra of all images' planes, or of as many quartets as there is room for: an even number. */
  #spectra(images: number, tiling: Tiling, rows: readonly number[]): { most: number; spectra: Place[] } {
    const { workspace } = this.machine, layouts = rows.map(layoutOf), quartets = Math.ceil(images / lanes);
    const blockBytes = layouts.reduce((sum, { block }) => sum + block, 0);
    const most = 2 * Math.max(1, Math.floor(farBytes / (blockBytes * tiling.rows * tiling.columns)));
    const spectra = layouts.map((layout, i) => {
      const place = workspace.reserve(rows[i] === 0 ? 0 : blocksOf(Math.min(most, quartets), tiling) * layout.block / 4);
      return { place, ...layout, record: workspace.record("Spectra", { place, ...layout }) };
    });
    return { most, spectra };
  }

  /** Multiplies spectra v by those of filters, to spectra m. */
  #multiply({ u, outputs, depth }: Filters, blocks: number, [v, m]: readonly [Place, Place]): void {
    const { machine, machine: { workspace } } = this;
    machine.run(
      "multiplySpectra",
      workspace.record("SpectrumProduct", {
        blocks,
        pairs: Math.ceil(outputs / 2),
        depth,
        u,
        v: v.place,
        vBlock: v.block,
        vPoint: v.point,
        m: m.place,
        mBlock: m.block,
        mPoint: m.point,
      }),
      machine.partsOf(points),
    );
  }

  /** Spectra of filters, or of their adjoint, which convolves and swaps outputs and channels. */
  #filters(filter: NdArray, adjoint: boolean): Filters {
    const { machine, machine: { workspace } } = this, [first, second, height, width] = filter.shape, area = height * width;
    const [outputs, depth] = adjoint ? [second, first] : [first, second];
    const [outputStep, depthStep] = adjoint ? [area, second * area] : [second * area, area];
    const u = workspace.reserve(points * 2 * ceil(outputs, 2) * depth), w = workspace.store(contiguousData(filter));
    const scratch = machine.scratch(), place = scratch.reserve(scratchBytes / 4 + 4 * tileSize ** 2 + 12 * points);
    const threadBytes = scratch.finish();
    machine.run(
      "transformFilters",
      workspace.record("Filters", {
        w,
        outputs,
        depth,
        height,
        width,
        outputStep: 4 * outputStep,
        depthStep: 4 * depthStep,
        rowStep: 4 * width,
        conjugate: adjoint ? 0 : 1,
        u,
        scratch: place,
        threadBytes,
      }),
      machine.partsOf(Math.ceil(outputs / lanes)),
    );
    return { u, outputs, depth };
  }
}

/** Bytes of the spectra of filters. */
function filterBytes(outputs: number, depth: number): number {
  return 16 * points * Math.ceil(outputs / 2) * depth;
}

/** Number of blocks of eight columns for the tiles of these quartets. */
function blocksOf(quartets: number, { rows, columns }: Tiling): number {
  return Math.ceil(quartets * rows * columns / 2);
}

/** Splits `count` quartets into chunks of at most `most`. */
function* chunksOf(count: number, most: number): Generator<{ first: number; count: number }> {
  for (let first = 0; first < count; first += most) yield { first, count: Math.min(most, count - first) };
}

/** Points are not a power of two apart: they would compete for the same few cache lines. */
function layoutOf(rows: number): Layout {
  const point = 64 * ceil(rows, 2) + 64;
  return { point, block: points * point };
}

/** Adds `count` float64 sums over parts, in their order. */
export function sumsOf(workspace: Workspace, place: number, parts: number, count: number): Float64Array {
  const partial = new Float64Array(workspace.buffer as ArrayBuffer, place, parts * count), sums = new Float64Array(count);
  for (let i = 0; i < partial.length; i++) sums[i % count] += partial[i];
  return sums;
}

/** Nanoseconds for the gradients with filters [o, c, height, width] and outputs [n, o, rows, columns]. */
export function gradientCost([outputs, channels, height, width]: Shape, [images, , rows, columns]: Shape): number {
  const tiling = tilingOf(rows, columns, height, width);
  return Math.ceil(images / lanes) * tiling.rows * tiling.columns * tileCost(costs.gradients, outputs, channels);
}

/** Nanoseconds for the transforms and products of a tile of four images. */
function tileCost({ transform, product }: typeof costs.forward, outputs: number, channels: number): number {
  return transform * (channels + outputs) + product * (points * Math.ceil(outputs / 2) * channels);
}

/** The record of the planes of images; if they are not `read`, only their shape. */
export function planes(
  workspace: Workspace,
  x: NdArray,
  [, channels, rows, columns]: Shape,
  pooled?: Pooled,
  read = true,
): number {
  return workspace.record("Planes", {
    values: read ? workspace.store(contiguousData(x)) : 0,
    channels,
    rows,
    columns,
    positions: pooled === undefined ? 0 : workspace.integers(contiguousData(pooled.positions)),
    pooled: pooled === undefined ? 0 : x.shape[2] * x.shape[3],
    gate: pooled === undefined || pooled.gate === null ? 0 : workspace.store(contiguousData(pooled.gate)),
  });
}

/** The record of what to do with output planes. */
export function outcome(
  workspace: Workspace,
  { values, outputs, rows, columns, bias }: { values: number; outputs: number; rows: number; columns: number; bias: number },
  pooling?: Pooling2d,
  positions = 0,
): number {
  const { shape: [, , pooledRows, pooledColumns], kernel: [height, width], stride: [down, along], padding: [above, before] } =
    pooling ?? { shape: [0, 0, 0, 0], kernel: [0, 0], stride: [0, 0], padding: [0, 0] };
  const relu = pooling?.relu ? 1 : 0;
  return workspace.record("Outcome", {
    values,
    outputs,
    rows,
    columns,
    bias,
    relu,
    positions,
    pooledRows,
    pooledColumns,
    height,
    width,
    down,
    along,
    above,
    before,
  });
}

function tilingOf(rows: number, columns: number, height: number, width: number): Tiling {
  const size = tileSize + 1 - Math.max(height, width);
  return { size, rows: Math.ceil(rows / size), columns: Math.ceil(columns / size) };
}

/** Elements of a padded plane of four images. */
function planeSize({ size, rows, columns }: Tiling): number {
  return lanes * (size * (rows - 1) + tileSize) * (size * (columns - 1) + tileSize);
}

/** Rounds up to a multiple of `of`. */
function ceil(count: number, of: number): number {
  return Math.ceil(count / of) * of;
}
