/*
 * The one-dimensional transforms of the Cook-Toom (Winograd) algorithm F(4, 5): four outputs of a filter with five taps from
 * eight products, at the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. y = Aᵀ ((G w) (Bᵀ x)), and for the filter's gradient
 * dw = Gᵀ ((A dy) (Bᵀ x)). Each works on four independent numbers at a time. Rows of B are scaled so that they have no
 * fractions but powers of two, 5/4, 17/4 and 21/4; the scales stand in G.
 * Source: S. Winograd, "Arithmetic complexity of computations" (1980); A. Lavin, S. Gray, "Fast algorithms for convolutional
 * neural networks", CVPR 2016.
 */

import { multiplyAdd } from "./point_products";

/** Bᵀ x to eight places `step` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putData(
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  x4: v128,
  x5: v128,
  x6: v128,
  x7: v128,
  to: usize,
  step: usize,
): void {
  const quarters = f32x4.splat(5.25), less = f32x4.splat(-4.25), half = f32x4.splat(0.5), two = f32x4.splat(2);
  v128.store(to, multiplyAdd(f32x4.sub(x4, x2), quarters, f32x4.sub(x0, x6)));
  const a = multiplyAdd(x4, less, f32x4.add(x2, x6)), b = multiplyAdd(x3, less, f32x4.add(x1, x5));
  v128.store(to += step, f32x4.add(a, b));
  v128.store(to += step, f32x4.sub(a, b));
  const y = f32x4.mul(x4, f32x4.splat(-1.25)), z = f32x4.mul(x3, f32x4.splat(-2.5));
  const c = multiplyAdd(x2, f32x4.splat(0.25), f32x4.add(x6, y)), d = multiplyAdd(x5, two, multiplyAdd(x1, half, z));
  v128.store(to += step, f32x4.add(c, d));
  v128.store(to += step, f32x4.sub(c, d));
  const e = multiplyAdd(f32x4.add(x2, y), f32x4.splat(4), x6), f = multiplyAdd(x5, half, multiplyAdd(x1, two, z));
  v128.store(to += step, f32x4.add(e, f));
  v128.store(to += step, f32x4.sub(e, f));
  v128.store(to += step, multiplyAdd(f32x4.sub(x3, x5), quarters, f32x4.sub(x7, x1)));
}

/** B m, the transpose of the one above, to eight places `step` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putBack(
  m0: v128,
  m1: v128,
  m2: v128,
  m3: v128,
  m4: v128,
  m5: v128,
  m6: v128,
  m7: v128,
  to: usize,
  step: usize,
): void {
  const quarters = f32x4.splat(5.25);
  v128.store(to, m0);
  v128.store(to + 7 * step, m7);
  const d1 = f32x4.sub(m1, m2), d2 = f32x4.sub(m3, m4), d3 = f32x4.sub(m5, m6);
  v128.store(to + step, f32x4.sub(weighted(d1, d2, d3, 0.5, 2), m7));
  const last = f32x4.mul(m7, quarters);
  v128.store(to + 3 * step, weighted(last, d1, f32x4.add(d2, d3), -4.25, -2.5));
  v128.store(to + 5 * step, f32x4.sub(weighted(d1, d2, d3, 2, 0.5), last));
  const p1 = f32x4.add(m1, m2), p2 = f32x4.add(m3, m4), p3 = f32x4.add(m5, m6), first = f32x4.mul(m0, quarters);
  v128.store(to + 2 * step, f32x4.sub(weighted(p1, p2, p3, 0.25, 4), first));
  v128.store(to + 4 * step, weighted(multiplyAdd(p1, f32x4.splat(-4.25), first), p2, p3, -1.25, -5));
  v128.store(to + 6 * step, f32x4.sub(f32x4.add(f32x4.add(p1, p2), p3), m0));
}

/** A dy to eight places `step` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putSlopes(x0: v128, x1: v128, x2: v128, x3: v128, to: usize, step: usize): void {
  v128.store(to, x0);
  const e1 = f32x4.add(x0, x2), o1 = f32x4.add(x1, x3);
  v128.store(to += step, f32x4.add(e1, o1));
  v128.store(to += step, f32x4.sub(e1, o1));
  const e2 = multiplyAdd(x2, f32x4.splat(4), x0), o2 = multiplyAdd(x3, f32x4.splat(8), f32x4.mul(x1, f32x4.splat(2)));
  v128.store(to += step, f32x4.add(e2, o2));
  v128.store(to += step, f32x4.sub(e2, o2));
  const e3 = multiplyAdd(x2, f32x4.splat(0.25), x0);
  const o3 = multiplyAdd(x3, f32x4.splat(0.125), f32x4.mul(x1, f32x4.splat(0.5)));
  v128.store(to += step, f32x4.add(e3, o3));
  v128.store(to += step, f32x4.sub(e3, o3));
  v128.store(to += step, x3);
}

/** G w to eight places `step` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putFilter(w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, to: usize, step: usize): void {
  v128.store(to, w0);
  putPair(f32x4.add(f32x4.add(w0, w2), w4), f32x4.add(w1, w3), -2.0 / 9.0, to + step, step);
  putPair(weighted(w0, w2, w4, 4, 16), weighted(f32x4.splat(0), w1, w3, 2, 8), 1.0 / 90.0, to + 3 * step, step);
  putPair(weighted(w0, w2, w4, 0.25, 0.0625), weighted(f32x4.splat(0), w1, w3, 0.5, 0.125), 32.0 / 45.0, to + 5 * step, step);
  v128.store(to + 7 * step, w4);
}

/** Gᵀ d, five numbers, to places `step` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function putFilterGradient(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  d6: v128,
  d7: v128,
  to: usize,
  step: usize,
): void {
  const s1 = f32x4.splat(-2.0 / 9.0), s2 = f32x4.splat(1.0 / 90.0), s3 = f32x4.splat(32.0 / 45.0);
  const e1 = f32x4.mul(f32x4.add(d1, d2), s1), o1 = f32x4.mul(f32x4.sub(d1, d2), s1);
  const e2 = f32x4.mul(f32x4.add(d3, d4), s2), o2 = f32x4.mul(f32x4.sub(d3, d4), s2);
  const e3 = f32x4.mul(f32x4.add(d5, d6), s3), o3 = f32x4.mul(f32x4.sub(d5, d6), s3);
  v128.store(to, f32x4.add(f32x4.add(d0, e1), f32x4.add(e2, e3)));
  v128.store(to + step, weighted(o1, o2, o3, 2, 0.5));
  v128.store(to + 2 * step, weighted(e1, e2, e3, 4, 0.25));
  v128.store(to + 3 * step, weighted(o1, o2, o3, 8, 0.125));
  v128.store(to + 4 * step, f32x4.add(weighted(e1, e2, e3, 16, 0.0625), d7));
}

/** x + y p + z q. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function weighted(x: v128, y: v128, z: v128, p: f32, q: f32): v128 {
  return multiplyAdd(z, f32x4.splat(q), multiplyAdd(y, f32x4.splat(p), x));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function putPair(even: v128, odd: v128, scale: f32, to: usize, step: usize): void {
  v128.store(to, f32x4.mul(f32x4.add(even, odd), f32x4.splat(scale)));
  v128.store(to + step, f32x4.mul(f32x4.sub(even, odd), f32x4.splat(scale)));
}
