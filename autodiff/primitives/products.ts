import { checkOptions } from "../options.ts";
import { requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { keptShape } from "../axes.ts";
import { type Axes, axesOf, type Reduction, reduction } from "./reductions.ts";

/**
 * The product over some axes, or all; 1 over no elements. Halves are multiplied until one number is left, so that gradients need
 * no quotient and are right where elements are 0.
 */
export function prod(x: Tensor, axes?: Axes, options: Reduction = {}): Tensor {
  const { keepDims = false } = checkOptions("multiply elements", options, reduction);
  requireTensors("multiply elements of", x);
  const reduced = axesOf(x.shape, axes, "multiply elements"), kept = x.shape.map((_, i) => i).filter((i) => !reduced.includes(i));
  const lengths = kept.map((axis) => x.shape[axis]);
  // First axes, because their halves are contiguous.
  let z = x.rank === 0 ? x.reshape(1) : x.transpose(...reduced, ...kept), odd: Tensor | null = null;
  z = z.reshape(reduced.reduce((count, axis) => count * x.shape[axis], 1), ...lengths);
  if (z.shape[0] === 0) z = z.sum(0, { keepDims: true }).add(1);
  // A result is no view.
  else if (z.shape[0] === 1) z = z.mul(1);
  while (z.shape[0] > 1) {
    const length = z.shape[0], half = length >> 1;
    if (length % 2 === 1) odd = odd === null ? z.slice(0, length - 1) : odd.mul(z.slice(0, length - 1));
    z = z.slice(0, 0, half).mul(z.slice(0, half, 2 * half));
  }
  return (odd === null ? z : z.mul(odd)).reshape(...(keepDims ? keptShape(x.shape, reduced) : lengths));
}
