import { beginning } from "./job";
import { firsts, fourths, multiplyAdd, seconds, thirds } from "./vectors";

/** C = A B, [n, depth] times [depth, m]. Strides are in bytes and of either sign. */
@unmanaged
class MatrixProduct {
  n: i32;
  depth: i32;
  m: i32;
  a: usize;
  aRow: i32;
  aColumn: i32;
  b: usize;
  bRow: i32;
  bColumn: i32;
  c: usize;
  /** B in panels of eight columns: [m / 8, depth, 8]. */
  panels: usize;
  /** Room for the first thread's rows of A, [rows / 4, depth, 4], and for a tile in both precisions; bytes between threads. */
  rows: usize;
  threadBytes: usize;
}

/**
 * Multiplies four rows of U by eight columns of V, to four rows of M; the eight sums stay in vector registers. The layout of U is
 * [depth, 4]; rows of V and M are `vRow` and `mRow` bytes apart. One load reads four numbers of U, because memory accesses are
 * the main cost: an engine checks the bounds of each.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tile(u: usize, length: usize, v: usize, vRow: usize, m: usize, mRow: usize): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (const end = u + length; u < end; u += 16, v += vRow) {
    const four = v128.load(u), v0 = v128.load(v), v1 = v128.load(v, 16);
    const u0 = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    a0 = multiplyAdd(u0, v0, a0);
    a1 = multiplyAdd(u0, v1, a1);
    const u1 = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
    b0 = multiplyAdd(u1, v0, b0);
    b1 = multiplyAdd(u1, v1, b1);
    const u2 = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
    c0 = multiplyAdd(u2, v0, c0);
    c1 = multiplyAdd(u2, v1, c1);
    const u3 = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
    d0 = multiplyAdd(u3, v0, d0);
    d1 = multiplyAdd(u3, v1, d1);
  }
  v128.store(m, a0);
  v128.store(m, a1, 16);
  v128.store(m += mRow, b0);
  v128.store(m, b1, 16);
  v128.store(m += mRow, c0);
  v128.store(m, c1, 16);
  v128.store(m += mRow, d0);
  v128.store(m, d1, 16);
}

/** The most terms in a float32 sum; longer sums add such sums in float64. */
const DEPTH: i32 = 256;
/** The same for products with a column, whose sums along rows are four interleaved sums. */
const LONG: i32 = 1024;

/** Like {@link tile}, for any depth; `sums` is room for 32 float64 numbers. */
function deepTile(rows: usize, panel: usize, depth: i32, products: usize, sums: usize): void {
  if (depth <= DEPTH) return tile(rows, 16 * depth, panel, 32, products, 32);
  memory.fill(sums, 0, 256);
  for (let k = 0; k < depth; k += DEPTH) {
    tile(rows + 16 * k, 16 * min(DEPTH, depth - k), panel + 32 * k, 32, products, 32);
    addWide(products, sums, 32);
  }
  roundWide(sums, products, 32);
}

/** Adds `count` float32 numbers, rounded up to a multiple of four, to float64 numbers. */
function addWide(from: usize, sums: usize, count: i32): void {
  for (; count > 0; count -= 4, from += 16, sums += 32) {
    const x = v128.load(from);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3))), 16);
  }
}

/** Rounds float64 numbers to float32. */
function roundWide(sums: usize, to: usize, count: i32): void {
  for (; count > 0; count -= 4, sums += 32, to += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(sums)), high = f32x4.demote_f64x2_zero(v128.load(sums, 16));
    v128.store(to, v128.shuffle<f32>(low, high, 0, 1, 4, 5));
  }
}

/** Packs one part of B; missing columns are zero. */
export function packColumns(at: usize, part: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), count = (job.m + 7) >> 3;
  for (let i = beginning(part, count), end = beginning(part + 1, count); i < end; i++) {
    const from = job.b + 8 * i * job.bColumn, to = job.panels + 32 * i * job.depth;
    pack(from, job.bColumn, job.bRow, min(8, job.m - 8 * i), job.depth, to, 8);
  }
}

/** Computes one part of the rows of C, once all of B is packed. */
export function multiplyRows(at: usize, part: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), fours = (job.n + 3) >> 2, depth = job.depth;
  const first = beginning(part, fours), end = beginning(part + 1, fours), length: usize = 16 * depth;
  const products = job.rows + thread * job.threadBytes, sums = products + 128, rows = sums + 256;
  for (let i = first; i < end; i++) {
    pack(job.a + 4 * i * job.aRow, job.aRow, job.aColumn, min(4, job.n - 4 * i), depth, rows + (i - first) * length, 4);
  }
  for (let j = 0; j < job.m; j += 8) {
    const panel = job.panels + 4 * j * depth, width = min(8, job.m - j);
    for (let i = first; i < end; i++) {
      const c = job.c + 4 * (4 * i * job.m + j), height = min(4, job.n - 4 * i);
      deepTile(rows + (i - first) * length, panel, depth, products, sums);
      for (let row = 0; row < height; row++) {
        const from = products + 32 * row, to = c + 4 * row * job.m;
        if (width == 8) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        } else for (let k = 0; k < 4 * width; k += 4) store<f32>(to + k, load<f32>(from + k));
      }
    }
  }
}

/** Packs lines of a matrix, `step` apart, with elements `along` apart, into a panel of `width` lines; missing lines are zero. */
function pack(from: usize, step: i32, along: i32, lines: i32, depth: i32, to: usize, width: i32): void {
  if (step == 4 && lines == width) {
    for (let k = 0; k < depth; k++, from += along, to += 4 * width) {
      v128.store(to, v128.load(from));
      if (width == 8) v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  if (along == 4 && lines == width) {
    for (let line = 0; line < width; line += 4) transposeFour(from + line * step, step, depth, to + 4 * line, 4 * width);
    return;
  }
  for (let line = 0; line < width; line++, from += step) {
    let source = from, place = to + 4 * line;
    for (let k = 0; k < depth; k++, source += along, place += 4 * width) store<f32>(place, line < lines ? load<f32>(source) : 0);
  }
}

/** Writes four lines of neighbouring elements, `step` apart, as columns of rows that are `row` apart. */
function transposeFour(from: usize, step: i32, depth: i32, to: usize, row: usize): void {
  let k = depth;
  for (; k >= 4; k -= 4, from += 16, to += 4 * row) {
    const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step), x3 = v128.load(from + 3 * step);
    v128.store(to, firsts(x0, x1, x2, x3));
    v128.store(to + row, seconds(x0, x1, x2, x3));
    v128.store(to + 2 * row, thirds(x0, x1, x2, x3));
    v128.store(to + 3 * row, fourths(x0, x1, x2, x3));
  }
  for (; k > 0; k--, from += 4, to += row) {
    for (let line: usize = 0; line < 4; line++) store<f32>(to + 4 * line, load<f32>(from + line * (step as usize)));
  }
}

/**
 * z = A y for a column y; A is contiguous along rows or along columns. Strides are in bytes. A sum along a row is four
 * interleaved sums.
 * @param sums room for n + 3 float64 numbers
 */
export function multiplyVector(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize, sums: usize): void {
  if (column == 4) {
    for (let i = 0; i < n; i++, a += row, z += 4) {
      let total: f64 = 0;
      for (let k = 0; k < depth; k += LONG) total += dot(a + 4 * k, y + k * step, step, min(LONG, depth - k));
      store<f32>(z, total as f32);
    }
    return;
  }
  if (depth <= LONG) return addColumns(a, row, column, n, depth, y, step, z);
  memory.fill(sums, 0, 8 * (n + 3));
  for (let k = 0; k < depth; k += LONG) {
    addColumns(a + k * column, row, column, n, min(LONG, depth - k), y + k * step, step, z);
    addWide(z, sums, n);
  }
  roundWide(sums, z, n);
}

function dot(a: usize, y: usize, step: i32, depth: i32): f32 {
  let sums = f32x4.splat(0), k = 0;
  if (step == 4) for (; k <= depth - 4; k += 4) sums = f32x4.add(sums, f32x4.mul(v128.load(a + 4 * k), v128.load(y + 4 * k)));
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  for (; k < depth; k++) sum += load<f32>(a + 4 * k) * load<f32>(y + k * step);
  return sum;
}

function addColumns(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize): void {
  memory.fill(z, 0, 4 * n);
  for (let k = 0; k < depth; k++, a += column, y += step) {
    const factor = load<f32>(y), four = f32x4.splat(factor);
    let i = 0;
    for (; i <= n - 4; i += 4) v128.store(z + 4 * i, f32x4.add(v128.load(z + 4 * i), f32x4.mul(four, v128.load(a + i * row))));
    for (; i < n; i++) store<f32>(z + 4 * i, load<f32>(z + 4 * i) + factor * load<f32>(a + i * row));
  }
}
