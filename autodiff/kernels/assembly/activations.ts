import { exp, first, four, joined, last, log1p, N, none } from "./fractions";
import { gateTanh as gate } from "./gate_tanh";
import { normalCdf } from "./normal_cdf";

/** Functions of up to three float32 numbers, for `count` of each, a multiple of four. */

/** σ(x) and σ(-x) are these quotients: e^-|x| or 1 by 1 + e^-|x|. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function sigmoid(x: v128, e: v128): v128 {
  return f32x4.div(v128.bitselect(e, four(N.one), f32x4.lt(x, none())), f32x4.add(four(N.one), e));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function decay(x: v128): v128 {
  return exp(f32x4.neg(f32x4.abs(x)));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function cdf(x: v128): v128 {
  return joined(normalCdf(first(x)), normalCdf(last(x)));
}

/** 2 √(2/π) (x + 0.044715 x³): (1 + tanh u) / 2 = σ(2 u). */
// @ts-ignore: a decorator of AssemblyScript
@inline
function bend(x: v128): v128 {
  return f32x4.mul(x, f32x4.mul(f32x4.add(f32x4.mul(f32x4.mul(x, x), four(N.cubic)), four(N.one)), four(N.steep)));
}

/** x y, or 0 where y is 0, however large x. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function vanishing(x: v128, y: v128): v128 {
  return v128.andnot(f32x4.mul(x, y), f32x4.eq(y, none()));
}

enum F {
  silu,
  siluSlope,
  normalCdf,
  product,
  geluSlope,
  tanhGelu,
  tanhGeluSlope,
  leakyRelu,
  squaredDifference,
  differenceSlope,
  bentDifference,
  bentSlope,
  logisticLoss,
  logisticSlope,
  round,
  gateTanh,
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function value(f: F, x: v128, y: v128, w: v128): v128 {
  if (f == F.silu) return f32x4.mul(x, sigmoid(x, decay(x)));
  if (f == F.siluSlope) {
    const e = decay(y), s = sigmoid(y, e), t = sigmoid(f32x4.neg(y), e);
    return f32x4.mul(x, f32x4.mul(s, f32x4.add(four(N.one), vanishing(y, t))));
  }
  if (f == F.normalCdf) return cdf(x);
  if (f == F.product) return f32x4.mul(x, y);
  if (f == F.geluSlope) {
    const density = f32x4.mul(exp(f32x4.mul(f32x4.mul(y, y), four(N.minusHalf))), four(N.density));
    return f32x4.mul(x, f32x4.add(w, vanishing(y, density)));
  }
  if (f == F.tanhGelu) {
    const u = bend(x);
    return f32x4.mul(x, sigmoid(u, decay(u)));
  }
  if (f == F.tanhGeluSlope) {
    const u = bend(y), e = decay(u), s = sigmoid(u, e), t = sigmoid(f32x4.neg(u), e);
    // y times the slope of u.
    const turn = f32x4.mul(y, f32x4.add(f32x4.mul(f32x4.mul(y, y), four(N.turn)), four(N.steep)));
    return f32x4.mul(x, f32x4.add(s, vanishing(turn, f32x4.mul(s, t))));
  }
  if (f == F.leakyRelu) return v128.bitselect(x, f32x4.mul(w, x), f32x4.gt(y, none()));
  if (f == F.squaredDifference) {
    const d = f32x4.sub(x, y);
    return f32x4.mul(d, d);
  }
  if (f == F.differenceSlope) return f32x4.mul(f32x4.mul(f32x4.sub(y, w), four(N.two)), x);
  if (f == F.bentDifference) {
    const size = f32x4.abs(f32x4.sub(x, y)), half = four(N.half);
    return v128.bitselect(f32x4.mul(f32x4.mul(half, size), size), f32x4.sub(size, half), f32x4.lt(size, four(N.one)));
  }
  if (f == F.bentSlope) return f32x4.mul(f32x4.pmin(f32x4.pmax(f32x4.sub(y, w), four(N.minusOne)), four(N.one)), x);
  if (f == F.logisticLoss) {
    // max(x, 0) - x y without a difference of products, which would lose digits, as a small logarithm next to a large x.
    const other = v128.bitselect(f32x4.sub(four(N.one), y), y, f32x4.gt(x, none()));
    return f32x4.add(f32x4.mul(f32x4.abs(x), other), log1p(decay(x)));
  }
  if (f == F.logisticSlope) return f32x4.mul(f32x4.sub(sigmoid(y, decay(y)), w), x);
  if (f == F.gateTanh) return joined(gate(first(x)), gate(last(x)));
  return f32x4.nearest(x);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function each(f: F, inputs: i32, z: usize, x: usize, y: usize, w: usize, count: i32): void {
  const end = z + 4 * count, nothing = none();
  for (; z < end; z += 16, x += 16) {
    const found = value(f, v128.load(x), inputs > 1 ? v128.load(y) : nothing, inputs > 2 ? v128.load(w) : nothing);
    if (inputs > 1) y += 16;
    if (inputs > 2) w += 16;
    v128.store(z, found);
  }
}

export function silu(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.silu, 1, z, x, y, w, count);
}
export function siluSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.siluSlope, 2, z, x, y, w, count);
}
export function normalCdfEach(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.normalCdf, 1, z, x, y, w, count);
}
export function product(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.product, 2, z, x, y, w, count);
}
export function geluSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.geluSlope, 3, z, x, y, w, count);
}
export function tanhGelu(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.tanhGelu, 1, z, x, y, w, count);
}
export function tanhGeluSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.tanhGeluSlope, 2, z, x, y, w, count);
}
export function leakyRelu(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.leakyRelu, 3, z, x, y, w, count);
}
export function squaredDifference(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.squaredDifference, 2, z, x, y, w, count);
}
export function differenceSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.differenceSlope, 3, z, x, y, w, count);
}
export function bentDifference(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.bentDifference, 2, z, x, y, w, count);
}
export function bentSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.bentSlope, 3, z, x, y, w, count);
}
export function logisticLoss(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.logisticLoss, 2, z, x, y, w, count);
}
export function logisticSlope(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.logisticSlope, 3, z, x, y, w, count);
}
export function gateTanh(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.gateTanh, 1, z, x, y, w, count);
}
export function round(z: usize, x: usize, y: usize, w: usize, count: i32): void {
  each(F.round, 1, z, x, y, w, count);
}
