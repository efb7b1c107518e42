import type { Pooled, Pooling2d, Wanted, Window2d } from "../devices/device.ts";
import { contiguousData, type NdArray, type Shape, sizeOf, type TypedArray } from "../ndarray.ts";
import type { PooledImages } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { partCount } from "./thread_pool.ts";
import type { Workspace } from "./workspace.ts";

/** Points of a transformed tile, and taps that a filter may have, in each direction. */
const points = 9, mostTaps = 5;
/** Images that are transformed together, one in each lane. */
const lanes = 4;
/** Bytes of a near cache that a block of transformed tiles may take. */
const blockBytes = 600 * 1024;
/** Numbers that the planes of four images may take in each thread's memory, of which there are 4 GiB for all. */
const mostScratch = 2 ** 26;
/** Numbers that the kernels keep on their way. */
const temporaries = 1024;

/** The tiles that cover outputs, `size` in each direction, and how many of them are transformed at a time. */
interface Tiling {
  size: number;
  rows: number;
  columns: number;
  block: number;
}

/**
 * Convolutions of stride 1 by the algorithm F(m x m, r x r) with m = 10 - r, which takes 81 multiplications for the m² outputs
 * of r² taps. Errors are below 2e-5 of the greatest Σ |x| |w|, whatever the shape; an infinity or NaN spreads over its tile.
 */
export class WinogradProducts {
  constructor(readonly machine: Machine) {}

  /** Whether these products pay for filters [o, c, p, q] and outputs [n, o, rows, columns], against direct ones. */
  static pays([outputs, channels, height, width]: Shape, { stride }: Window2d, [images, , rows, columns]: Shape): boolean {
    if (stride[0] !== 1 || stride[1] !== 1 || height > mostTaps || width > mostTaps) return false;
    const tiling = tilingOf(rows, columns, Math.max(height, width), channels, outputs);
    if (2 * channels * paddedPlane(tiling) + outputs * outputPlane(tiling) > mostScratch) return false;
    // A direct product works on sixteen neighbouring columns.
    const direct = images * rows * ceil(columns, 16) / 4 * ceil(outputs, 3) * channels * height * width * 3;
    return transformCost([outputs, channels, height, width], [images, outputs, rows, columns]) < direct;
  }

  /** Correlation and bias, and then max pooling if wanted. */
  forward(
    x: NdArray,
    filter: NdArray,
    bias: TypedArray | null,
    { padding: [top, left] }: Window2d,
    shape: Shape,
    pooling?: Pooling2d,
  ): PooledImages {
    const { machine, machine: { workspace } } = this, [outputs, channels, height, width] = filter.shape, area = height * width;
    const [images, , rows, columns] = shape, taps = Math.max(height, width);
    const tiling = tilingOf(rows, columns, taps, channels, outputs), { block } = tiling;
    const size = sizeOf(pooling?.shape ?? shape), fours = ceil(outputs, 4);
    workspace.clear();
    const values = workspace.reserve(size), positions = pooling === undefined ? 0 : workspace.reserve(size);
    const u = workspace.reserve(points ** 2 * fours * channels), scratch = machine.scratch();
    const temporary = scratch.reserve(temporaries), padded = scratch.reserve(channels * paddedPlane(tiling));
    const v = scratch.reserve(points ** 2 * (channels * lanes * block + 16));
    const m = scratch.reserve(points ** 2 * (fours * lanes * block + 16));
    const outcomes = scratch.reserve(outputs * outputPlane(tiling));
    const row = scratch.reserve(2 * lanes * (pooling?.shape[3] ?? 0)), threadBytes = scratch.finish();
    const w = workspace.store(contiguousData(filter)), steps = [4 * channels * area, 4 * area, 4 * width, 4];
    machine.exports.transformFilters(w, outputs, channels, height, width, taps, ...steps, u, temporary);
    const addend = bias === null ? workspace.zeros(outputs) : workspace.store(bias);
    machine.run(
      "correlate",
      workspace.record("Correlation", {
        images,
        x: planes(workspace, x, x.shape),
        z: outcome(workspace, { values, outputs, rows, columns, bias: addend }, pooling, positions),
        u,
        tiling: workspace.record("Tiling", { ...tiling, top, left }),
        temporary,
        padded,
        v,
        m,
        planes: outcomes,
        row,
        threadBytes,
      }),
    );
    return { values: workspace.keep(values, size), positions: workspace.keepInts(positions, pooling ? size : 0) };
  }

  /** The gradients in x, filter and bias, one after the other, each only if wanted; x is needed for the filter's, the filter for x's. */
  gradients(
    x: NdArray,
    filter: NdArray,
    dy: NdArray,
    { padding: [top, left] }: Window2d,
    wanted: Wanted,
    pooled?: Pooled,
  ): Float32Array {
    const { machine, machine: { workspace } } = this, [outputs, channels, height, width] = filter.shape, area = height * width;
    const [images, , rows, columns] = pooled?.shape ?? dy.shape, taps = Math.max(height, width);
    const tiling = tilingOf(rows, columns, taps, channels, outputs), { block } = tiling;
    const sizes = [wanted.x ? x.size : 0, wanted.filter ? filter.size : 0, wanted.bias ? outputs : 0];
    workspace.clear();
    const size = sizes[0] + sizes[1] + sizes[2], dx = workspace.reserve(size);
    const sumCount = points ** 2 * ceil(outputs, 4) * ceil(channels, 2),
      d = workspace.reserve(wanted.filter ? partCount * sumCount : 0);
    const u = workspace.reserve(wanted.x ? points ** 2 * ceil(channels, 4) * outputs : 0);
    const sums = workspace.reserve(2 * partCount * outputs), scratch = machine.scratch();
    const temporary = scratch.reserve(temporaries), slopes = scratch.reserve(outputs * outputPlane(tiling));
    const padded = scratch.reserve(wanted.filter ? channels * paddedPlane(tiling) : 0);
    const back = scratch.reserve(wanted.x ? channels * paddedPlane(tiling) : 0);
    const expanded = scratch.reserve(pooled === undefined ? 0 : lanes * rows * columns);
    // Products take the place of the transformed images, which are not needed then.
    const v = scratch.reserve(points ** 2 * (ceil(channels, 4) * lanes * block + 16));
    const s = scratch.reserve(points ** 2 * (ceil(outputs, 4) * lanes * block + 16));
    const threadBytes = scratch.finish();
    if (wanted.x) {
      const w = workspace.store(contiguousData(filter)), steps = [4 * area, 4 * channels * area, 4 * width, 4];
      machine.exports.transformFilters(w, channels, outputs, height, width, taps, ...steps, u, temporary);
    }
    machine.run(
      "gradients",
      workspace.record("Gradients", {
        images,
        x: planes(workspace, x, x.shape, undefined, wanted.filter),
        dy: planes(workspace, dy, pooled?.shape ?? dy.shape, pooled),
        tiling: workspace.record("Tiling", { ...tiling, top, left }),
        temporary,
        padded,
        slopes,
        expanded,
        back,
        v,
        s,
        m: v,
        threadBytes,
        dx: wanted.x ? dx : 0,
        u,
        d: wanted.filter ? d : 0,
        dBytes: 4 * sumCount,
        sums: wanted.bias ? sums : 0,
      }),
    );
    const dw = dx + 4 * sizes[0], found = workspace.floats(dx, size);
    if (wanted.filter) {
      machine.exports.gatherFilterGradient(d, 4 * sumCount, outputs, channels, height, width, taps, dw, temporary);
    }
    if (wanted.bias) found.set(sumsOfParts(workspace, sums, outputs), sizes[0] + sizes[1]);
    return workspace.keep(dx, size);
  }
}

/** The sums, over all parts, of so many float64 numbers each. */
export function sumsOfParts(workspace: Workspace, place: number, count: number): Float64Array {
  const partial = new Float64Array(workspace.buffer as ArrayBuffer, place, partCount * count), sums = new Float64Array(count);
  for (let i = 0; i < partial.length; i++) sums[i % count] += partial[i];
  return sums;
}

/** Vector instructions, as counted in the kernels, with filters [o, c, height, width] and outputs [n, o, rows, columns]. */
export function transformCost([outputs, channels, height, width]: Shape, [images, , rows, columns]: Shape): number {
  const tiling = tilingOf(rows, columns, Math.max(height, width), channels, outputs);
  const transforms = 1500 * channels + 700 * outputs, products = points ** 2 * ceil(outputs, 4) * channels * 3;
  return Math.ceil(images / lanes) * tiling.rows * tiling.columns * (transforms + products);
}

/** Record of the planes of images of this shape; those that are not `read` have a shape only. */
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

/** Record of what becomes of output planes. */
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

function tilingOf(rows: number, columns: number, taps: number, channels: number, outputs: number): Tiling {
  const bytes = 4 * lanes * points ** 2 * (ceil(channels, 2) + ceil(outputs, 4)), size = points + 1 - taps;
  return {
    size,
    rows: Math.ceil(rows / size),
    columns: Math.ceil(columns / size),
    block: 2 * Math.min(32, Math.max(1, Math.floor(blockBytes / (2 * bytes)))),
  };
}

/** Elements of a padded plane of inputs. */
function paddedPlane({ size, rows, columns }: Tiling): number {
  return lanes * (size * rows + points - size) * (size * columns + points - size);
}

/** Elements of a plane of outputs, up to whole tiles. */
function outputPlane({ size, rows, columns }: Tiling): number {
  return lanes * size * rows * size * columns;
}

/** The next multiple. */
function ceil(count: number, of: number): number {
  return Math.ceil(count / of) * of;
}
