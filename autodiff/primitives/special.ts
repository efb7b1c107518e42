import type { Device, Elementwise } from "../device.ts";
import { checkOptions } from "../options.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import type { AnyArray } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { add, sub } from "./binary.ts";
import { axisOf, type Reduction, reduction } from "./reductions.ts";
import { exp, log } from "./unary.ts";

const logSumExpKept: Apply<number> = primitive({
  name: "logSumExp",
  shape: ([x], axis) => x.map((length, i) => i === axis ? 1 : length),
  forward: (device, [x], axis) => logOfSum(device, x, axis),
  gradient: ({ dy, inputs: [x], options: axis }) => [() => dy.mul(softmax(x, axis))],
});

/** ln Σ e^x along an axis, without overflow; its gradient is the softmax. A scalar counts as an axis of one element. */
export function logSumExp(x: Tensor, axis = -1, options: Reduction = {}): Tensor {
  const { keepDims = false } = checkOptions("take logSumExp", options, reduction);
  requireTensors("take logSumExp of", x);
  if (x.rank === 0) return logSumExp(x.reshape(1), axis).reshape();
  const at = axisOf(x.shape, axis, "take logSumExp");
  const z = logSumExpKept([real(x)], at);
  return keepDims ? z : z.reshape(...x.shape.filter((_, i) => i !== at));
}

/** e^x / Σ e^x along an axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireTensors("take softmax of", x);
  if (x.rank === 0) return softmax(x.reshape(1), axis).reshape();
  return softmaxOf([real(x)], axisOf(x.shape, axis, "take softmax"));
}

const softmaxOf: Apply<number> = primitive({
  name: "softmax",
  shape: ([x]) => x,
  forward: (device, [x], axis, shape) => device.elementwise(exp.operation, [logarithms(device, x, axis)], shape),
  gradient: ({ dy, output: y, options: axis }) => [() => {
    const weighted = dy.mul(y);
    return weighted.sub(y.mul(weighted.sum(axis, { keepDims: true })));
  }],
});

/** x - ln Σ e^x along an axis: the logarithm of the softmax, finite even where the softmax underflows. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireTensors("take logSoftmax of", x);
  if (x.rank === 0) return logSoftmax(x.reshape(1), axis).reshape();
  return logSoftmaxOf([real(x)], axisOf(x.shape, axis, "take logSoftmax"));
}

const logSoftmaxOf: Apply<number> = primitive({
  name: "logSoftmax",
  shape: ([x]) => x,
  forward: (device, [x], axis) => logarithms(device, x, axis),
  gradient: ({ dy, output, options: axis }) => [() => dy.sub(output.exp().mul(dy.sum(axis, { keepDims: true })))],
});

/** ln Σ e^x along an axis, which keeps length 1. */
export function logOfSum(device: Device<AnyArray>, x: AnyArray, axis: number): AnyArray {
  if (device.logSumExp !== undefined) return device.logSumExp(x, axis);
  const greatest = device.reduce("max", x, [axis]), shift = device.elementwise(finite, [greatest], greatest.shape);
  const shifted = device.elementwise(exp.operation, [device.elementwise(sub.operation, [x, shift], x.shape)], x.shape);
  const logarithm = device.elementwise(log.operation, [device.reduce("sum", shifted, [axis])], shift.shape);
  return device.elementwise(add.operation, [logarithm, shift], shift.shape);
}

/** x, or 0 where it is infinite: a row with an infinity needs no shift, which would compute Infinity - Infinity. */
const finite: Elementwise = {
  name: "finite",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = Math.abs(x[i]) === Infinity ? 0 : x[i];
  },
  formula: "if (abs(x) > 3.4e38) { return 0; } return x;",
};

/** x - ln Σ e^x along an axis. */
function logarithms(device: Device<AnyArray>, x: AnyArray, axis: number): AnyArray {
  if (device.logSoftmax !== undefined) return device.logSoftmax(x, axis);
  const shifted = fromGreatest(device, x, axis);
  return device.elementwise(sub.operation, [shifted, logOfSum(device, shifted, axis)], x.shape);
}

/** x minus its greatest element along an axis. Next to a large number the logarithm would lose its digits. */
export function fromGreatest(device: Device<AnyArray>, x: AnyArray, axis: number): AnyArray {
  return device.elementwise(sub.operation, [x, device.reduce("max", x, [axis])], x.shape);
}
