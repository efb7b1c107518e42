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
  /** Whether `multiplyColumns` holds A's steps: then B's panels are cut every 64 steps. */
  held: i32;
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

/** The most terms in a float32 sum; longer sums, which are computed in blocks, add such sums in float64. */
export const DEPTH: i32 = 256;

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
  const products = job.scratch + job.scratchNext * thread, depth = job.depth;
  if (job.held || depth > DEPTH) return multiplyBlocks(job, first, last, left, right, products);
  for (let j = left; j < right; j++) {
    const v = job.columns + j * job.columnsNext;
    for (let i = first; i < last; i++) {
      const u = job.rows + i * job.rowsNext, whole = 8 * j + 8 <= m && 4 * i + 4 <= n;
      const c = job.c + 4 * (4 * i * m + 8 * j);
      tile(u, job.rowsStep, depth, v, job.columnsStep, whole ? c : products, whole ? 4 * m : 32, false);
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
