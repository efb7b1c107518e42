import { beginning, Outcome, PARTS, Planes } from "./job";
import { multiplyPoints, multiplyPointsTransposed } from "./point_products";
import { addSums, finish, loadQuartet, unloadQuartet } from "./quartets";
import { ONE, POINTS, putBack, putData, putFilter, putFilterGradient, putOutputs, putSlopes, TAPS } from "./transforms";

/*
 * Convolutions of stride 1 with filters of at most five by five taps, by the algorithm F(m x m, r x r) at nine points in each
 * direction: outputs are computed in tiles of m = 10 - r rows and columns, each from nine by nine inputs, with 81 products for
 * each input and output channel instead of m² r², which is 625 for five taps and 441 for three. A tile is one of each image of
 * a quartet. Tiles are counted through all quartets, and a block of them is transformed, multiplied and transformed back while
 * it stays in a near cache.
 */

/** How outputs are covered by tiles. */
@unmanaged
class Tiling {
  /** Outputs of a tile in each direction. */
  size: i32;
  rows: i32;
  columns: i32;
  /** Tiles of a block, an even number. */
  block: i32;
  /** Rows and columns of zeros before the image; negative to leave some out. */
  top: i32;
  left: i32;

  get tiles(): i32 {
    return this.rows * this.columns;
  }
  /** Rows and columns of a plane of outputs, in whole tiles. */
  get outHeight(): i32 {
    return this.size * this.rows;
  }
  get outWidth(): i32 {
    return this.size * this.columns;
  }
  /** Rows and columns of the padded plane that they come from. */
  get height(): i32 {
    return this.outHeight + POINTS - this.size;
  }
  get width(): i32 {
    return this.outWidth + POINTS - this.size;
  }
  /** Where a tile begins in a plane of so many columns, in bytes. */
  placeOf(tile: i32, width: i32): usize {
    return 16 * this.size * (tile / this.columns * width + tile % this.columns);
  }
}

/** Outputs [outputs, …] of every image, as correlations of its planes with filters. */
@unmanaged
class Correlation {
  images: i32;
  x: Planes;
  z: Outcome;
  /** Transformed filters, as `multiplyPoints` takes them. */
  u: usize;
  tiling: Tiling;
  /** Places for the first thread, and bytes from one thread's places to the next. */
  temporary: usize;
  padded: usize;
  v: usize;
  m: usize;
  planes: usize;
  row: usize;
  threadBytes: usize;
}

/** Does one part of the job at a place, in the places of a thread. */
export function correlate(at: usize, part: i32, thread: i32): void {
  const job = changetype<Correlation>(at), x = job.x, z = job.z, tiling = job.tiling, shift = thread * job.threadBytes;
  const padded = job.padded + shift, v = job.v + shift, m = job.m + shift, planes = job.planes + shift;
  const temporary = job.temporary + shift, tiles = tiling.tiles, capacity: usize = 4 * tiling.block;
  const width = tiling.width, height = tiling.height, rowBytes = 16 * width, planeBytes = height * rowBytes;
  const outWidth = tiling.outWidth, outRowBytes: usize = 16 * outWidth, outPlaneBytes = tiling.outHeight * outRowBytes;
  const vPlane = pointBytes(x.channels, capacity), fours = (z.outputs + 3) >> 2, mPlane = pointBytes(4 * fours, capacity);
  const quartets = (job.images + 3) >> 2, first = beginning(part, quartets) * tiles, end = beginning(part + 1, quartets) * tiles;
  memory.fill(padded, 0, x.channels * planeBytes);
  for (let start = first; start < end; start += tiling.block) {
    const count = min(tiling.block, end - start);
    for (let i = 0; i < count; i++) {
      const image = 4 * ((start + i) / tiles), tile = (start + i) % tiles;
      if (tile == 0) loadQuartet(x, image, job.images, 0, x.channels, tiling.top, tiling.left, padded, height, width, 0);
      const from = padded + tiling.placeOf(tile, width);
      transformData(from, planeBytes, rowBytes, x.channels, v + 16 * i, vPlane, 4 * capacity, temporary);
    }
    multiplyPoints(job.u, v, vPlane, m, mPlane, fours, x.channels, (4 * count + 7) & -8, capacity);
    for (let i = 0; i < count; i++) {
      const image = 4 * ((start + i) / tiles), tile = (start + i) % tiles;
      const to = planes + tiling.placeOf(tile, outWidth);
      transformOutputs(m + 16 * i, mPlane, 4 * capacity, z.outputs, z.bias, to, outPlaneBytes, outRowBytes, tiling.size, temporary);
      if (tile == tiles - 1) finish(z, image, job.images, planes, outPlaneBytes, outRowBytes, job.row + shift);
    }
  }
}

/**
 * The gradients of a correlation in its planes, its filters and its bias; a place of 0 where one is not wanted. The first is
 * the transposed algorithm, dx = Bᵀ (Uᵀ (A dy Aᵀ)) B, so that both share the transformed dy.
 */
@unmanaged
class Gradients {
  images: i32;
  x: Planes;
  dy: Planes;
  tiling: Tiling;
  /** Places for the first thread, and bytes from one thread's places to the next. */
  temporary: usize;
  padded: usize;
  slopes: usize;
  expanded: usize;
  back: usize;
  v: usize;
  s: usize;
  m: usize;
  threadBytes: usize;
  dx: usize;
  /** Transformed filters with outputs and depth exchanged, for dx. */
  u: usize;
  /** [points, outputs / 4, depth, 4] of the first part, and bytes from one part's to the next: the filters' gradient, transformed. */
  d: usize;
  dBytes: usize;
  /** The bias's gradient, float64, of the first part. */
  sums: usize;
}

/** Does one part of the job at a place, in the places of a thread. */
export function gradients(at: usize, part: i32, thread: i32): void {
  const job = changetype<Gradients>(at), x = job.x, dy = job.dy, tiling = job.tiling, shift = thread * job.threadBytes;
  const padded = job.padded + shift, slopes = job.slopes + shift, back = job.back + shift, temporary = job.temporary + shift;
  const v = job.v + shift, s = job.s + shift, m = job.m + shift, tiles = tiling.tiles, capacity: usize = 4 * tiling.block;
  const width = tiling.width, height = tiling.height, rowBytes = 16 * width, planeBytes = height * rowBytes;
  const outWidth = tiling.outWidth, slopeRowBytes: usize = 16 * outWidth, slopePlaneBytes = tiling.outHeight * slopeRowBytes;
  const fours = (dy.channels + 3) >> 2, twos = (x.channels + 1) >> 1, depthFours = (x.channels + 3) >> 2;
  const vPlane = pointBytes(2 * twos, capacity), sPlane = pointBytes(4 * fours, capacity), d = job.d + part * job.dBytes;
  const mPlane = pointBytes(4 * depthFours, capacity), sums = job.sums + 8 * part * dy.channels;
  const quartets = (job.images + 3) >> 2, first = beginning(part, quartets) * tiles, end = beginning(part + 1, quartets) * tiles;
  memory.fill(slopes, 0, dy.channels * slopePlaneBytes);
  if (job.sums != 0) memory.fill(sums, 0, 8 * dy.channels);
  if (job.d != 0) {
    memory.fill(padded, 0, x.channels * planeBytes);
    memory.fill(d, 0, POINTS * POINTS * fours * twos * 32);
  }
  for (let start = first; start < end; start += tiling.block) {
    const count = min(tiling.block, end - start);
    for (let i = 0; i < count; i++) {
      const image = 4 * ((start + i) / tiles), tile = (start + i) % tiles;
      if (tile == 0) {
        loadQuartet(dy, image, job.images, 0, dy.channels, 0, 0, slopes, tiling.outHeight, outWidth, job.expanded + shift);
        if (job.sums != 0) addSums(slopes, dy.channels, slopePlaneBytes, sums);
        if (job.d != 0) loadQuartet(x, image, job.images, 0, x.channels, tiling.top, tiling.left, padded, height, width, 0);
      }
      const slope = slopes + tiling.placeOf(tile, outWidth);
      transformSlopes(slope, slopePlaneBytes, slopeRowBytes, dy.channels, s + 16 * i, sPlane, 4 * capacity, tiling.size, temporary);
      if (job.d == 0) continue;
      const from = padded + tiling.placeOf(tile, width);
      transformData(from, planeBytes, rowBytes, x.channels, v + 16 * i, vPlane, 4 * capacity, temporary);
    }
    if (job.d != 0) multiplyPointsTransposed(s, sPlane, v, vPlane, d, fours, twos, 4 * count, capacity);
    if (job.dx == 0) continue;
    multiplyPoints(job.u, s, sPlane, m, mPlane, depthFours, dy.channels, (4 * count + 7) & -8, capacity);
    for (let i = 0; i < count; i++) {
      const image = 4 * ((start + i) / tiles), tile = (start + i) % tiles;
      if (tile == 0) memory.fill(back, 0, x.channels * planeBytes);
      const to = back + tiling.placeOf(tile, width);
      addTransformedBack(m + 16 * i, mPlane, 4 * capacity, x.channels, to, planeBytes, rowBytes, temporary);
      if (tile == tiles - 1) {
        unloadQuartet(back, height, width, tiling.top, tiling.left, job.dx, image, job.images, x.channels, x.rows, x.columns);
      }
    }
  }
}

/** Planes of points are not a power of two apart, or they would compete for the same few places of the cache. */
function pointBytes(rows: i32, capacity: usize): usize {
  return 4 * rows * capacity + 64;
}

/** Bytes from one row of transformed numbers to the next. */
const ROW: usize = POINTS * 16;

/** B X Bᵀ of a tile, for each channel. */
function transformData(
  from: usize,
  planeBytes: usize,
  rowBytes: usize,
  channels: i32,
  to: usize,
  point: usize,
  row: usize,
  temporary: usize,
): void {
  for (let c = 0; c < channels; c++, from += planeBytes, to += row) {
    for (let j: usize = 0; j < ROW; j += 16) putData(from + j, rowBytes, temporary + j, ROW);
    for (let i: usize = 0; i < POINTS; i++) putData(temporary + i * ROW, 16, to + i * POINTS * point, point);
  }
}

/** A dY Aᵀ of a tile, for each channel. */
function transformSlopes(
  from: usize,
  planeBytes: usize,
  rowBytes: usize,
  channels: i32,
  to: usize,
  point: usize,
  row: usize,
  size: i32,
  temporary: usize,
): void {
  for (let c = 0; c < channels; c++, from += planeBytes, to += row) {
    for (let j: usize = 0; j < 16 * (size as usize); j += 16) putSlopes(from + j, rowBytes, temporary + j, ROW, size);
    for (let i: usize = 0; i < POINTS; i++) putSlopes(temporary + i * ROW, 16, to + i * POINTS * point, point, size);
  }
}

/** Adds Bᵀ M B of a tile to planes, for each channel; neighbouring tiles overlap. */
function addTransformedBack(
  from: usize,
  point: usize,
  row: usize,
  channels: i32,
  to: usize,
  planeBytes: usize,
  rowBytes: usize,
  temporary: usize,
): void {
  for (let c = 0; c < channels; c++, from += row, to += planeBytes) {
    for (let j: usize = 0; j < POINTS; j++) putBack(from + j * point, POINTS * point, temporary + 16 * j, ROW, false);
    for (let i: usize = 0; i < POINTS; i++) putBack(temporary + i * ROW, 16, to + i * rowBytes, 16, true);
  }
}

/** Aᵀ M A of a tile and the bias, for each output channel. */
function transformOutputs(
  from: usize,
  point: usize,
  row: usize,
  outputs: i32,
  bias: usize,
  to: usize,
  planeBytes: usize,
  rowBytes: usize,
  size: i32,
  temporary: usize,
): void {
  const one = (POINTS + 1) * ONE * point;
  for (let o = 0; o < outputs; o++, from += row, to += planeBytes, bias += 4) {
    // What is added where all powers are 1 is added to every output.
    v128.store(from + one, f32x4.add(v128.load(from + one), v128.load32_splat(bias)));
    for (let j: usize = 0; j < POINTS; j++) putOutputs(from + j * point, POINTS * point, temporary + 16 * j, ROW, size);
    for (let i: usize = 0; i < (size as usize); i++) putOutputs(temporary + i * ROW, 16, to + i * rowBytes, 16, size);
  }
}

/**
 * U = G W Gᵀ of filters, four outputs in the lanes: w[o, c, a, b] is at w + o outputStep + c depthStep + a rowStep +
 * b columnStep, all in bytes and of either sign, and of `taps` by `taps` those from `height` and `width` on are 0. U lies as
 * [points, outputs / 4, depth, 4].
 */
export function transformFilters(
  w: usize,
  outputs: i32,
  depth: i32,
  height: i32,
  width: i32,
  taps: i32,
  outputStep: i32,
  depthStep: i32,
  rowStep: i32,
  columnStep: i32,
  u: usize,
  temporary: usize,
): void {
  const fours = (outputs + 3) >> 2, point = 16 * (fours as usize) * (depth as usize), row = TAPS * 16, half = temporary + TAPS * row;
  for (let i = 0; i < fours; i++) {
    for (let c = 0; c < depth; c++, u += 16) {
      memory.fill(temporary, 0, TAPS * row);
      for (let lane = 0; lane < min(4, outputs - 4 * i); lane++) {
        for (let a = 0; a < height; a++) {
          for (let b = 0; b < width; b++) {
            const from = w + (4 * i + lane) * outputStep + c * depthStep + a * rowStep + b * columnStep;
            store<f32>(temporary + a * row + 16 * b + 4 * lane, load<f32>(from));
          }
        }
      }
      for (let b: usize = 0; b < row; b += 16) putFilter(temporary + b, row, half + b, row, taps);
      for (let a: usize = 0; a < POINTS; a++) putFilter(half + a * row, 16, u + a * POINTS * point, point, taps);
    }
  }
}

/** dW = Gᵀ (Σ D) G over the parts' sums, to row-major w [outputs, depth, height, width]. */
export function gatherFilterGradient(
  d: usize,
  dBytes: usize,
  outputs: i32,
  depth: i32,
  height: i32,
  width: i32,
  tapCount: i32,
  w: usize,
  temporary: usize,
): void {
  const fours = (outputs + 3) >> 2, even = (depth + 1) & -2, point = 16 * (fours as usize) * (even as usize);
  const half = temporary + POINTS * ROW, taps = half + TAPS * ROW, row = TAPS * 16;
  for (let i = 0; i < fours; i++) {
    for (let c = 0; c < even; c++, d += 16) {
      if (c >= depth) continue;
      for (let p: usize = 0; p < POINTS * POINTS; p++) {
        let sum = v128.load(d + p * point);
        for (let part = 1; part < PARTS; part++) sum = f32x4.add(sum, v128.load(d + part * dBytes + p * point));
        v128.store(temporary + 16 * p, sum);
      }
      for (let b: usize = 0; b < ROW; b += 16) putFilterGradient(temporary + b, ROW, half + b, ROW, tapCount);
      for (let a: usize = 0; a < TAPS; a++) putFilterGradient(half + a * ROW, 16, taps + a * row, 16, tapCount);
      for (let lane = 0; lane < min(4, outputs - 4 * i); lane++) {
        const to = w + 4 * (((4 * i + lane) * depth + c) * height * width);
        for (let a = 0; a < height; a++) {
          for (let b = 0; b < width; b++) store<f32>(to + 4 * (a * width + b), load<f32>(taps + a * row + 16 * b + 4 * lane));
        }
      }
    }
  }
}
