/** Functions of four float32 numbers at a time. */

/** Bits of numbers beyond the end of a row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function within(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function four(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x within one unit in the last place or so. Source of the polynomial: S. L. Moshier's library Cephes, expf. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function exp(x: v128): v128 {
  const inside = f32x4.pmin(f32x4.pmax(x, four(-104)), four(89));
  // A sum with 1.5 · 2^23 has the nearest whole number in its last bits.
  const bits = f32x4.add(f32x4.mul(inside, four(1.44269504088896341)), four(12582912)), n = f32x4.sub(bits, four(12582912));
  // ln 2 in two parts, of which n times the first is exact.
  const r = f32x4.add(f32x4.sub(inside, f32x4.mul(n, four(0.693359375))), f32x4.mul(n, four(2.12194440e-4)));
  let p = f32x4.mul(four(1.9875691500e-4), r);
  p = f32x4.mul(f32x4.add(p, four(1.3981999507e-3)), r);
  p = f32x4.mul(f32x4.add(p, four(8.3334519073e-3)), r);
  p = f32x4.mul(f32x4.add(p, four(4.1665795894e-2)), r);
  p = f32x4.mul(f32x4.add(p, four(1.6666665459e-1)), r);
  p = f32x4.add(p, four(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), four(1));
  const whole = i32x4.sub(bits, i32x4.splat(0x4b400000)), half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** ln(1 + x) for x from 0 to 1, as 2 artanh(x / (2 + x)). */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(four(2), x)), z = f32x4.mul(s, s);
  let p = f32x4.mul(four(1.0 / 15.0), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 13.0)), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 11.0)), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 9.0)), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 7.0)), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 5.0)), z);
  p = f32x4.mul(f32x4.add(p, four(1.0 / 3.0)), z);
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
