import { first, joined, last } from "./fractions";

/** Sine and cosine of `mathematics/waves.ts` for float32, with the same bits. */

const sineTable = memory.data<f64>([
  1 / 355687428096000.0,
  -1 / 1307674368000.0,
  1 / 6227020800.0,
  -1 / 39916800.0,
  1 / 362880.0,
  -1 / 5040.0,
  1 / 120.0,
  -1 / 6.0,
], 8);
const cosineTable = memory.data<f64>([
  1 / 20922789888000.0,
  -1 / 87178291200.0,
  1 / 479001600.0,
  -1 / 3628800.0,
  1 / 40320.0,
  -1 / 720.0,
  1 / 24.0,
], 8);

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(x: f64): v128 {
  return f64x2.splat(x);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function at(table: usize, i: usize): v128 {
  return v128.load64_splat(table + 8 * i);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function wave(x: v128, quarters: i64): v128 {
  const n = f64x2.floor(f64x2.add(f64x2.mul(x, both(0.6366197723675814)), both(0.5)));
  const r = f64x2.sub(x, f64x2.mul(n, both(1.5707963267341256))), w = f64x2.mul(n, both(6.077100506303966e-11)), t = f64x2.sub(r, w);
  const c = f64x2.sub(f64x2.mul(n, both(2.0222662487959506e-21)), f64x2.sub(f64x2.sub(r, t), w));
  const high = f64x2.sub(t, c), low = f64x2.sub(f64x2.sub(t, high), c), z = f64x2.mul(high, high);
  let s = f64x2.add(f64x2.mul(at(sineTable, 0), z), at(sineTable, 1));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 2));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 3));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 4));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 5));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 6));
  s = f64x2.add(f64x2.mul(s, z), at(sineTable, 7));
  let d = f64x2.add(f64x2.mul(at(cosineTable, 0), z), at(cosineTable, 1));
  d = f64x2.add(f64x2.mul(d, z), at(cosineTable, 2));
  d = f64x2.add(f64x2.mul(d, z), at(cosineTable, 3));
  d = f64x2.add(f64x2.mul(d, z), at(cosineTable, 4));
  d = f64x2.add(f64x2.mul(d, z), at(cosineTable, 5));
  d = f64x2.add(f64x2.mul(d, z), at(cosineTable, 6));
  const half = f64x2.mul(both(0.5), z), rest = f64x2.sub(both(1), half);
  const sine = f64x2.add(high, f64x2.add(f64x2.mul(f64x2.mul(high, z), s), f64x2.mul(low, rest)));
  const small = f64x2.sub(f64x2.mul(f64x2.mul(z, z), d), f64x2.mul(high, low));
  const cosine = f64x2.add(rest, f64x2.add(f64x2.sub(f64x2.sub(both(1), rest), half), small));
  // A sum with 1.5 · 2^52 has a whole number in its last bits.
  const quarter = i64x2.add(f64x2.add(n, both(6755399441055744)), i64x2.splat(quarters));
  const odd = i64x2.shr_s(i64x2.shl(quarter, 63), 63), sign = i64x2.shl(i64x2.shr_u(quarter, 1), 63);
  const y = v128.xor(v128.bitselect(cosine, sine, odd), sign);
  return v128.bitselect(quarters == 0 ? x : both(1), y, f64x2.lt(f64x2.abs(x), both(1e-9)));
}

/** @returns whether numbers are left for the caller, because they are too far from 0, or NaN */
// @ts-ignore: a decorator of AssemblyScript
@inline
function waves(z: usize, x: usize, count: i32, quarters: i64): i32 {
  let near = i32x4.splat(-1);
  for (let i = 0; i < count; i += 4, x += 16, z += 16) {
    const v = v128.load(x), found = joined(wave(first(v), quarters), wave(last(v), quarters));
    near = v128.and(near, f32x4.lt(f32x4.abs(v), f32x4.splat(1e6)));
    if (i + 4 <= count) v128.store(z, found);
    else {
      store<f32>(z, f32x4.extract_lane(found, 0));
      if (i + 1 < count) store<f32>(z + 4, f32x4.extract_lane(found, 1));
      if (i + 2 < count) store<f32>(z + 8, f32x4.extract_lane(found, 2));
    }
  }
  return v128.all_true<i32>(near) ? 0 : 1;
}

export function sine(z: usize, x: usize, y: usize, w: usize, count: i32): i32 {
  return waves(z, x, count, 0);
}
export function cosine(z: usize, x: usize, y: usize, w: usize, count: i32): i32 {
  return waves(z, x, count, 1);
}
