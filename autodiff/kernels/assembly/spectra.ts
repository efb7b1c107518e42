import { multiply, POINTS, ROW } from "./complex_products";
import { columnSignal, columnSpectrum, realColumnSignal, realColumnSpectrum, rowSignal, rowSpectrum } from "./dft";
import { beginning, Outcome, Planes } from "./job";
import { addSums, finishPlane, loadPlane, unloadPlane } from "./quartets";

/* Convolutions of stride 1 by Fourier transforms of 18 by 18 numbers. With a filter of r by r taps, such a tile yields 19 - r by 19 - r
 * outputs, by one product for each of the 164 points of a real spectrum that are not conjugates of others. A tile has one image
 * of a quartet in each lane: numbers of different images never mix.
 */

/** A tile's numbers in each direction. */
export const SIZE: usize = 18;

/** Bytes of a transformed row of a tile: ten complex vectors. */
const LINE: usize = 320;
/** Bytes of scratch for a transform: the transformed rows, and one untransformed row. */
export const SCRATCH: usize = SIZE * LINE + 16 * SIZE;

/** The tiles that cover the outputs. */
@unmanaged
class Tiling {
  /** A tile's outputs in each direction. */
  size: i32;
  rows: i32;
  columns: i32;
  /** Rows and columns of zeros before the image; negative to drop some. */
  top: i32;
  left: i32;

  get tiles(): i32 {
    return this.rows * this.columns;
  }
  /** Rows and columns of the padded plane for all tiles. */
  get height(): i32 {
    return this.size * (this.rows - 1) + (SIZE as i32);
  }
  get width(): i32 {
    return this.size * (this.columns - 1) + (SIZE as i32);
  }
  /** Start of a tile in that plane, in bytes. */
  placeOf(tile: i32): usize {
    return 16 * this.size * (tile / this.columns * this.width + tile % this.columns);
  }
}

/** Spectra of quartets' planes, in the layout of `complex_products.ts`, for quartets from `first`. */
@unmanaged
class Spectra {
  place: usize;
  /** Bytes of a block of two tiles, and of a point. */
  block: usize;
  point: usize;
}

/** The common input of all kernels on quartets. */
@unmanaged
class Quartets {
  /** The number of images, the first quartet of the job, and the number of its quartets. */
  images: i32;
  first: i32;
  count: i32;
  tiling: Tiling;
  /** Quartets that are computed together: a whole number of blocks. */
  together: i32;
  /** Places for the first thread: a padded plane, one more for pooled gradients, and scratch; bytes between threads. */
  plane: usize;
  expanded: usize;
  scratch: usize;
  threadBytes: usize;

  /** The fewest quartets whose tiles fill whole blocks. */
  get unit(): i32 {
    return 1 + (this.tiling.tiles & 1);
  }
  /** The first quartet of a part. */
  beginning(part: i32, parts: i32): i32 {
    return this.first + min(this.count, this.unit * beginning(part, parts, (this.count + this.unit - 1) / this.unit));
  }
  /** Number of blocks for these quartets. */
  blocks(quartets: i32): i32 {
    return (quartets * this.tiling.tiles + 1) >> 1;
  }
}

/** Place of a tile's first real part; quartets count from the first that is stored. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tileOf(place: usize, block: usize, quartet: i32, tiles: i32, tile: i32): usize {
  const slot: usize = quartet * tiles + tile;
  return place + (slot >> 1) * block + 16 * (slot & 1);
}

/** Outputs [outputs, …] of every image, as correlations of its planes with filters. */
@unmanaged
class Correlation {
  quartets: Quartets;
  x: Planes;
  z: Outcome;
  /** Transformed filters. */
  u: usize;
  /** Places of the first thread: spectra of images and of outputs, and room for two rows of pooled vectors. */
  v: Spectra;
  m: Spectra;
  row: usize;
  /** Taps of a filter. */
  height: i32;
  width: i32;
  /** The result of {@link judge} for each image. */
  judgements: usize;
  /**
   * Places of the first thread: `marksBytes` for a plane, then a line. Each position has four bytes, one per image: the greatest
   * exponent of its numbers there, 0 if they are 0 or subnormal.
   */
  marks: usize;
  marksBytes: usize;
  /** The same for each quartet's outputs [rows, columns]: the greatest exponent among an output's inputs. */
  seen: usize;
}

/** Runs one part of a job in a thread's places. */
export function correlate(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Correlation>(at), all = job.quartets, x = job.x, z = job.z, v = job.v, m = job.m;
  const shift = thread * all.threadBytes, from = v.place + shift, to = m.place + shift, end = all.beginning(part + 1, parts);
  memory.fill(all.plane + shift, 0, all.tiling.height * all.tiling.width * 16);
  for (let q = all.beginning(part, parts); q < end; q += all.together) {
    const count = min(all.together, end - q), blocks = all.blocks(count);
    transform(all, x, q, count, SIZE as i32, from, v, 0, 0, at, shift);
    multiply(0, POINTS, blocks, (z.outputs + 1) >> 1, x.channels, job.u, from, v.block, v.point, to, m.block, m.point);
    toOutputs(job, q, count, to, shift);
  }
}

/** The first step of a {@link Correlation} whose filters are too large for each part to read: the spectra of all images. */
export function transformImages(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Correlation>(at), all = job.quartets, v = job.v, shift = thread * all.threadBytes;
  const first = all.beginning(part, parts), count = all.beginning(part + 1, parts) - first;
  memory.fill(all.plane + shift, 0, all.tiling.height * all.tiling.width * 16);
  transform(all, job.x, first, count, SIZE as i32, placeOf(v, all, first), v, 0, 0, at, shift);
}

/** The last step, after `multiplySpectra`: the outputs of all images. */
export function restoreOutputs(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Correlation>(at), all = job.quartets, m = job.m, shift = thread * all.threadBytes;
  const first = all.beginning(part, parts), count = all.beginning(part + 1, parts) - first;
  toOutputs(job, first, count, placeOf(m, all, first), shift);
}

/** The last step of {@link Gradients}: dx of all images. */
export function restoreImages(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Gradients>(at), all = job.quartets, m = job.m, first = all.beginning(part, parts);
  toImages(all, job.x, first, all.beginning(part + 1, parts) - first, placeOf(m, all, first), m, job.dx, thread * all.threadBytes);
}

/** Place of a quartet's spectra. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function placeOf(spectra: Spectra, all: Quartets, quartet: i32): usize {
  return tileOf(spectra.place, spectra.block, quartet - all.first, all.tiling.tiles, 0);
}

/**
 * The gradients of a correlation in its planes and bias, and the spectra of images and slopes for the gradient in its filters. A
 * place of 0: not wanted.
 */
@unmanaged
class Gradients {
  quartets: Quartets;
  x: Planes;
  dy: Planes;
  /** Spectra of all slopes, and of all images if those are wanted. */
  s: Spectra;
  v: Spectra;
  images: i32;
  dx: usize;
  /** Transformed filters, and the spectra of dx of the first thread. */
  u: usize;
  m: Spectra;
  /** For each quartet its part of the bias's gradient, [quartets, outputs], float64; and whether any number was too large. */
  sums: usize;
  huge: usize;
}

/** Runs one part of a job in a thread's places. */
export function gradients(place: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Gradients>(place), all = job.quartets, x = job.x, dy = job.dy, s = job.s, v = job.v, m = job.m;
  const shift = thread * all.threadBytes, back = m.place + shift, end = all.beginning(part + 1, parts);
  const planeBytes: usize = all.tiling.height * all.tiling.width * 16;
  const sums = job.sums, huge = job.huge;
  for (let q = all.beginning(part, parts); q < end; q += all.together) {
    const count = min(all.together, end - q), slopes = placeOf(s, all, q);
    memory.fill(all.plane + shift, 0, planeBytes);
    transform(all, dy, q, count, all.tiling.size, slopes, s, sums, huge, 0, shift);
    if (job.dx != 0) {
      multiply(0, POINTS, all.blocks(count), (x.channels + 1) >> 1, dy.channels, job.u, slopes, s.block, s.point, back, m.block, m.point);
      toImages(all, x, q, count, back, m, job.dx, shift);
    }
    if (job.images == 0) continue;
    memory.fill(all.plane + shift, 0, planeBytes);
    transform(all, x, q, count, SIZE as i32, placeOf(v, all, q), v, 0, huge, 0, shift);
  }
}

/**
 * Transforms quartets to spectra, reading the first `support` rows and columns of each tile.
 * @param sums place to add the sums of each quartet's planes to, or 0
 * @param huge place to note that a number is too large, or 0
 * @param correlation place of the correlation whose images to judge and mark, or 0
 */
function transform(
  all: Quartets,
  planes: Planes,
  first: i32,
  count: i32,
  support: i32,
  to: usize,
  spectra: Spectra,
  sums: usize,
  huge: usize,
  correlation: usize,
  shift: usize,
): void {
  const job = changetype<Correlation>(correlation), marks = correlation == 0 ? 0 : job.marks + shift, tiling = all.tiling;
  const tiles = tiling.tiles, plane = all.plane + shift, scratch = all.scratch + shift;
  const width = tiling.width, height = tiling.height, rowBytes: usize = 16 * width, planeBytes: usize = height * rowBytes;
  const whole = support == (SIZE as i32), top = whole ? tiling.top : 0, left = whole ? tiling.left : 0;
  for (let q = 0; q < count; q++) {
    let greatest = i32x4.splat(0);
    if (correlation != 0) memory.fill(marks, 0, job.marksBytes);
    for (let c = 0; c < planes.channels; c++) {
      loadPlane(planes, 4 * (first + q), all.images, c, top, left, plane, height, width, all.expanded + shift);
      if (sums != 0) addSums(plane, planeBytes, sums + 8 * ((first + q) * planes.channels + c));
      if (correlation != 0) {
        for (let k: usize = 0; k < planeBytes; k += 16) {
          const exponents = i32x4.shr_u(v128.and(v128.load(plane + k), i32x4.splat(0x7fffffff)), 23), at = marks + (k >> 2);
          const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(exponents, exponents), exponents);
          v128.store32_lane(at, i8x16.max_u(v128.load32_zero(at), bytes), 0);
        }
      } else {
        for (let x = plane, last = plane + planeBytes; x < last; x += 16) {
          greatest = i32x4.max_s(greatest, v128.and(v128.load(x), i32x4.splat(0x7fffffff)));
        }
      }
      for (let tile = 0; tile < tiles; tile++) {
        const place = tileOf(to, spectra.block, q, tiles, tile) + c * ROW;
        spectrum(plane + tiling.placeOf(tile), rowBytes, support, support, place, spectra.point, scratch);
      }
    }
    if (correlation != 0) judge(job, first + q, marks);
    else if (v128.any_true(i32x4.ge_s(greatest, i32x4.splat(HUGE << 23)))) store<i32>(huge, 1);
  }
  // Sums over columns read the second half of the last block even if it has no tile.
  if (((count * tiles) & 1) == 0) return;
  let last = tileOf(to, spectra.block, count, tiles, 0);
  for (let p = 0; p < POINTS; p++, last += spectra.point) {
    for (let k: usize = 0; k < 2 * ROW * ((planes.channels + 1) >> 1); k += 32) v128.store(last + k, f32x4.splat(0));
  }
}

/** The most powers of two between the greatest number of a tile and the greatest input of an output. */
const SPREAD: i32 = 10;

/**
 * Notes 1 for each image of a quartet with numbers that would overflow in a transform, or with an output whose inputs are so much
 * smaller than the rest of its tile that the rest's rounding errors, which a transform spreads over the tile, would show; else 0.
 */
function judge(job: Correlation, quartet: i32, marks: usize): void {
  const all = job.quartets, tiling = all.tiling, width = 4 * tiling.width, seen = job.seen + quartet * job.z.rows * markBytes(job.z.columns);
  seeWindows(job, marks, width, seen);
  let wild = i8x16.splat(0);
  for (let tile = 0; tile < tiling.tiles; tile++) {
    const top = tile / tiling.columns * tiling.size, left = tile % tiling.columns * tiling.size;
    let greatest = i8x16.splat(0);
    for (let i: usize = 0, row: usize = marks + top * width + 4 * left; i < SIZE; i++, row += width) {
      const first = i8x16.max_u(v128.load(row), v128.load(row, 16)), last = i8x16.max_u(v128.load(row, 32), v128.load(row, 48));
      greatest = i8x16.max_u(greatest, i8x16.max_u(i8x16.max_u(first, last), v128.load(row, 56)));
    }
    // Over all four positions of a vector.
    greatest = i8x16.max_u(greatest, v128.shuffle<i32>(greatest, greatest, 1, 2, 3, 0));
    greatest = i8x16.max_u(greatest, v128.shuffle<i32>(greatest, greatest, 2, 3, 0, 1));
    wild = v128.or(wild, i8x16.ge_u(greatest, i8x16.splat(HUGE as i8)));
    const least = i8x16.sub_sat_u(greatest, i8x16.splat(SPREAD as i8)), count = 4 * min(tiling.size, job.z.columns - left);
    for (let i = 0, row = seen + top * markBytes(job.z.columns) + 4 * left; i < min(tiling.size, job.z.rows - top); i++, row += markBytes(job.z.columns)) {
      for (let k = 0; k < count; k += 16) {
        const sees = v128.load(row + k), there = i8x16.lt_u(v128.load(indices), i8x16.splat(min(16, count - k) as i8));
        const small = v128.and(i8x16.ne(sees, i8x16.splat(0)), i8x16.lt_u(sees, least));
        wild = v128.or(wild, v128.and(small, there));
      }
    }
  }
  const bits = i8x16.bitmask(wild), found = bits | (bits >> 4) | (bits >> 8) | (bits >> 12), first = 4 * quartet;
  for (let lane = 0; lane < min(4, all.images - first); lane++) store<i32>(job.judgements + 4 * (first + lane), (found >> lane) & 1);
}

const indices = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);

/** From marks of positions, `width` bytes a row, to marks of outputs: maxima over windows of rows, to a line, then of columns. */
function seeWindows(job: Correlation, marks: usize, width: i32, to: usize): void {
  const line = marks + job.marksBytes, rowBytes = markBytes(job.z.columns);
  for (let i = 0; i < job.z.rows; i++, marks += width, to += rowBytes) {
    for (let k = 0; k < width; k += 16) {
      let most = v128.load(marks + k);
      for (let a = 1; a < job.height; a++) most = i8x16.max_u(most, v128.load(marks + k + a * width));
      v128.store(line + k, most);
    }
    for (let k: usize = 0; k < rowBytes; k += 16) {
      let most = v128.load(line + k);
      for (let b = 1; b < job.width; b++) most = i8x16.max_u(most, v128.load(line + k + 4 * b));
      v128.store(to + k, most);
    }
  }
}

/** Bytes of a row of marks. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function markBytes(columns: i32): usize {
  return (4 * columns + 15) & -16;
}

/** Spectra of outputs to outputs. */
function toOutputs(job: Correlation, first: i32, count: i32, from: usize, shift: usize): void {
  const all = job.quartets, z = job.z, m = job.m, row = job.row + shift, plane = all.plane + shift, scratch = all.scratch + shift;
  const tiling = all.tiling, tiles = tiling.tiles, rowBytes: usize = 16 * tiling.width;
  for (let q = 0; q < count; q++) {
    const seen = job.seen + (first + q) * z.rows * markBytes(z.columns), seeing = seesAll(seen, z.rows, z.columns);
    for (let o = 0; o < z.outputs; o++) {
      const bias = v128.load32_splat(z.bias + 4 * o);
      for (let tile = 0; tile < tiles; tile++) {
        const place = tileOf(from, m.block, q, tiles, tile) + o * ROW, zero = place + ZERO * m.point;
        // A number added at frequency 0 is added to every output.
        v128.store(zero, f32x4.add(v128.load(zero), bias));
        // The next tile overwrites its outputs in a row of 18.
        signal(place, m.point, tiling.size, plane + tiling.placeOf(tile), rowBytes, scratch);
      }
      if (!seeing) leaveBias(plane, rowBytes, seen, z.rows, z.columns, bias);
      finishPlane(z, 4 * (first + q), all.images, o, plane, rowBytes, row);
    }
  }
  // Images use the same plane and need zeros around them.
  memory.fill(plane, 0, tiling.height * rowBytes);
}

/** Whether every output of a quartet has an input with a nonzero mark, in each image. */
function seesAll(seen: usize, rows: i32, columns: i32): bool {
  for (let i = 0, rowBytes = markBytes(columns); i < rows; i++, seen += rowBytes) {
    for (let j = 0; j < columns; j++) if (hasZero(load<u32>(seen + 4 * j))) return false;
  }
  return true;
}

/** Whether one of four bytes is 0. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function hasZero(bytes: u32): bool {
  return ((bytes - 0x01010101) & ~bytes & 0x80808080) != 0;
}

/** Sets outputs with only zero inputs to exactly the bias: a rectifier or pooling would show a transform's rounding errors. */
function leaveBias(plane: usize, planeRow: usize, seen: usize, rows: i32, columns: i32, bias: v128): void {
  for (let i = 0, rowBytes = markBytes(columns); i < rows; i++, plane += planeRow, seen += rowBytes) {
    for (let j = 0; j < columns; j++) {
      if (!hasZero(load<u32>(seen + 4 * j))) continue;
      const at = plane + 16 * j, sees = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(seen + 4 * j)));
      v128.store(at, v128.bitselect(bias, v128.load(at), i32x4.eq(sees, i32x4.splat(0))));
    }
  }
}

/** Spectra of the gradient in the images, to that gradient. */
function toImages(all: Quartets, x: Planes, first: i32, count: i32, from: usize, m: Spectra, to: usize, shift: usize): void {
  const tiling = all.tiling, tiles = tiling.tiles, plane = all.plane + shift, scratch = all.scratch + shift;
  const width = tiling.width, height = tiling.height, rowBytes: usize = 16 * width, found = all.expanded + shift;
  for (let q = 0; q < count; q++) {
    for (let c = 0; c < x.channels; c++) {
      memory.fill(plane, 0, height * rowBytes);
      for (let tile = 0; tile < tiles; tile++) {
        signal(tileOf(from, m.block, q, tiles, tile) + c * ROW, m.point, SIZE as i32, found, 16 * SIZE, scratch);
        // Neighbouring tiles overlap.
        let at = plane + tiling.placeOf(tile), row = found;
        for (let i: usize = 0; i < SIZE; i++, at += rowBytes) {
          for (let k: usize = 0; k < 16 * SIZE; k += 16, row += 16) v128.store(at + k, f32x4.add(v128.load(at + k), v128.load(row)));
        }
      }
      unloadPlane(plane, height, width, tiling.top, tiling.left, to, 4 * (first + q), all.images, c, x.channels, x.rows, x.columns);
    }
  }
}

/** Products of numbers with this exponent or more may overflow; infinities and NaN are among them. */
const HUGE: i32 = 127 + 60;

/** The point of frequency 0. */
const ZERO: usize = 8 * SIZE;

/** The spectrum of a tile's first rows and columns, with zeros up to 18 by 18; imaginary parts are 32 bytes after real parts. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function spectrum(from: usize, rowBytes: usize, rows: i32, columns: i32, to: usize, point: usize, scratch: usize): void {
  const row = scratch + SIZE * LINE, some: usize = 16 * columns, all: usize = 16 * SIZE;
  for (let k = some; k < all; k += 16) v128.store(row + k, f32x4.splat(0));
  for (let i = 0; i < rows; i++, from += rowBytes) {
    if (some < all) for (let k: usize = 0; k < some; k += 16) v128.store(row + k, v128.load(from + k));
    rowSpectrum(some < all ? row : from, scratch + i * LINE);
  }
  for (let at = scratch + rows * LINE; at < row; at += 16) v128.store(at, f32x4.splat(0));
  for (let k: usize = 1; k < 9; k++) columnSpectrum(scratch + 32 * k, to + (k - 1) * SIZE * point, point);
  realColumnSpectrum(scratch, to + ZERO * point, point);
  realColumnSpectrum(scratch + 288, to + (ZERO + 10) * point, point);
}

/** The first rows of the tile with this spectrum, times 18². */
// @ts-ignore: a decorator of AssemblyScript
@inline
function signal(from: usize, point: usize, rows: i32, to: usize, rowBytes: usize, scratch: usize): void {
  for (let k: usize = 1; k < 9; k++) columnSignal(from + (k - 1) * SIZE * point, scratch + 32 * k, point);
  realColumnSignal(from + ZERO * point, scratch, point);
  realColumnSignal(from + (ZERO + 10) * point, scratch + 288, point);
  for (let i = 0; i < rows; i++, to += rowBytes) rowSignal(scratch + i * LINE, to);
}

/** Filters to spectra, in the layout that `multiply` takes. */
@unmanaged
class Filters {
  /** w[o, c, a, b] is at w + o outputStep + c depthStep + a rowStep + 4 b, in bytes. */
  w: usize;
  outputs: i32;
  depth: i32;
  height: i32;
  width: i32;
  outputStep: i32;
  depthStep: i32;
  rowStep: i32;
  /** Whether to store conjugates, which turn a convolution into a correlation. */
  conjugate: i32;
  /** [points, pairs of outputs, depth, 4], divided by 18². */
  u: usize;
  /** Places of the first thread: scratch, then a tile and its spectrum. */
  scratch: usize;
  threadBytes: usize;
}

/** Transforms one part of the filters, in groups of four outputs. */
export function transformFilters(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Filters>(at), depth = job.depth, outputs = job.outputs, fours = (outputs + 3) >> 2;
  const scratch = job.scratch + thread * job.threadBytes, tile = scratch + SCRATCH, found = tile + 16 * SIZE * SIZE;
  const pairs: usize = (outputs + 1) >> 1, point = 16 * pairs * (depth as usize), rowBytes: usize = 16 * job.width;
  const scale = f32x4.splat(1.0 / 324.0), other = f32x4.splat(job.conjugate != 0 ? -1.0 / 324.0 : 1.0 / 324.0);
  for (let i = beginning(part, parts, fours), end = beginning(part + 1, parts, fours); i < end; i++) {
    for (let c = 0; c < depth; c++) {
      memory.fill(tile, 0, job.height * rowBytes);
      for (let lane = 0; lane < min(4, outputs - 4 * i); lane++) {
        for (let a = 0; a < job.height; a++) {
          const from = job.w + (4 * i + lane) * job.outputStep + c * job.depthStep + a * job.rowStep;
          for (let b = 0; b < job.width; b++) store<f32>(tile + a * rowBytes + 16 * b + 4 * lane, load<f32>(from + 4 * b));
        }
      }
      spectrum(tile, rowBytes, job.height, job.width, found, 48, scratch);
      const second = 4 * i + 2 < outputs;
      let to = job.u + 16 * (2 * i * depth + c), from = found;
      for (let p = 0; p < POINTS; p++, from += 48, to += point) {
        const re = f32x4.mul(v128.load(from), scale), im = f32x4.mul(v128.load(from, 32), other);
        v128.store(to, v128.shuffle<f32>(re, im, 0, 4, 1, 5));
        if (second) v128.store(to + 16 * depth, v128.shuffle<f32>(re, im, 2, 6, 3, 7));
      }
    }
  }
}

/** The sums of `correlateSpectra`, to gradients of filters. */
@unmanaged
class FilterGradient {
  d: usize;
  dPoint: usize;
  dOutput: usize;
  outputs: i32;
  depth: i32;
  height: i32;
  width: i32;
  /** [outputs, depth, height, width]. */
  w: usize;
  /** Places of the first thread: scratch, then a spectrum and a tile. */
  scratch: usize;
  threadBytes: usize;
}

/** Computes one part of the outputs, four of depth in the lanes. */
export function restoreFilters(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<FilterGradient>(at), depth = job.depth, height = job.height, width = job.width;
  const scratch = job.scratch + thread * job.threadBytes, found = scratch + SCRATCH, tile = found + 48 * POINTS;
  const scale = f32x4.splat(1.0 / 324.0);
  for (let o = beginning(part, parts, job.outputs), end = beginning(part + 1, parts, job.outputs); o < end; o++) {
    for (let c = 0; c < depth; c += 4) {
      let from = job.d + o * job.dOutput + 8 * c, to = found;
      for (let p = 0; p < POINTS; p++, from += job.dPoint, to += 48) {
        const one = v128.load(from), two = v128.load(from, 16);
        v128.store(to, f32x4.mul(v128.shuffle<f32>(one, two, 0, 2, 4, 6), scale));
        v128.store(to, f32x4.mul(v128.shuffle<f32>(one, two, 1, 3, 5, 7), scale), 32);
      }
      signal(found, 48, height, tile, 16 * SIZE, scratch);
      for (let lane = 0; lane < min(4, depth - c); lane++) {
        const w = job.w + 4 * ((o * depth + c + lane) * height * width);
        for (let a = 0; a < height; a++) {
          for (let b = 0; b < width; b++) store<f32>(w + 4 * (a * width + b), load<f32>(tile + a * 16 * SIZE + 16 * b + 4 * lane));
        }
      }
    }
  }
}
