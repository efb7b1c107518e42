import type { UnaryOperation } from "../devices/device.ts";
import { broadcastShapes, type DType, requireDType } from "../ndarray.ts";
import { type Apply, type Operand, operands, primitive, real, requireTensors } from "../primitive.ts";
import { Tensor } from "../tensor.ts";
import { greater, greaterEqual, less, lessEqual } from "./comparison.ts";

/** A function of one tensor, element by element; of integers in float64, unless it gives integers. */
export type Unary = (x: Tensor) => Tensor;

/** Operations that give integers of integers. */
const whole: readonly UnaryOperation[] = ["neg", "abs", "sign", "relu"];

/** -x. */
export const neg: Unary = elementwise("neg", (dy) => dy.neg());
/** e^x. */
export const exp: Unary = elementwise("exp", (dy, _, y) => dy.mul(y));
/** Natural logarithm: -Infinity at 0, NaN below; dx = dy / x. */
export const log: Unary = elementwise("log", (dy, x) => dy.div(x));
/** Square root; dx = dy / 2y, infinite at 0. */
export const sqrt: Unary = elementwise("sqrt", (dy, _, y) => dy.div(y).mul(0.5));
/** |x|; dx = dy sign(x), 0 at 0 and at NaN. */
export const abs: Unary = elementwise("abs", (dy, x) => dy.mul(sign(x)));
/** -1, 0 or 1, and 0 of NaN; its gradient is 0. */
export const sign: Unary = elementwise("sign", null);
/** max(x, 0); the gradient at 0 is 0, at NaN 1, as in PyTorch. */
export const relu: Unary = elementwise("relu", (dy, x) => gate([dy, x]));
/** 1 / (1 + e^-x). */
export const sigmoid: Unary = elementwise("sigmoid", (dy, _, y) => sigmoidSlope([dy, y]));
/** Hyperbolic tangent; dx = dy (1 - y²). */
export const tanh: Unary = elementwise("tanh", (dy, _, y) => dy.mul(y.mul(y).neg().add(1)));
/** ln(1 + e^x), without overflow; dx = dy sigmoid(x). */
export const softplus: Unary = elementwise("softplus", (dy, x) => dy.mul(sigmoid(x)));

/** 0 where y <= 0, else x: the gradient of {@link relu}, and of itself. */
export const gate: Apply = primitive({
  name: "gate",
  shape: ([x]) => x,
  forward: (device, [x, y], _, shape) => device.binary("gate", x, y, shape),
  gradient: ({ dy, inputs: [, y] }) => [() => gate([dy, y]), null],
});

/** x y (1 - y): the gradient of {@link sigmoid}, whose value is y. */
const sigmoidSlope: Apply = primitive({
  name: "sigmoidSlope",
  shape: ([x]) => x,
  forward: (device, [x, y], _, shape) => device.binary("sigmoidSlope", x, y, shape),
  gradient: ({ dy, inputs: [x, y] }) => [() => sigmoidSlope([dy, y]), () => dy.mul(x).mul(y.mul(-2).add(1))],
});

function elementwise(operation: UnaryOperation, gradient: ((dy: Tensor, x: Tensor, y: Tensor) => Tensor) | null): Unary {
  const apply = primitive({
    name: operation,
    shape: ([x]) => x,
    forward: (device, [x]) => device.unary(operation, x),
    gradient: gradient && (({ dy, inputs: [x], output }) => [() => gradient(dy, x, output)]),
  });
  return whole.includes(operation) ? (x) => apply([x]) : (x) => apply([real(x)]);
}

/** x held within [low, high]; the gradient passes inside and at the ends; NaN stays NaN, without a gradient. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  requireTensors("clip", x);
  if (!(low <= high)) throw new RangeError(`Cannot clip to [${low}, ${high}]: the first must not exceed the second`);
  if (x.dtype === "int32" && (low !== (low | 0) || high !== (high | 0))) return clip(real(x), low, high);
  const inside = greaterEqual(x, low).mul(lessEqual(x, high));
  return where(inside, x, where(less(x, low), low, where(greater(x, high), high, x.detach())));
}

const select: Apply = primitive({
  name: "where",
  shape: ([condition, x, y]) => broadcastShapes(condition, broadcastShapes(x, y, "choose between"), "choose by"),
  forward: (device, [condition, x, y], _, shape) => device.select(condition, x, y, shape),
  gradient: ({ dy, inputs: [condition] }) => [
    null,
    () => where(condition, dy, 0),
    () => where(condition, 0, dy),
  ],
});

/**
 * x where `condition` is not 0, else y. Two numbers take the condition's dtype. What is not chosen gets gradient 0; but where it is
 * itself infinitely steep, as ln x at 0, that 0 becomes 0 · ∞ = NaN on its way back, as in PyTorch: choose before the function too, as
 * in where(c, log(where(c, x, 1)), 0).
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor {
  requireTensors("choose by", condition);
  if (typeof x === "number" && typeof y === "number") {
    const integers = condition.dtype === "int32" && x === (x | 0) && y === (y | 0);
    const dtype = condition.dtype === "int32" && !integers ? "float64" : condition.dtype;
    return where(condition, Tensor.scalar(x, dtype), Tensor.scalar(y, dtype));
  }
  return select([condition.requiresGrad ? condition.detach() : condition, ...operands(x, y, "choose between")]);
}

const convert: Apply<DType> = primitive({
  name: "cast",
  shape: ([x]) => x,
  forward: (device, [x], dtype) => device.cast(x, dtype),
  gradient: ({ dy, inputs: [x] }) => [() => cast(dy, x.dtype)],
});

/**
 * The values in another dtype; to int32 by truncation, which has no gradient.
 * @throws {RangeError} for NaN and for what int32 does not have
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  requireTensors("cast", x);
  requireDType("cast a tensor", dtype);
  if (x.dtype === dtype) return x;
  return convert([dtype === "int32" ? x.detach() : x], dtype);
}
