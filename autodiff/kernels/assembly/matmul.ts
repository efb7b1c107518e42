import { PARTS } from "./job";
import { multiplyAdd } from "./point_products";

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
  /** Room for the first thread's rows of A, [rows / 4, depth, 4], and for a tile; bytes from one thread's to the next. */
  rows: usize;
  threadBytes: usize;
}

/** Packs one part of B; columns that are missing are zero. */
export function packColumns(at: usize, part: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), count = (job.m + 7) >> 3;
  for (let i = part * count / PARTS, end = (part + 1) * count / PARTS; i < end; i++) {
    const from = job.b + 8 * i * job.bColumn, to = job.panels + 32 * i * job.depth;
    pack(from, job.bColumn, job.bRow, min(8, job.m - 8 * i), job.depth, to, 8);
  }
}

/** Computes one part of the rows of C, after all of B is packed. */
export function multiplyRows(at: usize, part: i32, thread: i32): void {
  const job = changetype<MatrixProduct>(at), fours = (job.n + 3) >> 2, depth = job.depth;
  const first = part * fours / PARTS, end = (part + 1) * fours / PARTS, length: usize = 16 * depth;
  const tile = job.rows + thread * job.threadBytes, rows = tile + 128;
  for (let i = first; i < end; i++) {
    pack(job.a + 4 * i * job.aRow, job.aRow, job.aColumn, min(4, job.n - 4 * i), depth, rows + (i - first) * length, 4);
  }
  for (let j = 0; j < job.m; j += 8) {
    const panel = job.panels + 4 * j * depth, width = min(8, job.m - j);
    for (let i = first; i < end; i++) {
      const c = job.c + 4 * (4 * i * job.m + j), height = min(4, job.n - 4 * i);
      multiplyPanels(rows + (i - first) * length, length, panel, tile);
      for (let row = 0; row < height; row++) {
        const from = tile + 32 * row, to = c + 4 * row * job.m;
        if (width == 8) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        } else for (let k = 0; k < 4 * width; k += 4) store<f32>(to + k, load<f32>(from + k));
      }
    }
  }
}

/** Lines of a matrix, `step` apart, with elements `along` apart, side by side in a panel of `width`; missing ones are zero. */
function pack(from: usize, step: i32, along: i32, lines: i32, depth: i32, to: usize, width: i32): void {
  if (step == 4 && lines == width) {
    for (let k = 0; k < depth; k++, from += along, to += 4 * width) {
      v128.store(to, v128.load(from));
      if (width == 8) v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  for (let line = 0; line < width; line++, from += step) {
    let source = from, place = to + 4 * line;
    for (let k = 0; k < depth; k++, source += along, place += 4 * width) store<f32>(place, line < lines ? load<f32>(source) : 0);
  }
}

/** Four packed rows by a panel of eight columns. */
function multiplyPanels(a: usize, length: usize, b: usize, c: usize): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (const end = a + length; a < end; a += 16, b += 32) {
    const four = v128.load(a), v0 = v128.load(b), v1 = v128.load(b, 16);
    const x0 = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    a0 = multiplyAdd(x0, v0, a0);
    a1 = multiplyAdd(x0, v1, a1);
    const x1 = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
    b0 = multiplyAdd(x1, v0, b0);
    b1 = multiplyAdd(x1, v1, b1);
    const x2 = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
    c0 = multiplyAdd(x2, v0, c0);
    c1 = multiplyAdd(x2, v1, c1);
    const x3 = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
    d0 = multiplyAdd(x3, v0, d0);
    d1 = multiplyAdd(x3, v1, d1);
  }
  v128.store(c, a0);
  v128.store(c, a1, 16);
  v128.store(c, b0, 32);
  v128.store(c, b1, 48);
  v128.store(c, c0, 64);
  v128.store(c, c1, 80);
  v128.store(c, d0, 96);
  v128.store(c, d1, 112);
}
