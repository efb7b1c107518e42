import { checkArgument, number } from "../options.ts";
import { real, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { type Axes, type Reduction, variance } from "./reductions.ts";
import { where } from "./selection.ts";
import { sqrt, unary } from "./unary.ts";

/** The root of a number that is 0 only where its own slope is: there the slope is 0. */
const root = unary({
  ...sqrt.operation,
  name: "root",
  gradient: (dy, _, y) => dy.div(where(y.equal(0), Infinity, y)).mul(0.5),
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
  if (p === 2) return root(numbers.square().sum(axes, options));
  if (p === Infinity) return numbers.abs().max(axes, options);
  if (p === 1) return numbers.abs().sum(axes, options);
  const sum = numbers.abs().pow(p).sum(axes, options), none = sum.equal(0);
  return where(none, 0, where(none, 1, sum).pow(1 / p));
}
