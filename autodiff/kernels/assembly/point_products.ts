import { POINTS } from "./transforms";
import { multiplyAdd } from "./vectors";

/**
 * For every point p, M_p = U_p V_p: [outputs, depth] times [depth, columns]. U lies as [points, outputs / 4, depth, 4], V and M
 * as [points, depth or outputs, capacity]; planes of points are `vPlane` and `mPlane` bytes apart. Outputs count in fours, and
 * columns in eights, which must be there to be read and written.
 */
export function multiplyPoints(
  u: usize,
  v: usize,
  vPlane: usize,
  m: usize,
  mPlane: usize,
  fours: i32,
  depth: i32,
  columns: i32,
  capacity: usize,
): void {
  const row = 4 * capacity, length = 16 * (depth as usize);
  for (let p: usize = 0; p < POINTS * POINTS; p++, v += vPlane, m += mPlane) {
    let to = m;
    if (depth == 1) {
      for (let i = 0; i < fours; i++, u += 16, to += 4 * row) multiplyRow(u, v, row, to, 4 * (columns as usize));
      continue;
    }
    for (let i = 0; i < fours; i++, u += length, to += 4 * row) {
      for (let j = 0; j < columns; j += 8) tile(u, length, v + 4 * (j as usize), row, to + 4 * (j as usize), row);
    }
  }
}

/** Four numbers by a row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function multiplyRow(u: usize, v: usize, row: usize, m: usize, length: usize): void {
  const u0 = v128.load32_splat(u), u1 = v128.load32_splat(u, 4), u2 = v128.load32_splat(u, 8), u3 = v128.load32_splat(u, 12);
  for (const end = v + length; v < end; v += 16, m += 16) {
    const x = v128.load(v), two = m + 2 * row;
    v128.store(m, f32x4.mul(u0, x));
    v128.store(m + row, f32x4.mul(u1, x));
    v128.store(two, f32x4.mul(u2, x));
    v128.store(two + row, f32x4.mul(u3, x));
  }
}

/**
 * Four rows of U by eight columns of V, whose eight sums stay in vector registers, to four rows of M. U lies as [depth, 4], rows
 * of V and M are `vRow` and `mRow` bytes apart. One load brings four numbers of U: memory accesses are what costs here, because
 * an engine checks the bounds of each.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function tile(u: usize, length: usize, v: usize, vRow: usize, m: usize, mRow: usize): void {
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

/**
 * For every point p, D_p += S_p V_pᵀ: [outputs, columns] times [columns, depth]. S and V lie as [points, outputs or depth,
 * capacity], D as [points, outputs / 4, depth, 4]. Outputs count in fours, depth in twos, columns in fours.
 */
export function multiplyPointsTransposed(
  s: usize,
  sPlane: usize,
  v: usize,
  vPlane: usize,
  d: usize,
  fours: i32,
  twos: i32,
  columns: i32,
  capacity: usize,
): void {
  const row = 4 * capacity, length = 4 * (columns as usize);
  for (let p: usize = 0; p < POINTS * POINTS; p++, s += sPlane, v += vPlane) {
    let left = s;
    for (let i = 0; i < fours; i++, left += 4 * row) {
      let right = v;
      for (let j = 0; j < twos; j++, right += 2 * row, d += 32) transposedTile(left, right, row, length, d);
    }
  }
}

/** Four rows of S by two of V; each sum is four, one for each column modulo four, until the end. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function transposedTile(s: usize, v: usize, row: usize, length: usize, d: usize): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (const end = s + length; s < end; s += 16, v += 16) {
    const v0 = v128.load(v), v1 = v128.load(v + row), two = s + 2 * row;
    const s0 = v128.load(s);
    a0 = multiplyAdd(s0, v0, a0);
    a1 = multiplyAdd(s0, v1, a1);
    const s1 = v128.load(s + row);
    b0 = multiplyAdd(s1, v0, b0);
    b1 = multiplyAdd(s1, v1, b1);
    const s2 = v128.load(two);
    c0 = multiplyAdd(s2, v0, c0);
    c1 = multiplyAdd(s2, v1, c1);
    const s3 = v128.load(two + row);
    d0 = multiplyAdd(s3, v0, d0);
    d1 = multiplyAdd(s3, v1, d1);
  }
  v128.store(d, f32x4.add(v128.load(d), sums(a0, b0, c0, d0)));
  v128.store(d, f32x4.add(v128.load(d, 16), sums(a1, b1, c1, d1)), 16);
}

/** The sums of the four numbers in each. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
