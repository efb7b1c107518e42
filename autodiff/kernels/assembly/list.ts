import { expEach, log1pEach, logEach, tanhEach } from "./elementary";
import { multiplyPanels, multiplyVector, packPanels } from "./matmul";

/**
 * Runs lists of operations on arrays that stay, with the bits of the loops of `devices/cpu.ts`: arithmetic is float64, and results
 * are rounded to the array's dtype. An array has room for one more number than it holds, because two are computed at a time.
 */

/** The operations. */
export enum Code {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  equal,
  notEqual,
  less,
  lessEqual,
  sigmoidSlope,
  gate,
  neg,
  sqrt,
  abs,
  sign,
  relu,
  finite,
  /** -|x|. */
  decay,
  where,
  /** 1 / (1 + e^-x), where w is e^-|x|. */
  logistic,
  exp,
  log,
  log1p,
  tanh,
  widen,
  narrow,
  whole,
  copy,
  pick,
  put,
  weightedSum,
  sum,
  sumRows,
  squares,
  shift,
  rowSums,
  subRows,
  own,
  entropySlope,
  product,
  vector,
}

/** An operation on arrays of float64, if `wide`, else of float32. Steps are bytes between pairs of numbers; 0 repeats one number. */
@unmanaged
class Operation {
  code: i32;
  wide: i32;
  n: i32;
  z: usize;
  x: usize;
  xStep: i32;
  y: usize;
  yStep: i32;
  /** Always float64. */
  w: usize;
  wStep: i32;
  a: i32;
  b: i32;
  /** Room for three pairs of a repeated number. */
  pairs: i32;
}

/** Bytes from an operation to the next. */
const SIZE: usize = 112, PAIRS: usize = 64;

// @ts-ignore: a decorator of AssemblyScript
@inline
function at<T>(place: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(place) : f64x2.promote_low_f32x4(v128.load64_zero(place));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function put<T>(place: usize, x: v128): void {
  if (sizeof<T>() == 8) v128.store(place, x);
  else v128.store64_lane(place, f32x4.demote_f64x2_zero(x), 0);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function truth(mask: v128): v128 {
  return v128.and(mask, f64x2.splat(1));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function applied(code: Code, x: v128, y: v128, w: v128): v128 {
  if (code == Code.add) return f64x2.add(x, y);
  if (code == Code.sub) return f64x2.sub(x, y);
  if (code == Code.mul) return f64x2.mul(x, y);
  if (code == Code.div) return f64x2.div(x, y);
  if (code == Code.maximum) return f64x2.max(x, y);
  if (code == Code.minimum) return f64x2.min(x, y);
  if (code == Code.equal) return truth(f64x2.eq(x, y));
  if (code == Code.notEqual) return truth(f64x2.ne(x, y));
  if (code == Code.less) return truth(f64x2.lt(x, y));
  if (code == Code.lessEqual) return truth(f64x2.le(x, y));
  if (code == Code.sigmoidSlope) return f64x2.mul(x, f64x2.mul(y, f64x2.sub(f64x2.splat(1), y)));
  if (code == Code.gate) return v128.andnot(x, f64x2.le(y, f64x2.splat(0)));
  if (code == Code.neg) return f64x2.neg(x);
  if (code == Code.sqrt) return f64x2.sqrt(x);
  if (code == Code.abs) return f64x2.abs(x);
  if (code == Code.sign) return f64x2.sub(truth(f64x2.gt(x, f64x2.splat(0))), truth(f64x2.lt(x, f64x2.splat(0))));
  if (code == Code.relu) return v128.andnot(x, f64x2.le(x, f64x2.splat(0)));
  if (code == Code.finite) return v128.andnot(x, f64x2.eq(f64x2.abs(x), f64x2.splat(Infinity)));
  if (code == Code.decay) return f64x2.neg(f64x2.abs(x));
  if (code == Code.where) return v128.bitselect(x, y, f64x2.ne(w, f64x2.splat(0)));
  // Code.logistic
  const one = f64x2.splat(1);
  return f64x2.div(v128.bitselect(w, one, f64x2.lt(x, f64x2.splat(0))), f64x2.add(one, w));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function each<T>(code: Code, inputs: i32, o: Operation): void {
  const p = o.xStep, q = o.yStep, r = o.wStep, pairs = changetype<usize>(o) + PAIRS, none = f64x2.splat(0);
  let z = o.z, x = p == 0 ? pairs : o.x, y = q == 0 ? pairs + 16 : o.y, w = r == 0 ? pairs + 32 : o.w;
  for (const end = z + o.n * sizeof<T>(); z < end; z += 2 * sizeof<T>()) {
    put<T>(z, applied(code, at<T>(x), inputs > 1 ? at<T>(y) : none, inputs > 2 ? v128.load(w) : none));
    x += p;
    if (inputs > 1) y += q;
    if (inputs > 2) w += r;
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(code: Code, inputs: i32, o: Operation): void {
  if (o.wide) each<f64>(code, inputs, o);
  else each<f32>(code, inputs, o);
}

function add(o: Operation): void {
  both(Code.add, 2, o);
}
function sub(o: Operation): void {
  both(Code.sub, 2, o);
}
function mul(o: Operation): void {
  both(Code.mul, 2, o);
}
function div(o: Operation): void {
  both(Code.div, 2, o);
}
function maximum(o: Operation): void {
  both(Code.maximum, 2, o);
}
function minimum(o: Operation): void {
  both(Code.minimum, 2, o);
}
function equal(o: Operation): void {
  both(Code.equal, 2, o);
}
function notEqual(o: Operation): void {
  both(Code.notEqual, 2, o);
}
function less(o: Operation): void {
  both(Code.less, 2, o);
}
function lessEqual(o: Operation): void {
  both(Code.lessEqual, 2, o);
}
function sigmoidSlope(o: Operation): void {
  both(Code.sigmoidSlope, 2, o);
}
function gate(o: Operation): void {
  both(Code.gate, 2, o);
}
function neg(o: Operation): void {
  both(Code.neg, 1, o);
}
function sqrt(o: Operation): void {
  both(Code.sqrt, 1, o);
}
function abs(o: Operation): void {
  both(Code.abs, 1, o);
}
function sign(o: Operation): void {
  both(Code.sign, 1, o);
}
function relu(o: Operation): void {
  both(Code.relu, 1, o);
}
function finite(o: Operation): void {
  both(Code.finite, 1, o);
}
function decay(o: Operation): void {
  each<f64>(Code.decay, 1, o);
}
function where(o: Operation): void {
  both(Code.where, 3, o);
}
function logistic(o: Operation): void {
  each<f64>(Code.logistic, 3, o);
}

/** Makes pairs of operands that repeat one number. */
function paired(o: Operation): void {
  const pairs = changetype<usize>(o) + PAIRS;
  if (o.wide) {
    if (o.xStep == 0) v128.store(pairs, v128.load64_splat(o.x));
    if (o.yStep == 0 && o.y != 0) v128.store(pairs, v128.load64_splat(o.y), 16);
  } else {
    if (o.xStep == 0) v128.store(pairs, v128.load32_splat(o.x));
    if (o.yStep == 0 && o.y != 0) v128.store(pairs, v128.load32_splat(o.y), 16);
  }
  if (o.wStep == 0 && o.w != 0) v128.store(pairs, v128.load64_splat(o.w), 32);
}

/** float32 to float64. */
function widen(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 8 * o.n; z < end; z += 16, x += 8) v128.store(z, at<f32>(x));
}

/** float64 to float32. */
function narrow(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 4 * o.n; z < end; z += 8, x += 16) put<f32>(z, v128.load(x));
}

/** int32 to float64. */
function whole(o: Operation): void {
  let z = o.z, x = o.x;
  for (const end = z + 8 * o.n; z < end; z += 16, x += 8) v128.store(z, f64x2.convert_low_i32x4_s(v128.load64_zero(x)));
}

/** A row-major copy of `a` rows and `b` columns, any bytes apart. */
function copy(o: Operation): void {
  const bytes = o.wide ? 8 : 4, whole = o.yStep == bytes ? bytes * o.b : 0;
  let z = o.z, row = o.x;
  for (let i = 0; i < o.a; i++, row += o.xStep) {
    if (whole) {
      memory.copy(z, row, whole);
      z += whole;
      continue;
    }
    let x = row;
    if (o.wide) for (let j = 0; j < o.b; j++, x += o.yStep, z += 8) store<f64>(z, load<f64>(x));
    else for (let j = 0; j < o.b; j++, x += o.yStep, z += 4) store<u32>(z, load<u32>(x));
  }
}

/** z[i] = x[y[i]]. */
function pick(o: Operation): void {
  let z = o.z, y = o.y;
  const x = o.x;
  if (o.wide) for (const end = z + 8 * o.n; z < end; z += 8, y += 4) store<f64>(z, load<f64>(x + 8 * load<u32>(y)));
  else for (const end = z + 4 * o.n; z < end; z += 4, y += 4) store<u32>(z, load<u32>(x + 4 * load<u32>(y)));
}

/** z[y[i]] += x[i] on zeros z, float64, of `a` bytes. */
function place(o: Operation): void {
  const z = o.z;
  let x = o.x, y = o.y;
  memory.fill(z, 0, o.a);
  for (const end = y + 4 * o.n; y < end; y += 4) {
    const to = z + 8 * load<u32>(y);
    store<f64>(to, load<f64>(to) + (o.wide ? load<f64>(x) : load<f32>(x) as f64));
    x += o.wide ? 8 : 4;
  }
}

/** z = constant + Σ weight x: x is a table of `a` places, y of the constant and the weights. */
function weightedSum(o: Operation): void {
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
function sum(o: Operation): void {
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
function sumRows(o: Operation): void {
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
function squares(o: Operation): void {
  const n = o.n;
  store<f64>(
    o.z,
    o.wide ? squaresOf<f64>(o.x, sumOf<f64>(o.x, n) / (n as f64), n) : squaresOf<f32>(o.x, sumOf<f32>(o.x, n) / (n as f64), n),
  );
}

/** Rows of `n` numbers minus the greatest of each, float64. */
function shift(o: Operation): void {
  const row = 8 * o.n;
  let z = o.z, x = o.x;
  for (let i = 0; i < o.a; i++) {
    let greatest: f64 = -Infinity;
    for (const end = x + row; x < end; x += 8) greatest = max<f64>(greatest, load<f64>(x));
    x -= row;
    for (const end = x + row; x < end; x += 8, z += 8) store<f64>(z, load<f64>(x) - greatest);
  }
}

/** Sums of `a` rows of `n` numbers, one after the other, float64. */
function rowSums(o: Operation): void {
  let x = o.x;
  for (let z = o.z, last = z + 8 * o.a; z < last; z += 8) {
    let total: f64 = 0;
    for (const end = x + 8 * o.n; x < end; x += 8) total += load<f64>(x);
    store<f64>(z, total);
  }
}

/** Rows of `n` numbers minus a number y for each, float64. */
function subRows(o: Operation): void {
  let z = o.z, x = o.x, y = o.y;
  for (let i = 0; i < o.a; i++, y += 8) {
    const less = load<f64>(y);
    for (const end = x + 8 * o.n; x < end; x += 8, z += 8) store<f64>(z, load<f64>(x) - less);
  }
}

/** A label as a position in a row. Labels are checked elsewhere; here none leads outside of the row. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function labelAt(place: usize, n: i32): i32 {
  return max(0, min(n - 1, load<f64>(place) as i32));
}

/** The number at position y of each row of `n` numbers, float64. */
function own(o: Operation): void {
  const row = 8 * o.n;
  let z = o.z, x = o.x, y = o.y;
  for (let i = 0; i < o.a; i++, x += row, y += 8, z += 8) store<f64>(z, load<f64>(x + 8 * labelAt(y, o.n)));
}

/** (x / w - [column is y]) / a for rows of `n` numbers, with w and y for each, float64. */
function entropySlope(o: Operation): void {
  const rows = o.a as f64, n = o.n;
  let z = o.z, x = o.x, y = o.y, w = o.w;
  for (let i = 0; i < o.a; i++, y += 8, w += 8) {
    const total = load<f64>(w), label = labelAt(y, n);
    for (let k = 0; k < n; k++, x += 8, z += 8) store<f64>(z, (load<f64>(x) / total - (k == label ? 1.0 : 0.0)) / rows);
  }
}

/** A product with a column: x has steps `xStep` along rows and `a` along columns, y `yStep`; depth `b`, w is room. */
function vector(o: Operation): void {
  multiplyVector(o.x, o.xStep, o.a, o.n, o.b, o.y, o.yStep, o.z, o.w);
}

/** Runs the operations from one place to another. */
export function runList(from: usize, end: usize): void {
  for (; from < end; from += SIZE) {
    const o = changetype<Operation>(from);
    if (o.pairs) paired(o);
    switch (o.code) {
      case Code.add:
        add(o);
        break;
      case Code.sub:
        sub(o);
        break;
      case Code.mul:
        mul(o);
        break;
      case Code.div:
        div(o);
        break;
      case Code.maximum:
        maximum(o);
        break;
      case Code.minimum:
        minimum(o);
        break;
      case Code.equal:
        equal(o);
        break;
      case Code.notEqual:
        notEqual(o);
        break;
      case Code.less:
        less(o);
        break;
      case Code.lessEqual:
        lessEqual(o);
        break;
      case Code.sigmoidSlope:
        sigmoidSlope(o);
        break;
      case Code.gate:
        gate(o);
        break;
      case Code.neg:
        neg(o);
        break;
      case Code.sqrt:
        sqrt(o);
        break;
      case Code.abs:
        abs(o);
        break;
      case Code.sign:
        sign(o);
        break;
      case Code.relu:
        relu(o);
        break;
      case Code.finite:
        finite(o);
        break;
      case Code.decay:
        decay(o);
        break;
      case Code.where:
        where(o);
        break;
      case Code.logistic:
        logistic(o);
        break;
      case Code.exp:
        expEach(o.z, o.n);
        break;
      case Code.log:
        logEach(o.z, o.n);
        break;
      case Code.log1p:
        log1pEach(o.z, o.n);
        break;
      case Code.tanh:
        tanhEach(o.z, o.n);
        break;
      case Code.widen:
        widen(o);
        break;
      case Code.narrow:
        narrow(o);
        break;
      case Code.whole:
        whole(o);
        break;
      case Code.copy:
        copy(o);
        break;
      case Code.pick:
        pick(o);
        break;
      case Code.put:
        place(o);
        break;
      case Code.weightedSum:
        weightedSum(o);
        break;
      case Code.sum:
        sum(o);
        break;
      case Code.sumRows:
        sumRows(o);
        break;
      case Code.squares:
        squares(o);
        break;
      case Code.shift:
        shift(o);
        break;
      case Code.rowSums:
        rowSums(o);
        break;
      case Code.subRows:
        subRows(o);
        break;
      case Code.own:
        own(o);
        break;
      case Code.entropySlope:
        entropySlope(o);
        break;
      case Code.product:
        packPanels(o.x, 0, 1, 0);
        multiplyPanels(o.x, 0, 1, 0);
        break;
      case Code.vector:
        vector(o);
        break;
    }
  }
}
