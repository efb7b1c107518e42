import { multiplyBlocks, STEPS } from "./blocks";
import { beginning } from "./job";
import { firsts, fourths, multiplyAdd, seconds, thirds } from "./vectors";

/**
 * C = A B, [n, depth] times [depth, m]. Strides are in bytes and of either sign. The kernel reads four rows of A and eight columns
 * of B in panels, where the numbers of a step are neighbours; a matrix that is laid out so, and near enough, is its own panels.
 */
@unmanaged
export class MatrixProduct {
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
  /** Panels of four rows of A, and of eight columns of B: places, bytes between steps, and bytes between panels. */
  rows: usize;
  rowsStep: i32;
  rowsNext: i32;
  columns: usize;
  columnsStep: i32;
  columnsNext: i32;
  /** Bytes from a step of B's panels to the one 64 later. */
  columnsChunk: i32;
  /** Whether to compute in blocks, for which panels are cut every 64 steps. */
  blocks: i32;
  /** Columns of C are divided among this many parts; rows among the rest. */
  columnParts: i32;
  /** Room of the first thread for tiles in both precisions, and bytes to that of the next. */
  scratch: usize;
  scratchNext: i32;
}

/**
 * Multiplies four rows of U by eight columns of V, to four rows of M; the eight sums stay in vector registers. A step's four
 * numbers of U are neighbours, and so are its eight of V. With `more`, the products are added to M. Loads and shuffles are the main cost: an engine checks the bounds of
 * each load, and shuffles take the units that multiply. So two loads make pairs of U, [0, 1, 0, 1] and [2, 3, 2, 3], and one
 * shuffle each swaps them; each sum is of two rows, in alternating lanes.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function tile(u: usize, uStep: usize, depth: usize, v: usize, vStep: usize, m: usize, mRow: usize, more: bool): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  if (more) {
    const second = m + mRow, third = second + mRow, fourth = third + mRow;
    a0 = alternating(v128.load(m), v128.load(second));
    b0 = alternating(v128.load(second), v128.load(m));
    c0 = alternating(v128.load(third), v128.load(fourth));
    d0 = alternating(v128.load(fourth), v128.load(third));
    a1 = alternating(v128.load(m, 16), v128.load(second, 16));
    b1 = alternating(v128.load(second, 16), v128.load(m, 16));
    c1 = alternating(v128.load(third, 16), v128.load(fourth, 16));
    d1 = alternating(v128.load(fourth, 16), v128.load(third, 16));
  }
  for (const end = u + uStep * depth; u < end; u += uStep, v += vStep) {
    const u0 = v128.load64_splat(u), v0 = v128.load(v), v1 = v128.load(v, 16);
    a0 = multiplyAdd(u0, v0, a0);
    a1 = multiplyAdd(u0, v1, a1);
    const u1 = v128.shuffle<f32>(u0, u0, 1, 0, 3, 2);
    b0 = multiplyAdd(u1, v0, b0);
    b1 = multiplyAdd(u1, v1, b1);
    const u2 = v128.load64_splat(u, 8);
    c0 = multiplyAdd(u2, v0, c0);
    c1 = multiplyAdd(u2, v1, c1);
    const u3 = v128.shuffle<f32>(u2, u2, 1, 0, 3, 2);
    d0 = multiplyAdd(u3, v0, d0);
    d1 = multiplyAdd(u3, v1, d1);
  }
  v128.store(m, alternating(a0, b0));
  v128.store(m, alternating(a1, b1), 16);
  v128.store(m += mRow, alternating(b0, a0));
  v128.store(m, alternating(b1, a1), 16);
  v128.store(m += mRow, alternating(c0, d0));
  v128.store(m, alternating(c1, d1), 16);
  v128.store(m += mRow, alternating(d0, c0));
  v128.store(m, alternating(d1, c1), 16);
}

/** The numbers 0 and 2 of x and 1 and 3 of y. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function alternating(x: v128, y: v128): v128 {
  return v128.shuffle<f32>(x, y, 0, 5, 2, 7);
}

/** The most terms in a float32 sum; longer sums add such sums in float64. */
export const DEPTH: i32 = 256;
/** The same for products with a column, whose sums along rows are four interleaved sums. */
const LONG: i32 = 1024;

/** Like {@link tile}, for any depth; `sums` is room for 32 float64 numbers. */
function deepTile(u: usize, uStep: usize, depth: i32, v: usize, vStep: usize, m: usize, mRow: usize, sums: usize): void {
  if (depth > DEPTH) memory.fill(sums, 0, 256);
  for (let k = 0;; k += DEPTH) {
    tile(u + k * uStep, uStep, min(DEPTH, depth - k), v + k * vStep, vStep, m, mRow, false);
    if (depth <= DEPTH) return;
    for (let row: usize = 0; row < 4; row++) addWide(m + row * mRow, sums + 64 * row, 8);
    if (k + DEPTH >= depth) break;
  }
  for (let row: usize = 0; row < 4; row++) roundWide(sums + 64 * row, m + row * mRow, 8);
}

/** Adds `count` float32 numbers, rounded up to a multiple of four, to float64 numbers. */
export function addWide(from: usize, sums: usize, count: i32): void {
  for (; count > 0; count -= 4, from += 16, sums += 32) {
    const x = v128.load(from);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3))), 16);
  }
}

/** Rounds float64 numbers to float32. */
export function roundWide(sums: usize, to: usize, count: i32): void {
  for (; count > 0; count -= 4, sums += 32, to += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(sums)), high = f32x4.demote_f64x2_zero(v128.load(sums, 16));
    v128.store(to, v128.shuffle<f32>(low, high, 0, 1, 4, 5));
  }
}

/** Packs one part of A's and B's panels, except of a matrix that is its own; missing rows and columns are zero. */
export function packPanels(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), depth = job.depth;
  if (job.rows != job.a) {
    const count = (job.n + 3) >> 2;
    for (let i = beginning(part, parts, count), end = beginning(part + 1, parts, count); i < end; i++) {
      pack(job.a + 4 * i * job.aRow, job.aRow, job.aColumn, min(4, job.n - 4 * i), depth, job.rows + i * job.rowsNext, 4);
    }
  }
  if (job.columns != job.b) {
    const count = (job.m + 7) >> 3;
    for (let j = beginning(part, parts, count), end = beginning(part + 1, parts, count); j < end; j++) {
      let from = job.b + 8 * j * job.bColumn, to = job.columns + j * job.columnsNext;
      for (let k = 0; k < depth; k += STEPS, from += STEPS * job.bRow, to += job.columnsChunk) {
        pack(from, job.bColumn, job.bRow, min(8, job.m - 8 * j), min(STEPS, depth - k), to, 8);
      }
    }
  }
}

/** Computes one part of C, once all panels are packed. */
export function multiplyPanels(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), n = job.n, m = job.m, fours = (n + 3) >> 2, eights = (m + 7) >> 3;
  const columnParts = job.columnParts, rowParts = parts / columnParts, row = part / columnParts, column = part % columnParts;
  const first = beginning(row, rowParts, fours), last = beginning(row + 1, rowParts, fours);
  const left = beginning(column, columnParts, eights), right = beginning(column + 1, columnParts, eights);
  const products = job.scratch + job.scratchNext * thread, sums = products + 128;
  if (job.blocks) return multiplyBlocks(job, first, last, left, right, products);
  for (let j = left; j < right; j++) {
    const v = job.columns + j * job.columnsNext;
    for (let i = first; i < last; i++) {
      const u = job.rows + i * job.rowsNext, whole = 8 * j + 8 <= m && 4 * i + 4 <= n;
      const c = job.c + 4 * (4 * i * m + 8 * j);
      deepTile(u, job.rowsStep, job.depth, v, job.columnsStep, whole ? c : products, whole ? 4 * m : 32, sums);
      if (!whole) copyTile(job, i, j, products);
    }
  }
}

/** Copies a tile of four rows of eight to the i-th rows and j-th columns of C, as far as C has them. */
export function copyTile(job: MatrixProduct, i: i32, j: i32, from: usize): void {
  const m = job.m, height = min(4, job.n - 4 * i), width = min(8, m - 8 * j);
  let c = job.c + 4 * (4 * i * m + 8 * j);
  for (let k = 0; k < height; k++, from += 32, c += 4 * m) {
    if (width == 8) {
      v128.store(c, v128.load(from));
      v128.store(c, v128.load(from, 16), 16);
    } else for (let l = 0; l < 4 * width; l += 4) store<f32>(c + l, load<f32>(from + l));
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
    let i = 0;
    if (step == 4 && depth <= LONG) for (; i <= n - 4; i += 4, a += 4 * row, z += 16) v128.store(z, fourDots(a, row, y, depth));
    for (; i < n; i++, a += row, z += 4) {
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

/** Four sums along rows at once, each as {@link dot} does it: one sum alone waits for its additions. */
function fourDots(a: usize, row: i32, y: usize, depth: i32): v128 {
  const b = a + row, c = b + row, d = c + row;
  let w = f32x4.splat(0), x = f32x4.splat(0), v = f32x4.splat(0), u = f32x4.splat(0), k: usize = 0;
  const end: usize = 4 * (depth & ~3);
  for (; k < end; k += 16) {
    const factor = v128.load(y + k);
    w = f32x4.add(w, f32x4.mul(v128.load(a + k), factor));
    x = f32x4.add(x, f32x4.mul(v128.load(b + k), factor));
    v = f32x4.add(v, f32x4.mul(v128.load(c + k), factor));
    u = f32x4.add(u, f32x4.mul(v128.load(d + k), factor));
  }
  const low = f32x4.add(firsts(w, x, v, u), seconds(w, x, v, u)), high = f32x4.add(thirds(w, x, v, u), fourths(w, x, v, u));
  let sums = f32x4.add(low, high);
  for (const last: usize = 4 * depth; k < last; k += 4) {
    let column = v128.load32_zero(a + k);
    column = v128.load32_lane(b + k, column, 1);
    column = v128.load32_lane(c + k, column, 2);
    column = v128.load32_lane(d + k, column, 3);
    sums = f32x4.add(sums, f32x4.mul(column, v128.load32_splat(y + k)));
  }
  return sums;
}

function addColumns(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize): void {
  if (row == 4) {
    for (; n >= 16; n -= 16, a += 64, z += 64) addSixteen(a, column, depth, y, step, z);
  }
  memory.fill(z, 0, 4 * n);
  for (let k = 0; k < depth; k++, a += column, y += step) {
    const factor = load<f32>(y), four = f32x4.splat(factor);
    let i = 0;
    for (; i <= n - 4; i += 4) v128.store(z + 4 * i, f32x4.add(v128.load(z + 4 * i), f32x4.mul(four, v128.load(a + i * row))));
    for (; i < n; i++) store<f32>(z + 4 * i, load<f32>(z + 4 * i) + factor * load<f32>(a + i * row));
  }
}

/** Sixteen sums of {@link addColumns}, which stay in registers. */
function addSixteen(a: usize, column: i32, depth: i32, y: usize, step: i32, z: usize): void {
  let s = f32x4.splat(0), t = f32x4.splat(0), u = f32x4.splat(0), v = f32x4.splat(0);
  for (let k = 0; k < depth; k++, a += column, y += step) {
    const factor = v128.load32_splat(y);
    s = f32x4.add(s, f32x4.mul(factor, v128.load(a)));
    t = f32x4.add(t, f32x4.mul(factor, v128.load(a, 16)));
    u = f32x4.add(u, f32x4.mul(factor, v128.load(a, 32)));
    v = f32x4.add(v, f32x4.mul(factor, v128.load(a, 48)));
  }
  v128.store(z, s);
  v128.store(z, t, 16);
  v128.store(z, u, 32);
  v128.store(z, v, 48);
}
