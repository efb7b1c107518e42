/**
 * Functions of two float64 numbers at a time, by the operations of `mathematics/elementary.ts` in the same order, so with the same
 * bits. Each runs over `count` numbers in place, and over one more if that is odd.
 */

const LN2_HIGH: f64 = 0.6931471803691238, LN2_LOW: f64 = 1.9082149292705877e-10, LOG2E: f64 = 1.4426950408889634;
const SQRT2: f64 = 1.4142135623730951, LEAST_NORMAL: f64 = 2.2250738585072014e-308;
/** Where e^x overflows, and where it is 0. */
const OVERFLOW: f64 = 709.782712893384, UNDERFLOW: f64 = -745.1332191019412;

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(x: f64): v128 {
  return f64x2.splat(x);
}

/** Coefficients of the two series, loaded from fixed places: one instruction each. */
const taylor = memory.data<f64>([
  1 / 6227020800.0,
  1 / 479001600.0,
  1 / 39916800.0,
  1 / 3628800.0,
  1 / 362880.0,
  1 / 40320.0,
  1 / 5040.0,
  1 / 720.0,
  1 / 120.0,
  1 / 24.0,
  1 / 6.0,
  1 / 2.0,
], 8);
const artanh = memory.data<f64>([1 / 21.0, 1 / 19.0, 1 / 17.0, 1 / 15.0, 1 / 13.0, 1 / 11.0, 1 / 9.0, 1 / 7.0, 1 / 5.0, 1 / 3.0], 8);

// @ts-ignore: a decorator of AssemblyScript
@inline
function at(table: usize, i: usize): v128 {
  return v128.load64_splat(table + 8 * i);
}

/** e^r - 1 for |r| <= ln(2) / 2. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function expSeries(r: v128): v128 {
  let tail = at(taylor, 0);
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 1));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 2));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 3));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 4));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 5));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 6));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 7));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 8));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 9));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 10));
  tail = f64x2.add(f64x2.mul(tail, r), at(taylor, 11));
  return f64x2.add(r, f64x2.mul(f64x2.mul(r, r), tail));
}

/** The nearest integers; halves go up. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function rounded(x: v128): v128 {
  const up = f64x2.ceil(x);
  return f64x2.sub(up, v128.and(f64x2.gt(f64x2.sub(up, both(0.5)), x), both(1)));
}

/** x - n ln 2. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function reduced(x: v128, n: v128): v128 {
  return f64x2.sub(f64x2.sub(x, f64x2.mul(n, both(LN2_HIGH))), f64x2.mul(n, both(LN2_LOW)));
}

/** 2^n for normal results; n are two int32. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function powerOfTwo(n: v128): v128 {
  return i64x2.shl(i64x2.extend_low_i32x4_s(i32x4.add(n, i32x4.splat(1023))), 52);
}

/** x 2^n; n are integers in float64. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function scaled(x: v128, n: v128): v128 {
  const whole = i32x4.trunc_sat_f64x2_s_zero(n), half = i32x4.shr_s(whole, 1);
  return f64x2.mul(f64x2.mul(x, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** ln (2^n (1 + f)), with 1 + f within a factor sqrt(2) of 1. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function logOf(f: v128, n: v128): v128 {
  const s = f64x2.div(f, f64x2.add(both(2), f)), z = f64x2.mul(s, s);
  let tail = f64x2.mul(at(artanh, 0), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 1)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 2)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 3)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 4)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 5)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 6)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 7)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 8)), z);
  tail = f64x2.mul(f64x2.add(tail, at(artanh, 9)), z);
  return logFrom(f, s, tail, n);
}

/** The last steps of {@link logOf}, after its series. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function logFrom(f: v128, s: v128, tail: v128, n: v128): v128 {
  const h = f64x2.mul(f64x2.mul(both(0.5), f), f);
  const inner = f64x2.add(f64x2.mul(s, f64x2.add(h, f64x2.mul(both(2), tail))), f64x2.mul(n, both(LN2_LOW)));
  return f64x2.sub(f64x2.mul(n, both(LN2_HIGH)), f64x2.sub(f64x2.sub(h, inner), f));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function allWithin(x: v128, above: f64, below: f64): bool {
  return v128.all_true<i64>(v128.and(f64x2.gt(x, both(above)), f64x2.lt(x, both(below))));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function expWithin(x: v128): v128 {
  const n = rounded(f64x2.mul(x, both(LOG2E)));
  return scaled(f64x2.add(both(1), expSeries(reduced(x, n))), n);
}

/** e^x for numbers of which one may be at an end of the range, or NaN. */
export function expAnywhere(x: v128): v128 {
  const within = v128.and(f64x2.ge(x, both(UNDERFLOW)), f64x2.lt(x, both(OVERFLOW)));
  const beyond = v128.andnot(f64x2.mul(x, both(Infinity)), f64x2.lt(x, both(0)));
  return v128.bitselect(expWithin(v128.and(x, within)), beyond, within);
}

/** e^x. */
export function expEach(place: usize, count: i32): void {
  const end = place + 8 * count;
  // Two pairs at a time share the loads of coefficients, and neither waits for the other's arithmetic.
  for (; place + 16 < end; place += 32) {
    const x = v128.load(place), y = v128.load(place, 16);
    if (!allWithin(x, UNDERFLOW, OVERFLOW) || !allWithin(y, UNDERFLOW, OVERFLOW)) {
      v128.store(place, expAnywhere(x));
      v128.store(place, expAnywhere(y), 16);
      continue;
    }
    const n = rounded(f64x2.mul(x, both(LOG2E))), m = rounded(f64x2.mul(y, both(LOG2E))), r = reduced(x, n), q = reduced(y, m);
    let s = at(taylor, 0), t = s;
    for (let k: usize = taylor + 8, last = taylor + 88; k <= last; k += 8) {
      const c = v128.load64_splat(k);
      s = f64x2.add(f64x2.mul(s, r), c);
      t = f64x2.add(f64x2.mul(t, q), c);
    }
    s = f64x2.add(r, f64x2.mul(f64x2.mul(r, r), s));
    t = f64x2.add(q, f64x2.mul(f64x2.mul(q, q), t));
    v128.store(place, scaled(f64x2.add(both(1), s), n));
    v128.store(place, scaled(f64x2.add(both(1), t), m), 16);
  }
  if (place < end) v128.store(place, expAnywhere(v128.load(place)));
}

/** Hyperbolic tangent. */
export function tanhEach(place: usize, count: i32): void {
  for (const end = place + 8 * count; place < end; place += 16) {
    // Far below, e^u - 1 is -1.
    const x = v128.load(place), u = f64x2.max(f64x2.mul(both(-2), f64x2.abs(x)), both(-700));
    const near = f64x2.gt(u, both(-0.34)), n = rounded(f64x2.mul(u, both(LOG2E)));
    const series = expSeries(v128.bitselect(u, reduced(u, n), near));
    const t = v128.bitselect(series, f64x2.sub(scaled(f64x2.add(both(1), series), n), both(1)), near);
    const y = f64x2.div(t, f64x2.add(t, both(2)));
    const signed = v128.bitselect(y, f64x2.neg(y), f64x2.lt(x, both(0)));
    v128.store(place, v128.bitselect(x, signed, f64x2.eq(x, both(0))));
  }
}

/** ln x for normal x, plus `shift` times ln 2. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function logWithin(x: v128, shift: v128): v128 {
  const exponents = i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023));
  const m = v128.or(v128.and(x, i64x2.splat(0x000f_ffff_ffff_ffff)), i64x2.splat(0x3ff0_0000_0000_0000));
  const large = f64x2.gt(m, both(SQRT2));
  const n = f64x2.add(
    f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 0, 2, 0, 2)),
    v128.and(large, both(1)),
  );
  return logOf(f64x2.sub(v128.bitselect(f64x2.mul(m, both(0.5)), m, large), both(1)), f64x2.add(n, shift));
}

/** ln x for any numbers. */
export function logAnywhere(x: v128): v128 {
  const small = f64x2.lt(x, both(LEAST_NORMAL)), within = v128.and(f64x2.gt(x, both(0)), f64x2.lt(x, both(Infinity)));
  const normal = v128.bitselect(f64x2.mul(x, both(18014398509481984)), x, small);
  const found = logWithin(v128.bitselect(normal, both(1), within), v128.and(small, both(-54)));
  const beyond = v128.bitselect(x, both(NaN), f64x2.eq(x, both(Infinity)));
  return v128.bitselect(found, v128.bitselect(both(-Infinity), beyond, f64x2.eq(x, both(0))), within);
}

/** ln x. */
export function logEach(place: usize, count: i32): void {
  for (const end = place + 8 * count; place < end; place += 16) {
    const x = v128.load(place);
    v128.store(place, allWithin(x, LEAST_NORMAL, Infinity) ? logWithin(x, both(0)) : logAnywhere(x));
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function log1pWithin(x: v128): v128 {
  const near = f64x2.lt(x, both(0.41));
  const f = v128.bitselect(x, f64x2.mul(both(0.5), f64x2.sub(x, both(1))), near);
  return logOf(f, v128.andnot(both(1), near));
}

/** ln (1 + x) for any numbers. */
function log1pAnywhere(x: v128): v128 {
  const within = v128.and(f64x2.gt(x, both(-0.29)), f64x2.lt(x, both(1.8))), u = f64x2.add(both(1), x);
  const far = f64x2.mul(logAnywhere(u), f64x2.div(x, f64x2.sub(u, both(1))));
  const beyond = v128.bitselect(x, far, f64x2.eq(u, both(Infinity)));
  return v128.bitselect(log1pWithin(v128.and(x, within)), beyond, within);
}

/** ln (1 + x). */
export function log1pEach(place: usize, count: i32): void {
  const end = place + 8 * count;
  for (; place + 16 < end; place += 32) {
    const x = v128.load(place), y = v128.load(place, 16);
    if (!allWithin(x, -0.29, 1.8) || !allWithin(y, -0.29, 1.8)) {
      v128.store(place, log1pAnywhere(x));
      v128.store(place, log1pAnywhere(y), 16);
      continue;
    }
    const near = f64x2.lt(x, both(0.41)), close = f64x2.lt(y, both(0.41));
    const f = v128.bitselect(x, f64x2.mul(both(0.5), f64x2.sub(x, both(1))), near);
    const g = v128.bitselect(y, f64x2.mul(both(0.5), f64x2.sub(y, both(1))), close);
    const s = f64x2.div(f, f64x2.add(both(2), f)), t = f64x2.div(g, f64x2.add(both(2), g)), z = f64x2.mul(s, s), w = f64x2.mul(t, t);
    let u = f64x2.mul(at(artanh, 0), z), v = f64x2.mul(at(artanh, 0), w);
    for (let k: usize = artanh + 8, last = artanh + 72; k <= last; k += 8) {
      const c = v128.load64_splat(k);
      u = f64x2.mul(f64x2.add(u, c), z);
      v = f64x2.mul(f64x2.add(v, c), w);
    }
    v128.store(place, logFrom(f, s, u, v128.andnot(both(1), near)));
    v128.store(place, logFrom(g, t, v, v128.andnot(both(1), close)), 16);
  }
  if (place < end) v128.store(place, log1pAnywhere(v128.load(place)));
}
