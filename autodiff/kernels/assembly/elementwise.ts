import { at, Code, Operation, PAIRS, put } from "./operation";

/** Operations on each number. */

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

export function add(o: Operation): void {
  both(Code.add, 2, o);
}
export function sub(o: Operation): void {
  both(Code.sub, 2, o);
}
export function mul(o: Operation): void {
  both(Code.mul, 2, o);
}
export function div(o: Operation): void {
  both(Code.div, 2, o);
}
export function maximum(o: Operation): void {
  both(Code.maximum, 2, o);
}
export function minimum(o: Operation): void {
  both(Code.minimum, 2, o);
}
export function equal(o: Operation): void {
  both(Code.equal, 2, o);
}
export function notEqual(o: Operation): void {
  both(Code.notEqual, 2, o);
}
export function less(o: Operation): void {
  both(Code.less, 2, o);
}
export function lessEqual(o: Operation): void {
  both(Code.lessEqual, 2, o);
}
export function sigmoidSlope(o: Operation): void {
  both(Code.sigmoidSlope, 2, o);
}
export function gate(o: Operation): void {
  both(Code.gate, 2, o);
}
export function neg(o: Operation): void {
  both(Code.neg, 1, o);
}
export function sqrt(o: Operation): void {
  both(Code.sqrt, 1, o);
}
export function abs(o: Operation): void {
  both(Code.abs, 1, o);
}
export function sign(o: Operation): void {
  both(Code.sign, 1, o);
}
export function relu(o: Operation): void {
  both(Code.relu, 1, o);
}
export function finite(o: Operation): void {
  both(Code.finite, 1, o);
}
export function decay(o: Operation): void {
  each<f64>(Code.decay, 1, o);
}
export function where(o: Operation): void {
  both(Code.where, 3, o);
}
export function logistic(o: Operation): void {
  each<f64>(Code.logistic, 3, o);
}

/** Makes pairs of operands that repeat one number. */
export function paired(o: Operation): void {
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
