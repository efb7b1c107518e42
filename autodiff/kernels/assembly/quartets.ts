import { beginning, Outcome, Planes } from "./job";
import { firsts, fourths, seconds, thirds } from "./vectors";

/* Four images at a time, a "quartet", one in each lane of a vector: planes of vectors instead of four planes of numbers each.
 * One load then reads the numbers of all four images at a position, wherever a tile or a window begins. Missing images of the
 * last quartet are zeros, and have the place of the last image.
 */

/** The place of an image of a quartet; images are `bytes` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function placeOf(start: usize, first: i32, lane: i32, images: i32, bytes: usize): usize {
  return start + (min(first + lane, images - 1) as usize) * bytes;
}

/** All ones in the lanes of images that exist. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function present(first: i32, images: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(images));
}

/** Interleaves numbers at four places into `count` vectors. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function interleave(a: usize, b: usize, c: usize, d: usize, to: usize, count: i32, mask: v128): void {
  for (; count >= 4; count -= 4, a += 16, b += 16, c += 16, d += 16, to += 64) {
    const p = v128.load(a), q = v128.load(b), r = v128.load(c), s = v128.load(d);
    v128.store(to, v128.and(firsts(p, q, r, s), mask));
    v128.store(to, v128.and(seconds(p, q, r, s), mask), 16);
    v128.store(to, v128.and(thirds(p, q, r, s), mask), 32);
    v128.store(to, v128.and(fourths(p, q, r, s), mask), 48);
  }
  for (; count > 0; count--, a += 4, b += 4, c += 4, d += 4, to += 16) {
    let x = v128.load32_zero(a);
    x = v128.load32_lane(b, x, 1);
    x = v128.load32_lane(c, x, 2);
    v128.store(to, v128.and(v128.load32_lane(d, x, 3), mask));
  }
}

/** Separates `count` vectors into numbers at four places, the last first: missing images share a place with the last image. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function separate(from: usize, a: usize, b: usize, c: usize, d: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 64, a += 16, b += 16, c += 16, d += 16) {
    const p = v128.load(from), q = v128.load(from, 16), r = v128.load(from, 32), s = v128.load(from, 48);
    v128.store(d, fourths(p, q, r, s));
    v128.store(c, thirds(p, q, r, s));
    v128.store(b, seconds(p, q, r, s));
    v128.store(a, firsts(p, q, r, s));
  }
  for (; count > 0; count--, from += 16, a += 4, b += 4, c += 4, d += 4) {
    const x = v128.load(from);
    v128.store32_lane(d, x, 3);
    v128.store32_lane(c, x, 2);
    v128.store32_lane(b, x, 1);
    v128.store32_lane(a, x, 0);
  }
}

/**
 * Copies a channel's planes of a quartet to a padded plane of `height` rows of `width` vectors: element [0, 0] goes to row `top`
 * and column `left`. Elements that do not fit are dropped; the surroundings are not changed.
 * @param expanded room for one plane of vectors, if the planes are gradients of a pooling
 */
export function loadPlane(
  planes: Planes,
  first: i32,
  images: i32,
  channel: i32,
  top: i32,
  left: i32,
  to: usize,
  height: i32,
  width: i32,
  expanded: usize,
): void {
  const columns = planes.columns, size = planes.rows * columns, bytes: usize = 4 * planes.channels * size;
  const mask = present(first, images), pooled = planes.positions != 0, start = planes.values + 4 * channel * size;
  const firstRow = max(0, -top), endRow = min(planes.rows, height - top);
  const firstColumn = max(0, -left), count = min(columns, width - left) - firstColumn;
  const a = placeOf(start, first, 0, images, bytes), b = placeOf(start, first, 1, images, bytes);
  const c = placeOf(start, first, 2, images, bytes), d = placeOf(start, first, 3, images, bytes);
  if (pooled) expand(planes, first, images, channel, expanded);
  for (let i = firstRow; i < endRow; i++) {
    let place = to + 16 * ((i + top) * width + left + firstColumn);
    const at: usize = 4 * (i * columns + firstColumn);
    if (!pooled) {
      interleave(a + at, b + at, c + at, d + at, place, count, mask);
      continue;
    }
    let from = expanded + 4 * at;
    for (const last = from + 16 * max(0, count); from < last; from += 16, place += 16) v128.store(place, v128.load(from));
  }
}

/** The gradient of a max pooling in its input, for one channel. */
function expand(planes: Planes, first: i32, images: i32, channel: i32, to: usize): void {
  const size = planes.rows * planes.columns, count = planes.pooled, gate = planes.gate;
  memory.fill(to, 0, 16 * size);
  for (let lane = 0; lane < min(4, images - first); lane++) {
    const plane = (first + lane) * planes.channels + channel, start: usize = 4 * plane * count;
    const origin = to + 4 * lane - 16 * plane * size;
    for (let i = start; i < start + 4 * (count as usize); i += 4) {
      const at = origin + 16 * load<i32>(planes.positions + i);
      // A mask instead of an unpredictable branch.
      const open = gate == 0 || !(load<f32>(gate + i) <= 0);
      store<f32>(at, load<f32>(at) + reinterpret<f32>(reinterpret<i32>(load<f32>(planes.values + i)) & -i32(open)));
    }
  }
}

/** Copies a padded plane, from row `top` and column `left`, to a channel of images [images, channels, rows, columns]. */
export function unloadPlane(
  from: usize,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  to: usize,
  first: i32,
  images: i32,
  channel: i32,
  channels: i32,
  rows: i32,
  columns: i32,
): void {
  const size = rows * columns, bytes: usize = 4 * channels * size, start = to + 4 * channel * size;
  const firstRow = max(0, -top), endRow = min(rows, height - top);
  const firstColumn = max(0, -left), count = max(0, min(columns, width - left) - firstColumn);
  const a = placeOf(start, first, 0, images, bytes), b = placeOf(start, first, 1, images, bytes);
  const c = placeOf(start, first, 2, images, bytes), d = placeOf(start, first, 3, images, bytes);
  // Elements that no output reads.
  if (firstRow > 0 || endRow < rows || count < columns) {
    memory.fill(a, 0, 4 * size);
    memory.fill(b, 0, 4 * size);
    memory.fill(c, 0, 4 * size);
    memory.fill(d, 0, 4 * size);
  }
  for (let i = firstRow; i < endRow; i++) {
    const at: usize = 4 * (i * columns + firstColumn);
    separate(from + 16 * ((i + top) * width + left + firstColumn), a + at, b + at, c + at, d + at, count);
  }
}

/** Adds the sum of a padded plane to a float64 number; runs of 64 vectors are summed in float32. */
export function addSums(from: usize, bytes: usize, to: usize): void {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (const last = from + bytes; from < last;) {
    let sum = f32x4.splat(0);
    for (const end = min(last, from + 1024); from < end; from += 16) sum = f32x4.add(sum, v128.load(from));
    low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)));
  }
  const pairs = f64x2.add(low, high);
  store<f64>(to, load<f64>(to) + f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1));
}

/**
 * Stores an output plane of a quartet, with rows `rowBytes` apart, pooled if wanted.
 * @param row room for two rows of pooled vectors
 */
export function finishPlane(z: Outcome, first: i32, images: i32, output: i32, from: usize, rowBytes: usize, row: usize): void {
  const pooled = z.positions != 0, columns = pooled ? z.pooledColumns : z.columns, rows = pooled ? z.pooledRows : z.rows;
  const bytes: usize = 4 * z.outputs * rows * columns, start: usize = 4 * output * rows * columns;
  let a = placeOf(start, first, 0, images, bytes), b = placeOf(start, first, 1, images, bytes);
  let c = placeOf(start, first, 2, images, bytes), d = placeOf(start, first, 3, images, bytes);
  const values = z.values, positions = z.positions, places = row + 16 * columns;
  for (let i = 0; i < rows; i++) {
    if (!pooled) {
      separate(from + i * rowBytes, values + a, values + b, values + c, values + d, columns);
    } else {
      poolRow(z, first, output, i, from, rowBytes, row, places);
      separate(row, values + a, values + b, values + c, values + d, columns);
      separate(places, positions + a, positions + b, positions + c, positions + d, columns);
    }
    a += 4 * columns;
    b += 4 * columns;
    c += 4 * columns;
    d += 4 * columns;
  }
}

/**
 * For each window of a row, the greatest element (the first among equals, and NaN before all) and its position, counted through
 * all planes; then max(x, 0), if wanted. Elements outside the plane do not count.
 */
function poolRow(z: Outcome, first: i32, output: i32, i: i32, from: usize, rowBytes: usize, values: usize, positions: usize): void {
  const size = z.rows * z.columns, base = (first * z.outputs + output) * size, step = z.outputs * size;
  const start = i32x4.add(i32x4.splat(base), i32x4(0, step, 2 * step, 3 * step));
  const top = max(0, i * z.down - z.above), bottom = min(z.rows, i * z.down - z.above + z.height);
  const zero = f32x4.splat(0), relu = z.relu;
  const inside = bottom - top == z.height && (z.pooledColumns - 1) * z.along + z.width <= z.columns;
  if (z.height == 2 && z.width == 2 && z.above == 0 && z.before == 0 && inside) {
    let x = from + top * rowBytes, at = i32x4.add(start, i32x4.splat(top * z.columns));
    const columns = i32x4.splat(z.columns), along = i32x4.splat(z.along);
    for (let j = 0; j < z.pooledColumns; j++, values += 16, positions += 16, x += 16 * z.along, at = i32x4.add(at, along)) {
      const p = v128.load(x), q = v128.load(x, 16), r = v128.load(x + rowBytes), s = v128.load(x + rowBytes, 16);
      const right = better(q, p), last = better(s, r), upper = v128.bitselect(q, p, right), lower = v128.bitselect(s, r, last);
      const below = better(lower, upper), greatest = v128.bitselect(lower, upper, below);
      v128.store(values, relu ? v128.andnot(greatest, f32x4.le(greatest, zero)) : greatest);
      // A set mask is -1.
      v128.store(positions, i32x4.sub(at, v128.bitselect(i32x4.sub(last, columns), right, below)));
    }
    return;
  }
  for (let j = 0; j < z.pooledColumns; j++, values += 16, positions += 16) {
    const left = max(0, j * z.along - z.before), right = min(z.columns, j * z.along - z.before + z.width);
    let at = top * z.columns + left, greatest = v128.load(from + top * rowBytes + 16 * left);
    let place = i32x4.add(start, i32x4.splat(at));
    for (let y = top; y < bottom; y++) {
      at = y * z.columns + left;
      for (let x = from + y * rowBytes + 16 * left, end = from + y * rowBytes + 16 * right; x < end; x += 16, at++) {
        const value = v128.load(x), chosen = better(value, greatest);
        greatest = v128.bitselect(value, greatest, chosen);
        place = v128.bitselect(i32x4.add(start, i32x4.splat(at)), place, chosen);
      }
    }
    v128.store(values, relu ? v128.andnot(greatest, f32x4.le(greatest, zero)) : greatest);
    v128.store(positions, place);
  }
}

/** Where x is preferred to an earlier y: x is not at most y, and y is not NaN. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function better(x: v128, y: v128): v128 {
  return v128.andnot(f32x4.eq(y, y), f32x4.le(x, y));
}

/** Max pooling of images. */
@unmanaged
class Pooling {
  images: i32;
  x: Planes;
  z: Outcome;
  /** Places for the first thread: a plane and two rows of vectors; bytes from one thread's places to the next. */
  plane: usize;
  row: usize;
  threadBytes: usize;
}

/** Runs one part of a job in a thread's places. */
export function poolImages(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Pooling>(at), x = job.x, z = job.z, quartets = (job.images + 3) >> 2;
  const plane = job.plane + thread * job.threadBytes, row = job.row + thread * job.threadBytes;
  for (let n = beginning(part, parts, quartets), end = beginning(part + 1, parts, quartets); n < end; n++) {
    for (let c = 0; c < x.channels; c++) {
      loadPlane(x, 4 * n, job.images, c, 0, 0, plane, x.rows, x.columns, 0);
      finishPlane(z, 4 * n, job.images, c, plane, 16 * x.columns, row);
    }
  }
}
