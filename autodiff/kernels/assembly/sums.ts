import { at, Operation, put } from "./operation";

/** Sums, in the order of `devices/loops.ts`. */

/** z = constant + Σ weight x: x is a table of `a` places, y of the constant and the weights. */
export function weightedSum(o: Operation): void {
  if (o.wide) weighted<f64>(o);
  else weighted<f32>(o);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function weighted<T>(o: Operation): void {
  const end = o.x + 4 * o.a, bytes: usize = o.n * sizeof<T>();
  for (let i: usize = 0; i < bytes; i += 2 * sizeof<T>()) {
    let sum = v128.load64_splat(o.y), weight = o.y + 8;
    for (let x = o.x; x < end; x += 4, weight += 8) {
      sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(weight), at<T>(load<u32>(x) + i)));
    }
    put<T>(o.z + i, sum);
  }
}

/** The number of terms in the first of two sums: whole blocks of 128. */
function halfOf(count: i32): i32 {
  return 128 * ((count + 255) / 256);
}

function sumOf<T>(x: usize, count: i32): f64 {
  if (count > 128) {
    const half = halfOf(count);
    return sumOf<T>(x, half) + sumOf<T>(x + half * sizeof<T>(), count - half);
  }
  let low = f64x2.splat(0), high = f64x2.splat(0);
  const end = x + count * sizeof<T>();
  for (; x + 3 * sizeof<T>() < end; x += 4 * sizeof<T>()) {
    low = f64x2.add(low, at<T>(x));
    high = f64x2.add(high, at<T>(x + 2 * sizeof<T>()));
  }
  let first = f64x2.extract_lane(low, 0);
  for (; x < end; x += sizeof<T>()) first += load<T>(x) as f64;
  return (first + f64x2.extract_lane(low, 1)) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}

/** Sums of `a` rows of `n` neighbours, float64. */
export function sum(o: Operation): void {
  let z = o.z, x = o.x;
  for (let i = 0; i < o.a; i++, z += 8) {
    store<f64>(z, o.wide ? sumOf<f64>(x, o.n) : sumOf<f32>(x, o.n));
    x += o.n * (o.wide ? 8 : 4);
  }
}

/** Adds `rows` rows of `n` numbers to z; `room` is for the sums of halves. */
function addRows<T>(z: usize, x: usize, rows: i32, n: i32, room: usize): void {
  if (rows > 128) {
    const half = halfOf(rows);
    addRows<T>(z, x, half, n, room);
    memory.fill(room, 0, 8 * n);
    addRows<T>(room, x + half * n * sizeof<T>(), rows - half, n, room + 8 * n);
    for (let i = 0; i < n; i++) store<f64>(z + 8 * i, load<f64>(z + 8 * i) + load<f64>(room + 8 * i));
    return;
  }
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i < n - 1; i += 2, x += 2 * sizeof<T>()) v128.store(z + 8 * i, f64x2.add(v128.load(z + 8 * i), at<T>(x)));
    if (i < n) {
      store<f64>(z + 8 * i, load<f64>(z + 8 * i) + (load<T>(x) as f64));
      x += sizeof<T>();
    }
  }
}

/** Sums over the middle of [a, b, n], float64; y is room. */
export function sumRows(o: Operation): void {
  memory.fill(o.z, 0, 8 * o.a * o.n);
  for (let i = 0; i < o.a; i++) {
    const z = o.z + 8 * i * o.n, x = i * o.b * o.n;
    if (o.wide) addRows<f64>(z, o.x + 8 * x, o.b, o.n, o.y);
    else addRows<f32>(z, o.x + 4 * x, o.b, o.n, o.y);
  }
}

function squaresOf<T>(x: usize, mean: f64, count: i32): f64 {
  if (count > 128) {
    const half = halfOf(count);
    return squaresOf<T>(x, mean, half) + squaresOf<T>(x + half * sizeof<T>(), mean, count - half);
  }
  let sums = f64x2.splat(0);
  const end = x + count * sizeof<T>(), both = f64x2.splat(mean);
  for (; x + sizeof<T>() < end; x += 2 * sizeof<T>()) {
    const d = f64x2.sub(at<T>(x), both);
    sums = f64x2.add(sums, f64x2.mul(d, d));
  }
  let first = f64x2.extract_lane(sums, 0);
  if (x < end) {
    const d = (load<T>(x) as f64) - mean;
    first += d * d;
  }
  return first + f64x2.extract_lane(sums, 1);
}

/** Σ (x - mean)², float64. */
export function squares(o: Operation): void {
  const n = o.n;
  store<f64>(
    o.z,
    o.wide ? squaresOf<f64>(o.x, sumOf<f64>(o.x, n) / (n as f64), n) : squaresOf<f32>(o.x, sumOf<f32>(o.x, n) / (n as f64), n),
  );
}
