import { first, joined, last } from "./fractions";
import { at, degree6, step } from "./pairs";

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

const numbers = memory.data<f64>([
  0.6366197723675814,
  0.5,
  1.5707963267341256,
  6.077100506303966e-11,
  2.0222662487959506e-21,
  1,
  6755399441055744,
  1e-9,
], 8);
const far = memory.data<f32>([1e6], 8);

// @ts-ignore: a decorator of AssemblyScript
@inline
function wave(x: v128, quarters: i32): v128 {
  const n = f64x2.floor(f64x2.add(f64x2.mul(x, at(numbers, 0)), at(numbers, 1)));
  const r = f64x2.sub(x, f64x2.mul(n, at(numbers, 2))), w = f64x2.mul(n, at(numbers, 3)), t = f64x2.sub(r, w);
  const c = f64x2.sub(f64x2.mul(n, at(numbers, 4)), f64x2.sub(f64x2.sub(r, t), w));
  const high = f64x2.sub(t, c), low = f64x2.sub(f64x2.sub(t, high), c), z = f64x2.mul(high, high);
  const s = step(degree6(z, sineTable), z, sineTable, 7);
  const d = degree6(z, cosineTable);
  const half = f64x2.mul(at(numbers, 1), z), rest = f64x2.sub(at(numbers, 5), half);
  const sine = f64x2.add(high, f64x2.add(f64x2.mul(f64x2.mul(high, z), s), f64x2.mul(low, rest)));
  const small = f64x2.sub(f64x2.mul(f64x2.mul(z, z), d), f64x2.mul(high, low));
  const cosine = f64x2.add(rest, f64x2.add(f64x2.sub(f64x2.sub(at(numbers, 5), rest), half), small));
  // A sum with 1.5 · 2^52 has a whole number in its last bits.
  const quarter = i64x2.add(f64x2.add(n, at(numbers, 6)), i64x2.splat(quarters as i64));
  const odd = i64x2.shr_s(i64x2.shl(quarter, 63), 63), sign = i64x2.shl(i64x2.shr_u(quarter, 1), 63);
  const y = v128.xor(v128.bitselect(cosine, sine, odd), sign);
  return v128.bitselect(quarters == 0 ? x : at(numbers, 5), y, f64x2.lt(f64x2.abs(x), at(numbers, 7)));
}

/** Four numbers at a time, of which `count` is a multiple. @returns whether some are left: too far from 0, or NaN */
function waves(z: usize, x: usize, count: i32, quarters: i32): i32 {
  let near = i32x4.splat(-1);
  for (const end = z + 4 * count; z < end; z += 16, x += 16) {
    const v = v128.load(x);
    near = v128.and(near, f32x4.lt(f32x4.abs(v), v128.load32_splat(far)));
    v128.store(z, joined(wave(first(v), quarters), wave(last(v), quarters)));
  }
  return v128.all_true<i32>(near) ? 0 : 1;
}

export function sine(z: usize, x: usize, y: usize, w: usize, count: i32): i32 {
  return waves(z, x, count, 0);
}
export function cosine(z: usize, x: usize, y: usize, w: usize, count: i32): i32 {
  return waves(z, x, count, 1);
}
