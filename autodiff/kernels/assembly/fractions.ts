/** Functions of four float32 numbers at a time. */

/** Bits of numbers beyond the end of a row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function within(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** Numbers by name, in all lanes. They are loaded from fixed places: one instruction each, where a constant takes four. */
export enum N {
  least,
  most,
  log2e,
  magic,
  ln2High,
  ln2Low,
  e6,
  e5,
  e4,
  e3,
  e2,
  e1,
  one,
  two,
  half,
  minusHalf,
  minusOne,
  a7,
  a6,
  a5,
  a4,
  a3,
  a2,
  a1,
  density,
  cubic,
  steep,
  turn,
}

const numbers = memory.data<f32>([
  -104,
  89,
  1.44269504088896341,
  12582912,
  0.693359375,
  2.12194440e-4,
  1.9875691500e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  1,
  2,
  0.5,
  -0.5,
  -1,
  1.0 / 15.0,
  1.0 / 13.0,
  1.0 / 11.0,
  1.0 / 9.0,
  1.0 / 7.0,
  1.0 / 5.0,
  1.0 / 3.0,
  0.3989422804014327,
  0.044715,
  1.5957691216057308,
  0.2140644488,
], 8);
const bias = memory.data<i32>([127], 8);

// @ts-ignore: a decorator of AssemblyScript
@inline
export function four(n: N): v128 {
  return v128.load32_splat(numbers + 4 * (n as usize));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function none(): v128 {
  return f32x4.splat(0);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, v128.load32_splat(bias)), 23);
}

/** e^x within one unit in the last place or so. Source of the polynomial: S. L. Moshier's library Cephes, expf. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function exp(x: v128): v128 {
  const inside = f32x4.pmin(f32x4.pmax(x, four(N.least)), four(N.most));
  // A sum with 1.5 · 2^23 has the nearest whole number in its last bits.
  const bits = f32x4.add(f32x4.mul(inside, four(N.log2e)), four(N.magic)), n = f32x4.sub(bits, four(N.magic));
  // ln 2 in two parts, of which n times the first is exact.
  const r = f32x4.add(f32x4.sub(inside, f32x4.mul(n, four(N.ln2High))), f32x4.mul(n, four(N.ln2Low)));
  let p = f32x4.mul(four(N.e6), r);
  p = f32x4.mul(f32x4.add(p, four(N.e5)), r);
  p = f32x4.mul(f32x4.add(p, four(N.e4)), r);
  p = f32x4.mul(f32x4.add(p, four(N.e3)), r);
  p = f32x4.mul(f32x4.add(p, four(N.e2)), r);
  p = f32x4.add(p, four(N.e1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), four(N.one));
  const whole = i32x4.sub(bits, four(N.magic)), half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** ln(1 + x) for x from 0 to 1, as 2 artanh(x / (2 + x)). */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(four(N.two), x)), z = f32x4.mul(s, s);
  let p = f32x4.mul(four(N.a7), z);
  p = f32x4.mul(f32x4.add(p, four(N.a6)), z);
  p = f32x4.mul(f32x4.add(p, four(N.a5)), z);
  p = f32x4.mul(f32x4.add(p, four(N.a4)), z);
  p = f32x4.mul(f32x4.add(p, four(N.a3)), z);
  p = f32x4.mul(f32x4.add(p, four(N.a2)), z);
  p = f32x4.mul(f32x4.add(p, four(N.a1)), z);
  const twice = f32x4.add(s, s);
  return f32x4.add(twice, f32x4.mul(twice, p));
}

/** First and last two numbers as float64, and back. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function first(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}
// @ts-ignore: a decorator of AssemblyScript
@inline
export function last(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}
// @ts-ignore: a decorator of AssemblyScript
@inline
export function joined(x: v128, y: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(x), f32x4.demote_f64x2_zero(y), 0, 2);
}
