/** Choices among numbers. @module */
import type { Elementwise } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import { checkArgument, number } from "../options.ts";
import { broadcastShapes } from "../shape.ts";
import { type Apply, type Operand, operands, primitive, real, requireTensors } from "../primitive.ts";
import { Tensor } from "../tensor.ts";

const choice: Elementwise = {
  name: "where",
  loop(z, x, p, y, q, condition, r) {
    const [to, a, b] = [bits(z), bits(x), bits(y)];
    if (to === null || a === null || b === null) {
      for (let i = 0; i < z.length; i++) z[i] = condition[i * r] !== 0 ? x[i * p] : y[i * q];
      return;
    }
    for (let i = 0; i < z.length; i++) {
      const mask = -(+(condition[i * r] !== 0));
      to[i] = (a[i * p] & mask) | (b[i * q] & ~mask);
    }
  },
  formula: "if (w == 0) { return y; } return x;",
};

const choose: Apply = primitive({
  name: choice.name,
  shape: ([x, y, condition]) => broadcastShapes(condition, broadcastShapes(x, y, "choose between"), "choose by"),
  forward: (device, inputs, _, shape) => device.elementwise(choice, inputs, shape),
  gradient: ({ dy, inputs: [, , condition] }) => [() => where(condition, dy, 0), () => where(condition, 0, dy), null],
});

/**
 * x where `condition` is not 0, else y. Two numbers take the condition's dtype. An unchosen element gets gradient 0. If it came
 * from a function with an infinite slope, such as ln x at 0, the gradient before that is 0 · ∞ = NaN, as in PyTorch: choose
 * before the function too, as in where(c, log(where(c, x, 1)), 0).
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor {
  requireTensors("choose by", condition);
  if (typeof x === "number" && typeof y === "number") {
    const integers = condition.dtype === "int32" && x === (x | 0) && y === (y | 0);
    const dtype = condition.dtype === "int32" && !integers ? "float64" : condition.dtype;
    return where(condition, Tensor.scalar(x, dtype), Tensor.scalar(y, dtype));
  }
  return choose([...operands(x, y, "choose between"), condition.requiresGrad ? condition.detach() : condition]);
}

/** x limited to [low, high]. The gradient passes inside and at the ends; NaN stays NaN, without a gradient. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  requireTensors("clip", x);
  checkArgument("clip", "the least", low, number);
  checkArgument("clip", "the greatest", high, number);
  if (!(low <= high)) throw new RangeError(`Cannot clip to [${low}, ${high}]: the first number must not exceed the second`);
  if (x.dtype === "int32" && (low !== (low | 0) || high !== (high | 0))) return clip(real(x), low, high);
  const inside = x.greaterEqual(low).mul(x.lessEqual(high));
  return where(inside, x, where(x.less(low), low, where(x.greater(high), high, x.detach())));
}

/** The operation of {@link gate} for devices. */
export const gating: Elementwise = {
  name: "gate",
  loop(z, x, p, y, q) {
    const [to, from] = [bits(z), bits(x)];
    if (to === null || from === null) { for (let i = 0; i < z.length; i++) z[i] = y[i * q] <= 0 ? 0 : x[i * p]; }
    else for (let i = 0; i < z.length; i++) to[i] = from[i * p] & -(+!(y[i * q] <= 0));
  },
  formula: "if (y <= 0) { return 0; } return x;",
};

/** 0 where y <= 0, else x: the gradient of a rectifier, and of this function. */
export const gate: Apply = primitive({
  name: gating.name,
  shape: ([x]) => x,
  forward: (device, inputs, _, shape) => device.elementwise(gating, inputs, shape),
  gradient: ({ dy, inputs: [, y] }) => [() => gate([dy, y]), null],
});

/** The bits of float32 numbers; `null` for other dtypes. A bit mask takes a fifth of the time of an unpredictable branch. */
export function bits(x: TypedArray): Int32Array | null {
  return x instanceof Float32Array ? new Int32Array(x.buffer, x.byteOffset, x.length) : null;
}
