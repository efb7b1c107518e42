import { beginning } from "./job";
import { multiplyAdd, multiplySubtract } from "./vectors";

/* Products of spectra. Columns come in blocks of eight: the layout of a spectrum is [block, point, row, re and im, 8], with given
 * distances between points and between blocks, in bytes.
 */

/** Points of a spectrum: all eighteen of columns 1 to 8, and the first ten of columns 0 and 9, the spectra of real numbers. */
export const POINTS: i32 = 164;

/** Bytes of a row: eight real parts, then eight imaginary parts. */
export const ROW: usize = 64;

/**
 * M_p = U_p V_p, [outputs, depth] times [depth, 8], for points p from `first` to before `end` and every block. The layout of U is
 * [points, pairs of outputs, depth, 4]: re and im of both outputs of a pair.
 */
export function multiply(
  first: i32,
  end: i32,
  blocks: i32,
  pairs: i32,
  depth: i32,
  u: usize,
  v: usize,
  vBlock: usize,
  vPoint: usize,
  m: usize,
  mBlock: usize,
  mPoint: usize,
): void {
  const length: usize = 16 * depth;
  u += first * pairs * length;
  v += first * vPoint;
  m += first * mPoint;
  for (let p = first; p < end; p++, u += pairs * length, v += vPoint, m += mPoint) {
    for (let b: usize = 0; b < (blocks as usize); b++) {
      let left = u, to = m + b * mBlock;
      for (let i = 0; i < pairs; i++, left += length, to += 2 * ROW) complexTile(left, length, v + b * vBlock, to);
    }
  }
}

/** A product of all blocks, split into parts by points, so that each part reads its filters once. */
@unmanaged
class SpectrumProduct {
  blocks: i32;
  /** Pairs of outputs. */
  pairs: i32;
  depth: i32;
  u: usize;
  v: usize;
  vBlock: usize;
  vPoint: usize;
  m: usize;
  mBlock: usize;
  mPoint: usize;
}

/** Computes one part of the points. */
export function multiplySpectra(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<SpectrumProduct>(at), first = beginning(part, parts, POINTS), end = beginning(part + 1, parts, POINTS);
  multiply(first, end, job.blocks, job.pairs, job.depth, job.u, job.v, job.vBlock, job.vPoint, job.m, job.mBlock, job.mPoint);
}

/** Multiplies two rows of U by eight columns; the eight sums stay in vector registers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function complexTile(u: usize, length: usize, v: usize, m: usize): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (const end = u + length; u < end; u += 16, v += ROW) {
    const four = v128.load(u), re0 = v128.load(v), re1 = v128.load(v, 16), im0 = v128.load(v, 32), im1 = v128.load(v, 48);
    const u0 = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    a0 = multiplyAdd(u0, re0, a0);
    a1 = multiplyAdd(u0, re1, a1);
    b0 = multiplyAdd(u0, im0, b0);
    b1 = multiplyAdd(u0, im1, b1);
    const u1 = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
    a0 = multiplySubtract(u1, im0, a0);
    a1 = multiplySubtract(u1, im1, a1);
    b0 = multiplyAdd(u1, re0, b0);
    b1 = multiplyAdd(u1, re1, b1);
    const u2 = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
    c0 = multiplyAdd(u2, re0, c0);
    c1 = multiplyAdd(u2, re1, c1);
    d0 = multiplyAdd(u2, im0, d0);
    d1 = multiplyAdd(u2, im1, d1);
    const u3 = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
    c0 = multiplySubtract(u3, im0, c0);
    c1 = multiplySubtract(u3, im1, c1);
    d0 = multiplyAdd(u3, re0, d0);
    d1 = multiplyAdd(u3, re1, d1);
  }
  v128.store(m, a0);
  v128.store(m, a1, 16);
  v128.store(m, b0, 32);
  v128.store(m, b1, 48);
  v128.store(m, c0, 64);
  v128.store(m, c1, 80);
  v128.store(m, d0, 96);
  v128.store(m, d1, 112);
}

/** For every point p, D_p (+)= conj(S_p) V_pᵀ over the columns of all blocks: [outputs, columns] times [columns, depth]. */
@unmanaged
class SpectrumCorrelation {
  blocks: i32;
  /** Pairs of outputs and of depth. */
  outputPairs: i32;
  depthPairs: i32;
  s: usize;
  sBlock: usize;
  sPoint: usize;
  v: usize;
  vBlock: usize;
  vPoint: usize;
  /** [points, outputs, depth, re and im], with the bytes of a point and of an output. */
  d: usize;
  dPoint: usize;
  dOutput: usize;
  /** Whether to add to D. */
  keep: i32;
}

/** Computes one part of the points. */
export function correlateSpectra(at: usize, part: i32, parts: i32, thread: i32): void {
  const job = changetype<SpectrumCorrelation>(at);
  for (let p: usize = beginning(part, parts, POINTS), end: usize = beginning(part + 1, parts, POINTS); p < end; p++) {
    for (let i: usize = 0; i < (job.outputPairs as usize); i++) {
      const s = job.s + p * job.sPoint + 2 * i * ROW;
      let v = job.v + p * job.vPoint, d = job.d + p * job.dPoint + 2 * i * job.dOutput;
      for (let j = 0; j < job.depthPairs; j++, v += 2 * ROW, d += 16) {
        correlationTile(s, job.sBlock, v, job.vBlock, job.blocks, d, job.dOutput, job.keep != 0);
      }
    }
  }
}

/** Two outputs by two of depth. Each sum is four sums, one per column modulo four, which are added at the end. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function correlationTile(
  s: usize,
  sBlock: usize,
  v: usize,
  vBlock: usize,
  blocks: i32,
  d: usize,
  dOutput: usize,
  keep: bool,
): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (; blocks > 0; blocks--, s += sBlock, v += vBlock) {
    for (let half: usize = 0; half < 32; half += 16) {
      const from = s + half, to = v + half;
      const r0 = v128.load(from), i0 = v128.load(from, 32), r1 = v128.load(from, 64), i1 = v128.load(from, 96);
      const x0 = v128.load(to);
      a0 = multiplyAdd(r0, x0, a0);
      a1 = multiplySubtract(i0, x0, a1);
      c0 = multiplyAdd(r1, x0, c0);
      c1 = multiplySubtract(i1, x0, c1);
      const y0 = v128.load(to, 32);
      a0 = multiplyAdd(i0, y0, a0);
      a1 = multiplyAdd(r0, y0, a1);
      c0 = multiplyAdd(i1, y0, c0);
      c1 = multiplyAdd(r1, y0, c1);
      const x1 = v128.load(to, 64);
      b0 = multiplyAdd(r0, x1, b0);
      b1 = multiplySubtract(i0, x1, b1);
      d0 = multiplyAdd(r1, x1, d0);
      d1 = multiplySubtract(i1, x1, d1);
      const y1 = v128.load(to, 96);
      b0 = multiplyAdd(i0, y1, b0);
      b1 = multiplyAdd(r0, y1, b1);
      d0 = multiplyAdd(i1, y1, d0);
      d1 = multiplyAdd(r1, y1, d1);
    }
  }
  const first = sums(a0, a1, b0, b1), second = sums(c0, c1, d0, d1);
  v128.store(d, keep ? f32x4.add(v128.load(d), first) : first);
  v128.store(d + dOutput, keep ? f32x4.add(v128.load(d + dOutput), second) : second);
}

/** The sum of the four numbers in each vector. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
