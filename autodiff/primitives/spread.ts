import { keptShape } from "../axes.ts";
import { squaresOf } from "../devices/loops.ts";
import type { DType } from "../dtype.ts";
import { contiguousData, emptyArray } from "../ndarray.ts";
import { checkArgument, checkOptions, number } from "../options.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import { isRemote } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { type Axes, axesOf, type Reduction, reduction, variance } from "./reductions.ts";
import { where } from "./selection.ts";
import { sqrt, unary } from "./unary.ts";

/** The root of a number that is 0 only where its own slope is: there the slope is 0. */
const root = unary({
  ...sqrt.operation,
  name: "root",
  gradient: (dy, _, y) => dy.div(where(y.equal(0), Infinity, y)).mul(0.5),
});

/** Σ x² over some axes, which keep length 1. */
const squares: Apply<readonly number[]> = primitive({
  name: "squares",
  shape: ([x], axes) => keptShape(x, axes),
  forward(device, [x], axes, shape) {
    if (isRemote(x) || axes.length < shape.length) {
      return device.reduce("sum", device.elementwise(mul.operation, [x, x], x.shape), axes);
    }
    const z = emptyArray(x.dtype as DType, shape);
    z.data[0] = squaresOf(contiguousData(x), 0);
    return z;
  },
  gradient: ({ dy, inputs: [x] }) => [() => x.mul(dy.mul(2))],
});

/** The standard deviation over some axes, or all: the root of {@link variance}; its slope is 0 where it is 0. */
export function std(x: Tensor, axes?: Axes, options: Reduction & { correction?: number } = {}): Tensor {
  return root(variance(x, axes, options));
}

/**
 * The norm (Σ |x|^p)^(1/p) over some axes, or all; for p = Infinity the greatest |x|. Its slope is 0 where it is 0.
 * @throws {RangeError} unless p is above 0
 */
export function norm(x: Tensor, p = 2, axes?: Axes, options: Reduction = {}): Tensor {
  checkArgument("take a norm", "p", p, number);
  if (!(p > 0)) throw new RangeError(`Cannot take a norm with p = ${p}: wanted a number above 0`);
  requireTensors("take a norm of", x);
  const numbers = real(x);
  if (p === 2) {
    const { keepDims = false } = checkOptions("take a norm", options, reduction), over = axesOf(x.shape, axes, "take a norm");
    const found = root(squares([numbers], over));
    return keepDims ? found : found.reshape(...x.shape.filter((_, axis) => !over.includes(axis)));
  }
  if (p === Infinity) return numbers.abs().max(axes, options);
  if (p === 1) return numbers.abs().sum(axes, options);
  const sum = numbers.abs().pow(p).sum(axes, options), none = sum.equal(0);
  return where(none, 0, where(none, 1, sum).pow(1 / p));
}
