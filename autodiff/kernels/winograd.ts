import type { Pooled, Pooling2d, Window2d } from "../devices/device.ts";
import { contiguousData, type NdArray, type Shape, sizeOf, type TypedArray } from "../ndarray.ts";
import type { PooledImages } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { partCount } from "./thread_pool.ts";
import type { Workspace } from "./workspace.ts";

/** Outputs of a tile, inputs of a tile, and taps of a filter, in each direction; points of a transformed tile. */
const tile = 4, patch = 8, taps = 5, points = patch * patch;
/** Neighbouring tiles that are transformed together, one in each lane. */
const lanes = 4;
/** Bytes of a near cache that a block of transformed tiles may take. */
const blockBytes = 400 * 1024;
/** Numbers that the kernels keep before the padded planes. */
const temporaries = 256;

/** The tiles that cover outputs, and how many quads of them are transformed at a time. */
interface Tiling {
  tileRows: number;
  rowQuads: number;
  block: number;
}

/** Images, or their gradient before a max pooling, of which only the gradient after it is there. */
interface Source {
  array: NdArray;
  shape: Shape;
  pooled?: Pooled;
}

/**
 * Convolutions of stride 1 by the algorithm F(4x4, 5x5), which takes 64 multiplications for 16 outputs of 25 taps instead of
 * 400. Smaller filters get taps of 0. Errors are below 1e-5 of Σ |x| |w| over the patches of a tile; an infinity or NaN spreads over its tile.
 */
export class WinogradProducts {
  constructor(readonly machine: Machine) {}

  /** Whether these products pay for filters [o, c, p, q] and outputs [n, o, rows, columns], against direct ones. */
  static pays([outputs, channels, height, width]: Shape, { stride }: Window2d, [, , rows, columns]: Shape): boolean {
    if (stride[0] !== 1 || stride[1] !== 1 || height > taps || width > taps) return false;
    const { tileRows, rowQuads } = tilingOf(rows, columns, channels, outputs), quads = tileRows * rowQuads;
    // Vector instructions as counted in the kernels; a direct product works on sixteen neighbouring columns.
    const transforms = 700 * channels + 380 * outputs, products = points * ceil(outputs, 4) * channels * 3;
    const direct = rows * ceil(columns, 16) / 4 * ceil(outputs, 3) * channels * height * width * 3;
    return quads * (transforms + products) < direct;
  }

  forward(
    x: NdArray,
    filter: NdArray,
    bias: TypedArray | null,
    { padding }: Window2d,
    shape: Shape,
    pooling?: Pooling2d,
  ): PooledImages {
    const [, channels, height, width] = filter.shape, area = height * width;
    const layout = [4 * channels * area, 4 * area, 4 * width, 4];
    return this.#correlate({ array: x, shape: x.shape }, filter, layout, 0, padding, shape, bias, pooling);
  }

  inputGradient(dy: NdArray, filter: NdArray, { padding }: Window2d, shape: Shape, pooled?: Pooled): TypedArray {
    // The adjoint correlates dy with the filters turned by half a circle.
    const [, channels, height, width] = filter.shape, area = height * width;
    const layout = [4 * area, 4 * channels * area, -4 * width, -4];
    const source = { array: dy, shape: pooled?.shape ?? dy.shape, pooled };
    const around: [number, number] = [height - 1 - padding[0], width - 1 - padding[1]];
    return this.#correlate(source, filter, layout, 4 * (area - 1), around, shape, null).values;
  }

  filterGradient(x: NdArray, dy: NdArray, { padding }: Window2d, shape: Shape, pooled?: Pooled): TypedArray {
    const { machine, machine: { workspace } } = this, slopes = pooled?.shape ?? dy.shape;
    const [outputs, channels, height, width] = shape, [images, , rows, columns] = slopes;
    const tiling = tilingOf(rows, columns, channels, outputs), { tileRows, rowQuads, block } = tiling;
    workspace.clear();
    const size = sizeOf(shape), dw = workspace.reserve(size), sums = points * ceil(outputs, 4) * ceil(channels, 2);
    const d = workspace.reserve(partCount * sums);
    const parts = new Parts(workspace);
    const temporary = parts.reserve(temporaries), padded = parts.reserve(channels * paddedPlane(tiling));
    const slope = parts.reserve(outputs * outputPlane(tiling)),
      expanded = parts.reserve(pooled === undefined ? 0 : rows * columns);
    const v = parts.reserve(points * (ceil(channels, 2) * lanes * block + 16));
    const s = parts.reserve(points * (ceil(outputs, 4) * lanes * block + 16));
    machine.run(
      "filterGradient",
      workspace.record("FilterGradient", {
        images,
        x: planes(workspace, { array: x, shape: x.shape }),
        dy: planes(workspace, { array: dy, shape: slopes, pooled }),
        top: padding[0],
        left: padding[1],
        tileRows,
        rowQuads,
        block,
        padded,
        slopes: slope,
        expanded,
        v,
        s,
        partBytes: parts.finish(),
        d,
        dBytes: 4 * sums,
      }),
    );
    machine.exports.gatherFilterGradient(d, 4 * sums, outputs, channels, height, width, dw, temporary);
    return workspace.floats(dw, size).slice();
  }

  /** Every output plane as a sum of correlations of all planes; `layout` has the filter's steps in bytes, output, depth, row and column. */
  #correlate(
    source: Source,
    filter: NdArray,
    layout: readonly number[],
    start: number,
    [top, left]: readonly [number, number],
    [images, outputs, rows, columns]: Shape,
    bias: TypedArray | null,
    pooling?: Pooling2d,
  ): PooledImages {
    const { machine, machine: { workspace } } = this, [, channels, inRows, inColumns] = source.shape;
    const tiling = tilingOf(rows, columns, channels, outputs), { tileRows, rowQuads, block } = tiling;
    workspace.clear();
    const size = sizeOf(pooling?.shape ?? [images, outputs, rows, columns]);
    const values = workspace.reserve(size), positions = pooling === undefined ? 0 : workspace.reserve(size);
    const fours = ceil(outputs, 4), u = workspace.reserve(points * fours * channels);
    const parts = new Parts(workspace);
    const temporary = parts.reserve(temporaries), padded = parts.reserve(channels * paddedPlane(tiling));
    const expanded = parts.reserve(source.pooled === undefined ? 0 : inRows * inColumns);
    const v = parts.reserve(points * (channels * lanes * block + 16)), m = parts.reserve(points * (fours * lanes * block + 16));
    const outcomes = parts.reserve(outputs * outputPlane(tiling));
    const partBytes = parts.finish(), [, , height, width] = filter.shape;
    const w = workspace.store(contiguousData(filter)) + start, [outputStep, depthStep, rowStep, columnStep] = layout;
    const steps = [outputStep, depthStep, rowStep, columnStep];
    machine.exports.transformFilters(w, outputs, channels, height, width, ...steps, u, temporary);
    const addend = bias === null ? workspace.zeros(outputs) : workspace.store(bias);
    machine.run(
      "correlate",
      workspace.record("Correlation", {
        images,
        x: planes(workspace, source),
        z: outcome(workspace, { values, outputs, rows, columns, bias: addend }, pooling, positions),
        u,
        top,
        left,
        tileRows,
        rowQuads,
        block,
        padded,
        expanded,
        v,
        m,
        planes: outcomes,
        partBytes,
      }),
    );
    return { values: workspace.floats(values, size).slice(), positions: workspace.ints(positions, pooling ? size : 0).slice() };
  }
}

/** Places for the first part of a job; those of the others follow at equal distances. */
class Parts {
  readonly #start: number;
  constructor(readonly workspace: Workspace) {
    this.#start = workspace.reserve(0);
  }
  reserve(elements: number): number {
    return this.workspace.reserve(elements);
  }
  /** Bytes from one part's places to the next, for all of which there is room then. */
  finish(): number {
    const bytes = this.workspace.reserve(0) - this.#start;
    this.workspace.reserve((partCount - 1) * bytes / 4);
    return bytes;
  }
}

/** Record of the planes that a job reads. */
function planes(workspace: Workspace, { array, shape: [, channels, rows, columns], pooled }: Source): number {
  return workspace.record("Planes", {
    values: workspace.store(contiguousData(array)),
    channels,
    rows,
    columns,
    positions: pooled === undefined ? 0 : workspace.storeArray(contiguousData(pooled.positions)),
    pooled: pooled === undefined ? 0 : array.shape[2] * array.shape[3],
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

function tilingOf(rows: number, columns: number, channels: number, outputs: number): Tiling {
  const bytes = 4 * lanes * points * (ceil(channels, 2) + ceil(outputs, 4));
  return {
    tileRows: Math.ceil(rows / tile),
    rowQuads: Math.ceil(columns / (tile * lanes)),
    block: 2 * Math.min(32, Math.max(1, Math.floor(blockBytes / (2 * bytes)))),
  };
}

/** Elements of a padded plane of inputs. */
function paddedPlane({ tileRows, rowQuads }: Tiling): number {
  return (tile * tileRows + patch - tile) * (tile * lanes * rowQuads + patch - tile);
}

/** Elements of a plane of outputs, up to whole tiles. */
function outputPlane({ tileRows, rowQuads }: Tiling): number {
  return tile * tileRows * tile * lanes * rowQuads;
}

/** The next multiple. */
function ceil(count: number, of: number): number {
  return Math.ceil(count / of) * of;
}
