import { addWide, roundWide } from "./matmul";
import { firsts, fourths, seconds, thirds } from "./vectors";

/** The most terms in a float32 sum, which along rows is four interleaved sums; longer sums add such sums in float64. */
const LONG: i32 = 1024;

/**
 * z = A y for a column y; A is contiguous along rows or along columns. Strides are in bytes. A sum along a row is four
 * interleaved sums.
 * @param sums room for n + 3 float64 numbers
 */
export function multiplyVector(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize, sums: usize): void {
  if (column == 4) {
    let i = 0;
    if (step == 4 && depth <= LONG) for (; i <= n - 4; i += 4, a += 4 * row, z += 16) v128.store(z, fourDots(a, row, y, depth));
    for (; i < n; i++, a += row, z += 4) {
      let total: f64 = 0;
      for (let k = 0; k < depth; k += LONG) total += dot(a + 4 * k, y + k * step, step, min(LONG, depth - k));
      store<f32>(z, total as f32);
    }
    return;
  }
  if (depth <= LONG) return addColumns(a, row, column, n, depth, y, step, z);
  memory.fill(sums, 0, 8 * (n + 3));
  for (let k = 0; k < depth; k += LONG) {
    addColumns(a + k * column, row, column, n, min(LONG, depth - k), y + k * step, step, z);
    addWide(z, sums, n);
  }
  roundWide(sums, z, n);
}

function dot(a: usize, y: usize, step: i32, depth: i32): f32 {
  let sums = f32x4.splat(0), k = 0;
  if (step == 4) for (; k <= depth - 4; k += 4) sums = f32x4.add(sums, f32x4.mul(v128.load(a + 4 * k), v128.load(y + 4 * k)));
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  for (; k < depth; k++) sum += load<f32>(a + 4 * k) * load<f32>(y + k * step);
  return sum;
}

/** Four sums along rows at once, each as {@link dot} does it: one sum alone waits for its additions. */
function fourDots(a: usize, row: i32, y: usize, depth: i32): v128 {
  const b = a + row, c = b + row, d = c + row;
  let w = f32x4.splat(0), x = f32x4.splat(0), v = f32x4.splat(0), u = f32x4.splat(0), k: usize = 0;
  const end: usize = 4 * (depth & ~3);
  for (; k < end; k += 16) {
    const factor = v128.load(y + k);
    w = f32x4.add(w, f32x4.mul(v128.load(a + k), factor));
    x = f32x4.add(x, f32x4.mul(v128.load(b + k), factor));
    v = f32x4.add(v, f32x4.mul(v128.load(c + k), factor));
    u = f32x4.add(u, f32x4.mul(v128.load(d + k), factor));
  }
  const low = f32x4.add(firsts(w, x, v, u), seconds(w, x, v, u)), high = f32x4.add(thirds(w, x, v, u), fourths(w, x, v, u));
  let sums = f32x4.add(low, high);
  for (const last: usize = 4 * depth; k < last; k += 4) {
    let column = v128.load32_zero(a + k);
    column = v128.load32_lane(b + k, column, 1);
    column = v128.load32_lane(c + k, column, 2);
    column = v128.load32_lane(d + k, column, 3);
    sums = f32x4.add(sums, f32x4.mul(column, v128.load32_splat(y + k)));
  }
  return sums;
}

function addColumns(a: usize, row: i32, column: i32, n: i32, depth: i32, y: usize, step: i32, z: usize): void {
  if (row == 4) {
    for (; n >= 16; n -= 16, a += 64, z += 64) addSixteen(a, column, depth, y, step, z);
  }
  memory.fill(z, 0, 4 * n);
  for (let k = 0; k < depth; k++, a += column, y += step) {
    const factor = load<f32>(y), four = f32x4.splat(factor);
    let i = 0;
    for (; i <= n - 4; i += 4) v128.store(z + 4 * i, f32x4.add(v128.load(z + 4 * i), f32x4.mul(four, v128.load(a + i * row))));
    for (; i < n; i++) store<f32>(z + 4 * i, load<f32>(z + 4 * i) + factor * load<f32>(a + i * row));
  }
}

/** Sixteen sums of {@link addColumns}, which stay in registers. */
function addSixteen(a: usize, column: i32, depth: i32, y: usize, step: i32, z: usize): void {
  let s = f32x4.splat(0), t = f32x4.splat(0), u = f32x4.splat(0), v = f32x4.splat(0);
  for (let k = 0; k < depth; k++, a += column, y += step) {
    const factor = v128.load32_splat(y);
    s = f32x4.add(s, f32x4.mul(factor, v128.load(a)));
    t = f32x4.add(t, f32x4.mul(factor, v128.load(a, 16)));
    u = f32x4.add(u, f32x4.mul(factor, v128.load(a, 32)));
    v = f32x4.add(v, f32x4.mul(factor, v128.load(a, 48)));
  }
  v128.store(z, s);
  v128.store(z, t, 16);
  v128.store(z, u, 32);
  v128.store(z, v, 48);
}
