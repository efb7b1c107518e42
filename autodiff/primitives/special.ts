import { checkOptions } from "../options.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { axisOf, type Reduction, reduction } from "./reductions.ts";

const logSumExpKept: Apply<number> = primitive({
  name: "logSumExp",
  shape: ([x], axis) => x.map((length, i) => i === axis ? 1 : length),
  forward: (device, [x], axis) => device.logSumExp(x, axis),
  gradient: ({ dy, inputs: [x], options: axis }) => [() => dy.mul(softmax(x, axis))],
});

/** ln Σ e^x along an axis, without overflow; its gradient is the softmax. A scalar is an axis of one element, here and below. */
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
  forward: (device, [x], axis) => device.unary("exp", device.logSoftmax(x, axis)),
  gradient: ({ dy, output: y, options: axis }) => [() => {
    const weighted = dy.mul(y);
    return weighted.sub(y.mul(weighted.sum(axis, { keepDims: true })));
  }],
});

/** x - ln Σ e^x along an axis: the logarithm of the softmax, finite where that underflows. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireTensors("take logSoftmax of", x);
  if (x.rank === 0) return logSoftmax(x.reshape(1), axis).reshape();
  return logSoftmaxOf([real(x)], axisOf(x.shape, axis, "take logSoftmax"));
}

const logSoftmaxOf: Apply<number> = primitive({
  name: "logSoftmax",
  shape: ([x]) => x,
  forward: (device, [x], axis) => device.logSoftmax(x, axis),
  gradient: ({ dy, output, options: axis }) => [() => dy.sub(output.exp().mul(dy.sum(axis, { keepDims: true })))],
});
