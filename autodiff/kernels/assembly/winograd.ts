import { Outcome, PARTS, Planes } from "./job";
import { firsts, fourths, seconds, thirds } from "./lanes";
import { multiplyPoints, multiplyPointsTransposed, POINTS } from "./point_products";
import { addSums, finish, greatest, inPairs, loadImage, place, putFour, unloadImage } from "./planes";
import { putBack, putData, putFilter, putFilterGradient, putSlopes, weighted } from "./transforms";

/*
 * Convolutions of stride 1 with filters of at most five by five taps, by the algorithm F(4x4, 5x5): outputs are computed in
 * tiles of four by four, each from eight by eight inputs, with 64 products for each input and output channel instead of 400.
 * Tiles are taken four neighbours at a time, a "quad", one in each lane of a vector. Quads are counted through all images, and
 * a block of them is transformed, multiplied and transformed back while it stays in a near cache.
 */

/** Outputs [outputs, …] of every image, as correlations of its planes with filters. */
@unmanaged
class Correlation {
  images: i32;
  x: Planes;
  z: Outcome;
  /** Transformed filters, as `multiplyPoints` takes them. */
  u: usize;
  /** Rows and columns of zeros before the image; negative to leave some out. */
  top: i32;
  left: i32;
  tileRows: i32;
  rowQuads: i32;
  /** Quads of a block, an even number. */
  block: i32;
  /** Places for the first thread, and bytes from one thread's places to the next. */
  padded: usize;
  v: usize;
  m: usize;
  planes: usize;
  threadBytes: usize;
}

/** Does one part of the job at a place, in the places of a thread. */
export function correlate(at: usize, part: i32, thread: i32): void {
  const job = changetype<Correlation>(at), x = job.x, z = job.z, shift = thread * job.threadBytes;
  const padded = job.padded + shift, v = job.v + shift, m = job.m + shift, planes = job.planes + shift;
  const rowBytes = rowBytesOf(job.rowQuads), height = 4 * job.tileRows + 4, planeBytes = height * rowBytes;
  const outRowBytes: usize = 64 * job.rowQuads, outPlaneBytes = 4 * job.tileRows * outRowBytes;
  const capacity: usize = 4 * job.block, vPlane = pointBytes(x.channels, capacity);
  const fours = (z.outputs + 3) >> 2, mPlane = pointBytes(4 * fours, capacity);
  const quads = job.tileRows * job.rowQuads, pairs = inPairs(z);
  const first = part * job.images / PARTS * quads, end = (part + 1) * job.images / PARTS * quads;
  memory.fill(padded, 0, x.channels * planeBytes);
  for (let start = first; start < end; start += job.block) {
    const count = min(job.block, end - start);
    for (let i = 0; i < count; i++) {
      const image = (start + i) / quads, quad = (start + i) % quads;
      if (quad == 0) loadImage(x, image, job.top, job.left, padded, height, rowBytes, 0);
      const from = padded + 4 * (quad / job.rowQuads) * rowBytes + 64 * (quad % job.rowQuads);
      transformData(from, planeBytes, rowBytes, x.channels, v + 16 * i, vPlane, 4 * capacity, padded - TEMPORARY);
    }
    multiplyPoints(job.u, v, vPlane, m, mPlane, fours, x.channels, (4 * count + 7) & -8, capacity);
    for (let i = 0; i < count; i++) {
      const image = (start + i) / quads, quad = (start + i) % quads;
      if (pairs) {
        poolOutputs(m + 16 * i, mPlane, 4 * capacity, z, image, quad / job.rowQuads, quad % job.rowQuads, padded - TEMPORARY);
        continue;
      }
      const to = planes + 4 * (quad / job.rowQuads) * outRowBytes + 64 * (quad % job.rowQuads);
      transformOutputs(m + 16 * i, mPlane, 4 * capacity, z.outputs, z.bias, to, outPlaneBytes, outRowBytes, padded - TEMPORARY);
      if (quad == quads - 1) finish(z, image, planes, outPlaneBytes, outRowBytes);
    }
  }
}

/**
 * The gradients of a correlation in its planes, its filters and its bias; a place of 0 where one is not wanted. The first is
 * the transposed algorithm, dx = B ((Uᵀ (A dy Aᵀ)) Bᵀ, so that both share the transformed dy.
 */
@unmanaged
class Gradients {
  images: i32;
  x: Planes;
  dy: Planes;
  top: i32;
  left: i32;
  tileRows: i32;
  rowQuads: i32;
  block: i32;
  /** Places for the first thread, and bytes from one thread's places to the next. */
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
  const job = changetype<Gradients>(at), x = job.x, dy = job.dy, shift = thread * job.threadBytes;
  const padded = job.padded + shift, slopes = job.slopes + shift, back = job.back + shift;
  const v = job.v + shift, s = job.s + shift, m = job.m + shift;
  const rowBytes = rowBytesOf(job.rowQuads), height = 4 * job.tileRows + 4, planeBytes = height * rowBytes;
  const slopeRowBytes: usize = 64 * job.rowQuads, slopePlaneBytes = 4 * job.tileRows * slopeRowBytes;
  const fours = (dy.channels + 3) >> 2, twos = (x.channels + 1) >> 1, capacity: usize = 4 * job.block;
  const vPlane = pointBytes(2 * twos, capacity), sPlane = pointBytes(4 * fours, capacity), d = job.d + part * job.dBytes;
  const depthFours = (x.channels + 3) >> 2, mPlane = pointBytes(4 * depthFours, capacity), temporary = slopes - TEMPORARY;
  const quads = job.tileRows * job.rowQuads, sums = job.sums + 8 * part * dy.channels;
  const first = part * job.images / PARTS * quads, end = (part + 1) * job.images / PARTS * quads;
  memory.fill(slopes, 0, dy.channels * slopePlaneBytes);
  if (job.sums != 0) memory.fill(sums, 0, 8 * dy.channels);
  if (job.d != 0) {
    memory.fill(padded, 0, x.channels * planeBytes);
    memory.fill(d, 0, POINTS * fours * twos * 32);
  }
  for (let start = first; start < end; start += job.block) {
    const count = min(job.block, end - start);
    for (let i = 0; i < count; i++) {
      const image = (start + i) / quads, quad = (start + i) % quads, row = quad / job.rowQuads, column = quad % job.rowQuads;
      if (quad == 0) {
        loadImage(dy, image, 0, 0, slopes, height - 4, slopeRowBytes, job.expanded + shift);
        if (job.sums != 0) addSums(slopes, dy.channels, slopePlaneBytes, sums);
        if (job.d != 0) loadImage(x, image, job.top, job.left, padded, height, rowBytes, 0);
      }
      const slope = slopes + 4 * row * slopeRowBytes + 64 * column;
      transformSlopes(slope, slopePlaneBytes, slopeRowBytes, dy.channels, s + 16 * i, sPlane, 4 * capacity, temporary);
      if (job.d == 0) continue;
      const from = padded + 4 * row * rowBytes + 64 * column;
      transformData(from, planeBytes, rowBytes, x.channels, v + 16 * i, vPlane, 4 * capacity, temporary);
    }
    if (job.d != 0) multiplyPointsTransposed(s, sPlane, v, vPlane, d, fours, twos, 4 * count, capacity);
    if (job.dx == 0) continue;
    multiplyPoints(job.u, s, sPlane, m, mPlane, depthFours, dy.channels, (4 * count + 7) & -8, capacity);
    for (let i = 0; i < count; i++) {
      const image = (start + i) / quads, quad = (start + i) % quads;
      if (quad == 0) memory.fill(back, 0, x.channels * planeBytes);
      const to = back + 4 * (quad / job.rowQuads) * rowBytes + 64 * (quad % job.rowQuads);
      addTransformedBack(m + 16 * i, mPlane, 4 * capacity, x.channels, to, planeBytes, rowBytes, temporary);
      if (quad == quads - 1) {
        const dx = job.dx + 4 * (image * x.channels * x.rows * x.columns);
        unloadImage(back, height, rowBytes, job.top, job.left, dx, x.channels, x.rows, x.columns);
      }
    }
  }
}

/** Bytes that lie before the padded planes for results on their way. */
const TEMPORARY: usize = 1024;

function rowBytesOf(rowQuads: i32): usize {
  return 64 * rowQuads + 16;
}

/** Planes of points are not a power of two apart, or they would compete for the same few places of the cache. */
function pointBytes(rows: i32, capacity: usize): usize {
  return 4 * rows * capacity + 64;
}

/** Bᵀ X B of a quad of tiles, for each channel. */
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
    // Down the columns, of which four tiles have twenty.
    for (let j: usize = 0; j < 80; j += 16) {
      const at = from + j, middle = at + 4 * rowBytes;
      const x0 = v128.load(at), x1 = v128.load(at + rowBytes), x2 = v128.load(at + 2 * rowBytes), x3 = v128.load(at + 3 * rowBytes);
      const x4 = v128.load(middle), x5 = v128.load(middle + rowBytes), x6 = v128.load(middle + 2 * rowBytes);
      putData(x0, x1, x2, x3, x4, x5, x6, v128.load(middle + 3 * rowBytes), temporary + j, 80);
    }
    // Along the rows, one tile in each lane.
    for (let i: usize = 0; i < 8; i++) {
      const at = temporary + 80 * i;
      const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48), e = v128.load(at, 64);
      const x0 = firsts(a, b, c, d), x1 = seconds(a, b, c, d), x2 = thirds(a, b, c, d), x3 = fourths(a, b, c, d);
      const x4 = v128.shuffle<f32>(x0, e, 1, 2, 3, 4), x5 = v128.shuffle<f32>(x1, e, 1, 2, 3, 5);
      const x6 = v128.shuffle<f32>(x2, e, 1, 2, 3, 6), x7 = v128.shuffle<f32>(x3, e, 1, 2, 3, 7);
      putData(x0, x1, x2, x3, x4, x5, x6, x7, to + 8 * i * point, point);
    }
  }
}

/** A dY Aᵀ of a quad of tiles, for each channel. */
function transformSlopes(
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
    for (let j: usize = 0; j < 64; j += 16) {
      const at = from + j;
      const x0 = v128.load(at), x1 = v128.load(at + rowBytes), x2 = v128.load(at + 2 * rowBytes);
      putSlopes(x0, x1, x2, v128.load(at + 3 * rowBytes), temporary + j, 64);
    }
    for (let i: usize = 0; i < 8; i++) {
      const at = temporary + 64 * i;
      const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
      const x0 = firsts(a, b, c, d), x1 = seconds(a, b, c, d), x2 = thirds(a, b, c, d), x3 = fourths(a, b, c, d);
      putSlopes(x0, x1, x2, x3, to + 8 * i * point, point);
    }
  }
}

/** Adds B M Bᵀ of a quad of tiles to planes, for each channel; neighbouring tiles overlap by four. */
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
  const zero = f32x4.splat(0);
  for (let c = 0; c < channels; c++, from += row, to += planeBytes) {
    for (let j: usize = 0; j < 8; j++) {
      const at = from + j * point, step = 8 * point, low = at + 3 * step, high = low + 3 * step;
      const m0 = v128.load(at), m1 = v128.load(at + step), m2 = v128.load(at + 2 * step), m3 = v128.load(low);
      const m4 = v128.load(low + step), m5 = v128.load(low + 2 * step), m6 = v128.load(high);
      putBack(m0, m1, m2, m3, m4, m5, m6, v128.load(high + step), temporary + 16 * j, 128);
    }
    for (let i: usize = 0; i < 8; i++) {
      const at = temporary + 128 * i, place = to + i * rowBytes;
      const m0 = v128.load(at), m1 = v128.load(at, 16), m2 = v128.load(at, 32), m3 = v128.load(at, 48);
      const m4 = v128.load(at, 64), m5 = v128.load(at, 80), m6 = v128.load(at, 96);
      putBack(m0, m1, m2, m3, m4, m5, m6, v128.load(at, 112), at, 16);
      // The second half of a tile lies on the first half of its right neighbour, one lane further.
      const y4 = v128.load(at, 64), y5 = v128.load(at, 80), y6 = v128.load(at, 96), y7 = v128.load(at, 112);
      const y0 = f32x4.add(v128.load(at), v128.shuffle<f32>(zero, y4, 0, 4, 5, 6));
      const y1 = f32x4.add(v128.load(at, 16), v128.shuffle<f32>(zero, y5, 0, 4, 5, 6));
      const y2 = f32x4.add(v128.load(at, 32), v128.shuffle<f32>(zero, y6, 0, 4, 5, 6));
      const y3 = f32x4.add(v128.load(at, 48), v128.shuffle<f32>(zero, y7, 0, 4, 5, 6));
      v128.store(place, f32x4.add(v128.load(place), firsts(y0, y1, y2, y3)));
      v128.store(place, f32x4.add(v128.load(place, 16), seconds(y0, y1, y2, y3)), 16);
      v128.store(place, f32x4.add(v128.load(place, 32), thirds(y0, y1, y2, y3)), 32);
      v128.store(place, f32x4.add(v128.load(place, 48), fourths(y0, y1, y2, y3)), 48);
      v128.store(place, f32x4.add(v128.load(place, 64), fourths(y4, y5, y6, y7)), 64);
    }
  }
}

/** Aᵀ M A of a quad of tiles and the bias, for each output channel. */
function transformOutputs(
  from: usize,
  point: usize,
  row: usize,
  outputs: i32,
  bias: usize,
  to: usize,
  planeBytes: usize,
  rowBytes: usize,
  temporary: usize,
): void {
  for (let o = 0; o < outputs; o++, from += row, to += planeBytes, bias += 4) {
    transformOutput(from, point, v128.load32_splat(bias), temporary);
    for (let i: usize = 0; i < 4; i++) {
      const at = temporary + 64 * i, place = to + i * rowBytes;
      const y0 = v128.load(at), y1 = v128.load(at, 16), y2 = v128.load(at, 32), y3 = v128.load(at, 48);
      // From one tile in each lane to neighbouring columns.
      v128.store(place, firsts(y0, y1, y2, y3));
      v128.store(place, seconds(y0, y1, y2, y3), 16);
      v128.store(place, thirds(y0, y1, y2, y3), 32);
      v128.store(place, fourths(y0, y1, y2, y3), 48);
    }
  }
}

/** As {@link transformOutputs}, then pooled two by two while one tile is in each lane, to where the results belong. */
function poolOutputs(
  from: usize,
  point: usize,
  row: usize,
  z: Outcome,
  image: i32,
  tileRow: i32,
  rowQuad: i32,
  temporary: usize,
): void {
  const relu = z.relu, columns = z.columns, pooledColumns = z.pooledColumns, count = pooledColumns - 8 * rowQuad;
  const fours = i32x4(0, 4, 8, 12), two = i32x4.splat(2), pooledRows = min(2, z.pooledRows - 2 * tileRow);
  const size = z.rows * columns, pooledSize = z.pooledRows * pooledColumns;
  let first = image * z.outputs * size + 4 * tileRow * columns + 16 * rowQuad, bias = z.bias;
  let to: usize = 4 * (image * z.outputs * pooledSize + 2 * tileRow * pooledColumns + 8 * rowQuad);
  for (let o = 0; o < z.outputs; o++, from += row, bias += 4, first += size, to += 4 * pooledSize) {
    transformOutput(from, point, v128.load32_splat(bias), temporary);
    for (let i = 0; i < pooledRows; i++) {
      const at = temporary + 128 * i, start = i32x4.add(i32x4.splat(first + 2 * i * columns), fours);
      const p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 64), s = v128.load(at, 80);
      const left = greatest(p, q, r, s, relu), leftPlace = place(p, q, r, s, start, columns);
      const t = v128.load(at, 32), u = v128.load(at, 48), v = v128.load(at, 96), w = v128.load(at, 112);
      const right = greatest(t, u, v, w, relu), rightPlace = place(t, u, v, w, i32x4.add(start, two), columns);
      const values = z.values + to + 4 * i * pooledColumns, positions = z.positions + to + 4 * i * pooledColumns;
      putFour(values, v128.shuffle<f32>(left, right, 0, 4, 1, 5), count);
      putFour(positions, v128.shuffle<i32>(leftPlace, rightPlace, 0, 4, 1, 5), count);
      putFour(values + 16, v128.shuffle<f32>(left, right, 2, 6, 3, 7), count - 4);
      putFour(positions + 16, v128.shuffle<i32>(leftPlace, rightPlace, 2, 6, 3, 7), count - 4);
    }
  }
}

/** Aᵀ M A and the bias: four rows of four columns, of a tile in each lane. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function transformOutput(from: usize, point: usize, bias: v128, to: usize): void {
  const between = to + 256;
  for (let j: usize = 0; j < 8; j++) {
    let at = from + j * point;
    const m0 = v128.load(at), m1 = v128.load(at += 8 * point), m2 = v128.load(at += 8 * point), m3 = v128.load(at += 8 * point);
    const m4 = v128.load(at += 8 * point), m5 = v128.load(at += 8 * point), m6 = v128.load(at += 8 * point);
    const p1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), p2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
    const p3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6), place = between + 16 * j;
    v128.store(place, f32x4.add(f32x4.add(m0, p1), f32x4.add(p2, p3)));
    v128.store(place, weighted(d1, d2, d3, 2, 0.5), 128);
    v128.store(place, weighted(p1, p2, p3, 4, 0.25), 256);
    const y3 = weighted(d1, d2, d3, 8, 0.125);
    v128.store(place, f32x4.add(y3, v128.load(at + 8 * point)), 384);
  }
  for (let i: usize = 0; i < 4; i++) {
    const at = between + 128 * i, place = to + 64 * i;
    const m1 = v128.load(at, 16), m2 = v128.load(at, 32), m3 = v128.load(at, 48), m4 = v128.load(at, 64);
    const m5 = v128.load(at, 80), m6 = v128.load(at, 96);
    const p1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), p2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
    const p3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6);
    v128.store(place, f32x4.add(f32x4.add(f32x4.add(v128.load(at), p1), f32x4.add(p2, p3)), bias));
    v128.store(place, f32x4.add(weighted(d1, d2, d3, 2, 0.5), bias), 16);
    v128.store(place, f32x4.add(weighted(p1, p2, p3, 4, 0.25), bias), 32);
    const last = weighted(d1, d2, d3, 8, 0.125);
    v128.store(place, f32x4.add(f32x4.add(last, v128.load(at, 112)), bias), 48);
  }
}

/**
 * U = G W Gᵀ of filters, four outputs in the lanes: w[o, c, a, b] is at w + o outputStep + c depthStep + a rowStep +
 * b columnStep, all in bytes and of either sign, and taps from `height` and `width` on are 0. U lies as [points, outputs / 4, depth, 4].
 */
export function transformFilters(
  w: usize,
  outputs: i32,
  depth: i32,
  height: i32,
  width: i32,
  outputStep: i32,
  depthStep: i32,
  rowStep: i32,
  columnStep: i32,
  u: usize,
  temporary: usize,
): void {
  const fours = (outputs + 3) >> 2, point = 16 * (fours as usize) * (depth as usize), taps = temporary, half = temporary + 400;
  for (let i = 0; i < fours; i++) {
    for (let c = 0; c < depth; c++, u += 16) {
      memory.fill(taps, 0, 400);
      for (let lane = 0; lane < min(4, outputs - 4 * i); lane++) {
        for (let a = 0; a < height; a++) {
          for (let b = 0; b < width; b++) {
            const from = w + (4 * i + lane) * outputStep + c * depthStep + a * rowStep + b * columnStep;
            store<f32>(taps + 16 * (5 * a + b) + 4 * lane, load<f32>(from));
          }
        }
      }
      for (let b: usize = 0; b < 5; b++) {
        const at = taps + 16 * b;
        putFilter(v128.load(at), v128.load(at, 80), v128.load(at, 160), v128.load(at, 240), v128.load(at, 320), half + 16 * b, 80);
      }
      for (let a: usize = 0; a < 8; a++) {
        const at = half + 80 * a;
        const w0 = v128.load(at), w1 = v128.load(at, 16), w2 = v128.load(at, 32), w3 = v128.load(at, 48);
        putFilter(w0, w1, w2, w3, v128.load(at, 64), u + 8 * a * point, point);
      }
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
  w: usize,
  temporary: usize,
): void {
  const fours = (outputs + 3) >> 2, even = (depth + 1) & -2, point = 16 * (fours as usize) * (even as usize);
  const half = temporary + 1024, taps = half + 640;
  for (let i = 0; i < fours; i++) {
    for (let c = 0; c < even; c++, d += 16) {
      if (c >= depth) continue;
      for (let p = 0; p < POINTS; p++) {
        let sum = v128.load(d + p * point);
        for (let part = 1; part < PARTS; part++) sum = f32x4.add(sum, v128.load(d + part * dBytes + p * point));
        v128.store(temporary + 16 * p, sum);
      }
      for (let b: usize = 0; b < 8; b++) {
        const at = temporary + 16 * b;
        const d0 = v128.load(at), d1 = v128.load(at, 128), d2 = v128.load(at, 256), d3 = v128.load(at, 384);
        const d4 = v128.load(at, 512), d5 = v128.load(at, 640), d6 = v128.load(at, 768);
        putFilterGradient(d0, d1, d2, d3, d4, d5, d6, v128.load(at, 896), half + 16 * b, 128);
      }
      for (let a: usize = 0; a < 5; a++) {
        const at = half + 128 * a;
        const d0 = v128.load(at), d1 = v128.load(at, 16), d2 = v128.load(at, 32), d3 = v128.load(at, 48);
        const d4 = v128.load(at, 64), d5 = v128.load(at, 80), d6 = v128.load(at, 96);
        putFilterGradient(d0, d1, d2, d3, d4, d5, d6, v128.load(at, 112), taps + 80 * a, 16);
      }
      for (let lane = 0; lane < min(4, outputs - 4 * i); lane++) {
        const to = w + 4 * (((4 * i + lane) * depth + c) * height * width);
        for (let a = 0; a < height; a++) {
          for (let b = 0; b < width; b++) store<f32>(to + 4 * (a * width + b), load<f32>(taps + 80 * a + 16 * b + 4 * lane));
        }
      }
    }
  }
}
