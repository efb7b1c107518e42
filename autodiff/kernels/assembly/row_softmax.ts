import { logAnywhere } from "./elementary";
import { exp, first, joined, last, within } from "./fractions";

/**
 * Softmax of `rows` rows of `n` float32 numbers, its logarithm, and their slopes. Sums are float64. Results may be written past the
 * end by less than a vector, which the next row overwrites.
 */

// @ts-ignore: a decorator of AssemblyScript
@inline
function greatest(x: usize, n: i32): v128 {
  let most = f32x4.splat(-Infinity);
  for (let i = 0; i < n; i += 4, x += 16) {
    most = f32x4.max(most, n - i < 4 ? v128.bitselect(v128.load(x), f32x4.splat(-Infinity), within(n - i)) : v128.load(x));
  }
  const half = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  return f32x4.max(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function kept(x: v128, left: i32): v128 {
  return left < 4 ? v128.and(x, within(left)) : x;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function more(sums: v128, x: v128): v128 {
  return f64x2.add(sums, f64x2.add(first(x), last(x)));
}

export function softmaxRows(z: usize, x: usize, y: usize, n: i32, rows: i32): void {
  const row = 4 * n;
  for (let r = 0; r < rows; r++, x += row, z += row) {
    const most = greatest(x, n);
    let sums = f64x2.splat(0);
    for (let i = 0; i < n; i += 4) {
      const e = exp(f32x4.sub(v128.load(x + 4 * i), most));
      v128.store(z + 4 * i, e);
      sums = more(sums, kept(e, n - i));
    }
    const whole = f32x4.splat(total(sums) as f32);
    for (let i = 0; i < n; i += 4) v128.store(z + 4 * i, f32x4.div(v128.load(z + 4 * i), whole));
  }
}

export function logSoftmaxRows(z: usize, x: usize, y: usize, n: i32, rows: i32): void {
  const row = 4 * n;
  for (let r = 0; r < rows; r++, x += row, z += row) {
    const most = greatest(x, n);
    let sums = f64x2.splat(0);
    let i = 0;
    // Sums of two are float32, the others float64.
    for (; i + 8 <= n; i += 8) {
      const near = exp(f32x4.sub(v128.load(x + 4 * i), most));
      sums = more(sums, f32x4.add(near, exp(f32x4.sub(v128.load(x + 4 * i, 16), most))));
    }
    for (; i < n; i += 4) sums = more(sums, kept(exp(f32x4.sub(v128.load(x + 4 * i), most)), n - i));
    // The difference of numbers first: next to a large one the logarithm would lose its digits.
    const logarithm = logAnywhere(f64x2.splat(total(sums))), shift = first(most);
    for (let i = 0; i < n; i += 4) {
      const v = v128.load(x + 4 * i);
      v128.store(
        z + 4 * i,
        joined(
          f64x2.sub(f64x2.sub(first(v), shift), logarithm),
          f64x2.sub(f64x2.sub(last(v), shift), logarithm),
        ),
      );
    }
  }
}

/** y (dy - Σ dy y), dy at x and the softmax y. */
export function softmaxSlope(z: usize, x: usize, y: usize, n: i32, rows: i32): void {
  const row = 4 * n;
  for (let r = 0; r < rows; r++, x += row, y += row, z += row) {
    let sums = f64x2.splat(0);
    for (let i = 0; i < n; i += 4) sums = more(sums, kept(f32x4.mul(v128.load(x + 4 * i), v128.load(y + 4 * i)), n - i));
    const mean = f32x4.splat(total(sums) as f32);
    for (let i = 0; i < n; i += 4) {
      v128.store(z + 4 * i, f32x4.mul(v128.load(y + 4 * i), f32x4.sub(v128.load(x + 4 * i), mean)));
    }
  }
}

/** dy - e^y Σ dy, dy at x and the logarithms y. */
export function logSoftmaxSlope(z: usize, x: usize, y: usize, n: i32, rows: i32): void {
  const row = 4 * n;
  for (let r = 0; r < rows; r++, x += row, y += row, z += row) {
    let sums = f64x2.splat(0);
    for (let i = 0; i < n; i += 4) sums = more(sums, kept(v128.load(x + 4 * i), n - i));
    const sum = f32x4.splat(total(sums) as f32);
    for (let i = 0; i < n; i += 4) {
      v128.store(z + 4 * i, f32x4.sub(v128.load(x + 4 * i), f32x4.mul(exp(v128.load(y + 4 * i)), sum)));
    }
  }
}
