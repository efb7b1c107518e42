import { beginning } from "./job";
import { multiplyAdd } from "./vectors";

/**
 * A product for every image of a batch. Places are in bytes.
 * Forward and input gradient: C of an image = start + A B, where B is the padded image. Filter gradient: C of a part += A B
 * over its images, where A is the padded image and B its slopes, transposed so that outputs are neighbours.
 */
@unmanaged
class Product {
  images: i32;
  /** The given images, and the tables by which each is copied to a thread's padded place. */
  from: usize;
  rows: i32;
  columns: i32;
  rowOffsets: usize;
  columnOffsets: usize;
  padded: usize;
  paddedBytes: i32;
  /** The same for slopes; 0 if there are none. */
  slopes: usize;
  slopeRows: i32;
  slopeColumns: i32;
  slopeRowOffsets: usize;
  slopeColumnOffsets: usize;
  turned: usize;
  turnedBytes: i32;
  /** The operands of `product`. */
  a: usize;
  aRows: usize;
  aSteps: usize;
  aCount: i32;
  bSteps: usize;
  panels: usize;
  panelCount: i32;
  depth: i32;
  c: usize;
  /** Bytes of C for an image or a part. */
  cBytes: i32;
  cStride: usize;
  start: usize;
}

/** Runs one of the parts of a job. */
export function convolve(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<Product>(at), first = beginning(part, parts, job.images), end = beginning(part + 1, parts, job.images);
  const padded = job.padded + thread * job.paddedBytes, turned = job.turned + thread * job.turnedBytes;
  for (let n = first; n < end; n++) {
    place(job.from + 4 * (n * job.rows * job.columns), job.rows, job.columns, padded, job.rowOffsets, job.columnOffsets);
    if (job.slopes == 0) {
      const c = job.c + n * job.cBytes;
      product(job.a, job.aRows, job.aSteps, job.aCount, padded, job.bSteps, job.panels, job.panelCount, job.depth, c, job.cStride, job.start);
    } else {
      const slopes = job.slopes + 4 * (n * job.slopeRows * job.slopeColumns), c = job.c + part * job.cBytes;
      place(slopes, job.slopeRows, job.slopeColumns, turned, job.slopeRowOffsets, job.slopeColumnOffsets);
      product(padded, job.aRows, job.aSteps, job.aCount, turned, job.bSteps, job.panels, job.panelCount, job.depth, c, job.cStride, 0);
    }
  }
}

/** Rows and columns of a tile: its twelve sums stay in vector registers, with one row of B and one number of A. */
const HEIGHT: i32 = 3, WIDTH: i32 = 16;
/** The most terms in a sum; longer sums add such sums, which keeps their digits. */
const DEPTH: i32 = 512;

/**
 * C += A B for float32, or with `start` C[i, j] = start[i] + (A B)[i, j]. Tables of offsets locate the operands' elements, so
 * that an image need not be unrolled into a matrix: A[i, k] is at a + aRows[i] + aSteps[k]; for a panel of up to sixteen
 * neighbouring columns, B[k, j] is at b + panel.b + bSteps[k] + 4 j and C[i, j] at c + panel.c + i cStride + 4 j. A panel is
 * three numbers: b, c and its width. All offsets are int32, in bytes. B must be readable for sixteen columns even if a panel is
 * narrower.
 */
function product(
  a: usize,
  aRows: usize,
  aSteps: usize,
  rows: i32,
  b: usize,
  bSteps: usize,
  panels: usize,
  panelCount: i32,
  depth: i32,
  c: usize,
  cStride: usize,
  start: usize,
): void {
  for (let i = 0; i < rows; i += HEIGHT) {
    const height = min(HEIGHT, rows - i), offsets = aRows + 4 * (i as usize), to = c + (i as usize) * cStride;
    // Missing rows repeat the first; their sums are not stored.
    const a0 = a + load<i32>(offsets);
    const a1 = height > 1 ? a + load<i32>(offsets, 4) : a0;
    const a2 = height > 2 ? a + load<i32>(offsets, 8) : a0;
    const from = start == 0 ? 0 : start + 4 * (i as usize);
    for (let p = 0; p < panelCount; p++) {
      const panel = panels + 12 * (p as usize), width = load<i32>(panel, 8);
      const right = b + load<i32>(panel), sums = to + load<i32>(panel, 4);
      for (let k = 0; k < depth; k += DEPTH) {
        const some = min(DEPTH, depth - k);
        tile(a0, a1, a2, aSteps + 4 * k, right, bSteps + 4 * k, some, sums, cStride, height, width, k == 0 ? from : 0);
      }
    }
  }
}

/**
 * Copies rows of float32 by tables of byte offsets: element j of row i goes to to + rowOffsets[i] + columnOffsets[j]. A negative
 * offset skips the row or the element.
 */
function place(from: usize, rows: i32, columns: i32, to: usize, rowOffsets: usize, columnOffsets: usize): void {
  for (let i = 0; i < rows; i++, from += 4 * (columns as usize)) {
    const offset = load<i32>(rowOffsets + 4 * (i as usize));
    if (offset < 0) continue;
    for (let j: usize = 0; j < 4 * (columns as usize); j += 4) {
      const column = load<i32>(columnOffsets + j);
      if (column >= 0) store<f32>(to + offset + column, load<f32>(from + j));
    }
  }
}

function tile(
  a0: usize,
  a1: usize,
  a2: usize,
  aSteps: usize,
  b: usize,
  bSteps: usize,
  depth: i32,
  c: usize,
  cStride: usize,
  height: i32,
  width: i32,
  start: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  for (let k: usize = 0; k < 4 * (depth as usize); k += 4) {
    const at = load<i32>(aSteps + k), from = b + load<i32>(bSteps + k);
    const b0 = v128.load(from), b1 = v128.load(from, 16), b2 = v128.load(from, 32), b3 = v128.load(from, 48);
    const x0 = v128.load32_splat(a0 + at);
    c00 = multiplyAdd(x0, b0, c00);
    c01 = multiplyAdd(x0, b1, c01);
    c02 = multiplyAdd(x0, b2, c02);
    c03 = multiplyAdd(x0, b3, c03);
    const x1 = v128.load32_splat(a1 + at);
    c10 = multiplyAdd(x1, b0, c10);
    c11 = multiplyAdd(x1, b1, c11);
    c12 = multiplyAdd(x1, b2, c12);
    c13 = multiplyAdd(x1, b3, c13);
    const x2 = v128.load32_splat(a2 + at);
    c20 = multiplyAdd(x2, b0, c20);
    c21 = multiplyAdd(x2, b1, c21);
    c22 = multiplyAdd(x2, b2, c22);
    c23 = multiplyAdd(x2, b3, c23);
  }
  putRow(c, c00, c01, c02, c03, width, start);
  if (height > 1) putRow(c + cStride, c10, c11, c12, c13, width, start == 0 ? 0 : start + 4);
  if (height > 2) putRow(c + 2 * cStride, c20, c21, c22, c23, width, start == 0 ? 0 : start + 8);
}

/** Adds the first `width` of sixteen numbers to C, or to `start`'s number. */
function putRow(c: usize, c0: v128, c1: v128, c2: v128, c3: v128, width: i32, start: usize): void {
  if (start != 0) {
    const first = v128.load32_splat(start);
    c0 = f32x4.add(first, c0);
    c1 = f32x4.add(first, c1);
    c2 = f32x4.add(first, c2);
    c3 = f32x4.add(first, c3);
  } else {
    c0 = f32x4.add(v128.load(c), c0);
    c1 = f32x4.add(v128.load(c, 16), c1);
    c2 = f32x4.add(v128.load(c, 32), c2);
    c3 = f32x4.add(v128.load(c, 48), c3);
  }
  if (width == WIDTH) {
    v128.store(c, c0);
    v128.store(c, c1, 16);
    v128.store(c, c2, 32);
    v128.store(c, c3, 48);
    return;
  }
  for (; width >= 4; width -= 4, c += 16) {
    v128.store(c, c0);
    c0 = c1;
    c1 = c2;
    c2 = c3;
  }
  if (width > 0) store<f32>(c, f32x4.extract_lane(c0, 0));
  if (width > 1) store<f32>(c, f32x4.extract_lane(c0, 1), 4);
  if (width > 2) store<f32>(c, f32x4.extract_lane(c0, 2), 8);
}
