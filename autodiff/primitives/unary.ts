/** Functions of one number, each with a loop, a formula for devices and a gradient. @module */
import type { Elementwise } from "../device.ts";
import { each, eachDecay } from "../mathematics/each.ts";
import { type DType, requireDType } from "../dtype.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { bits, gate } from "./selection.ts";

/** An element-wise function of one tensor. Integers become float64, unless the function maps them to integers. */
export interface Unary {
  (x: Tensor): Tensor;
  /** The operation for devices. */
  readonly operation: Elementwise;
}

/** -x. */
export const neg: Unary = unary({
  name: "neg",
  whole: true,
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = -x[i];
  },
  formula: "return -x;",
  gradient: (dy) => dy.neg(),
});

/** e^x. */
export const exp: Unary = unary({
  name: "exp",
  loop: (z, x) => each("exp", z, x),
  formula: "return exp(x);",
  gradient: (dy, _, y) => dy.mul(y),
});

/** Natural logarithm: -Infinity at 0, NaN below; dx = dy / x. */
export const log: Unary = unary({
  name: "log",
  loop: (z, x) => each("log", z, x),
  formula: "return log(x);",
  gradient: (dy, x) => dy.div(x),
});

/** Square root; dx = dy / 2y, infinite at 0. */
export const sqrt: Unary = unary({
  name: "sqrt",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = Math.sqrt(x[i]);
  },
  formula: "return sqrt(x);",
  gradient: (dy, _, y) => dy.div(y).mul(0.5),
});

/** |x|; dx = dy sign(x), 0 at 0 and at NaN. */
export const abs: Unary = unary({
  name: "abs",
  whole: true,
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = Math.abs(x[i]);
  },
  formula: "return abs(x);",
  gradient: (dy, x) => dy.mul(sign(x)),
});

/** -1, 0 or 1; 0 at NaN. Its gradient is 0. */
export const sign: Unary = unary({
  name: "sign",
  whole: true,
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0;
  },
  formula: "if (x > 0) { return 1; } if (x < 0) { return -1; } return 0;",
  gradient: null,
});

/** max(x, 0); the gradient at 0 is 0, at NaN 1, as in PyTorch. */
export const relu: Unary = unary({
  name: "relu",
  whole: true,
  loop(z, x) {
    const [to, from] = [bits(z), bits(x)];
    if (to === null || from === null) { for (let i = 0; i < z.length; i++) z[i] = x[i] <= 0 ? 0 : x[i]; }
    else for (let i = 0; i < z.length; i++) to[i] = from[i] & -(+!(x[i] <= 0));
  },
  formula: "if (x <= 0) { return 0; } return x;",
  gradient: (dy, x) => gate([dy, x]),
});

/** 1 / (1 + e^-x), without overflow; dx = dy y (1 - y). */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  loop(z, x) {
    eachDecay(x, (e, start, end) => {
      for (let i = start, k = 0; i < end; i++, k++) z[i] = (x[i] < 0 ? e[k] : 1) / (1 + e[k]);
    });
  },
  formula: "let e = exp(-abs(x)); if (x >= 0) { return 1 / (1 + e); } return e / (1 + e);",
  gradient: (dy, _, y) => sigmoidSlope([dy, y]),
});

/** Hyperbolic tangent; dx = dy (1 - y²). */
export const tanh: Unary = unary({
  name: "tanh",
  loop: (z, x) => each("tanh", z, x),
  // Beyond 15 the result is 1 to the last bit, and some devices overflow.
  formula: "if (x > 15) { return 1; } if (x < -15) { return -1; } return tanh(x);",
  gradient: (dy, _, y) => dy.mul(y.mul(y).neg().add(1)),
});

/** ln(1 + e^x), without overflow; dx = dy sigmoid(x). */
export const softplus: Unary = unary({
  name: "softplus",
  loop(z, x) {
    eachDecay(x, (e, start, end) => {
      each("log1p", e, e);
      for (let i = start, k = 0; i < end; i++, k++) z[i] = Math.max(x[i], 0) + e[k];
    });
  },
  formula: "return max(x, 0) + log(1 + exp(-abs(x)));",
  gradient: (dy, x) => dy.mul(sigmoid(x)),
});

/** A function of one number. */
export interface UnaryRule extends Elementwise {
  /** The gradient from dy, x and the result; `null`: none. */
  gradient: ((dy: Tensor, x: Tensor, y: Tensor) => Tensor) | null;
  /** Whether it maps integers to integers. */
  whole?: boolean;
}

/** Turns a function of one number into one of tensors. */
export function unary({ gradient, whole = false, ...operation }: UnaryRule): Unary {
  const apply = primitive({
    name: operation.name,
    shape: ([x]) => x,
    forward: (device, inputs, _, shape) => device.elementwise(operation, inputs, shape),
    gradient: gradient && (({ dy, inputs: [x], output }) => [() => gradient(dy, x, output)]),
  });
  return Object.assign(whole ? (x: Tensor) => apply([x]) : (x: Tensor) => apply([real(x)]), { operation });
}

const slope: Elementwise = {
  name: "sigmoidSlope",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = x[i * p] * (y[i * q] * (1 - y[i * q]));
  },
  formula: "return x * y * (1 - y);",
};

/** x y (1 - y): the gradient of {@link sigmoid}, whose value is y. */
const sigmoidSlope: Apply = primitive({
  name: slope.name,
  shape: ([x]) => x,
  forward: (device, inputs, _, shape) => device.elementwise(slope, inputs, shape),
  gradient: ({ dy, inputs: [x, y] }) => [() => sigmoidSlope([dy, y]), () => dy.mul(x).mul(y.mul(-2).add(1))],
});

const convert: Apply<DType> = primitive({
  name: "cast",
  shape: ([x]) => x,
  forward: (device, [x], dtype) => device.cast(x, dtype),
  gradient: ({ dy, inputs: [x] }) => [() => cast(dy, x.dtype)],
});

/**
 * Converts the values to another dtype; to int32 by truncation, without a gradient.
 * @throws {RangeError} for NaN and for a number outside the range of int32
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  requireTensors("cast", x);
  requireDType("cast a tensor", dtype);
  if (x.dtype === dtype) return x;
  return convert([dtype === "int32" ? x.detach() : x], dtype);
}
