/**
 * What a list of operations holds. They have the bits of the loops of `devices/cpu.ts`: arithmetic is float64, and results are rounded
 * to the array's dtype. An array has room for one more number than it holds, because two are computed at a time.
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
export class Operation {
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
export const SIZE: usize = 112, PAIRS: usize = 64;

// @ts-ignore: a decorator of AssemblyScript
@inline
export function at<T>(place: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(place) : f64x2.promote_low_f32x4(v128.load64_zero(place));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function put<T>(place: usize, x: v128): void {
  if (sizeof<T>() == 8) v128.store(place, x);
  else v128.store64_lane(place, f32x4.demote_f64x2_zero(x), 0);
}
