import { keptShape } from "../axes.ts";
import type { Device } from "../device.ts";
import { sameShape, type Shape, showShape, sizeOf } from "../shape.ts";
import { checkOptions, type Known, number, shown, truth } from "../options.ts";
import { type Apply, primitive, real, requireTensors } from "../primitive.ts";
import type { AnyArray } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { viewOf } from "../views.ts";
import { equal, mul, sub } from "./binary.ts";

/** One axis or several; all, if left out. Negative axes count from the last. */
export type Axes = number | readonly number[];

/** Options of a reduction. */
export interface Reduction {
  /** Keep reduced axes with length 1. Default false. */
  keepDims?: boolean;
}

/** The default, which needs no check. */
const plainly: Reduction = {};

/** The options of {@link Reduction}. */
export const reduction: Known<Reduction> = { keepDims: truth };
const variation: Known<Reduction & { correction?: number }> = { ...reduction, correction: number };

/** The axes, from 0, in order, and whether to keep them with length 1. */
interface Reduced {
  axes: readonly number[];
  keepDims: boolean;
}

/** A reduction whose sum is divided. */
interface Averaged extends Reduced {
  divisor: number;
}

const sumKept: Apply<Reduced> = primitive({
  name: "sum",
  shape: ([x], reduced) => reducedShape(x, reduced),
  forward: (device, [x], { axes }, shape) => shaped(device.reduce("sum", x, axes), shape),
  gradient: ({ dy, inputs: [x], options }) => [() => keptDims(dy, x, options).broadcastTo(x.shape)],
});

const maxKept: Apply<Reduced> = primitive({
  name: "max",
  shape: ([x], reduced) => nonEmpty("maximum", x, reduced),
  forward: (device, [x], { axes }, shape) => shaped(device.reduce("max", x, axes), shape),
  gradient: ({ dy, inputs: [x], output, options }) => [() => keptDims(dy, x, options).mul(shareOfTies(x, output, options))],
});

const minKept: Apply<Reduced> = primitive({
  name: "min",
  shape: ([x], reduced) => nonEmpty("minimum", x, reduced),
  forward: (device, [x], { axes }, shape) => shaped(device.reduce("min", x, axes), shape),
  gradient: ({ dy, inputs: [x], output, options }) => [() => keptDims(dy, x, options).mul(shareOfTies(x, output, options))],
});

const meanKept: Apply<Averaged> = primitive({
  name: "mean",
  shape: ([x], reduced) => reducedShape(x, reduced),
  forward: (device, [x], { axes, divisor }, shape) => shaped(device.reduce("sum", x, axes, divisor), shape),
  gradient: ({ dy, inputs: [x], options }) => [() => keptDims(dy.div(options.divisor), x, options).broadcastTo(x.shape)],
});

const varianceKept: Apply<Averaged> = primitive({
  name: "variance",
  shape: ([x], reduced) => reducedShape(x, reduced),
  forward: (device, [x], { axes, divisor }, shape) => shaped(deviations(device, x, axes, divisor), shape),
  gradient: ({ dy, inputs: [x], options }) => [
    () => x.sub(mean(x, options.axes, { keepDims: true })).mul(keptDims(dy.mul(2 / options.divisor), x, options)),
  ],
});

/** Sum over `axes`, accumulated in float64; 0 over no elements. */
export function sum(x: Tensor, axes?: Axes, options: Reduction = plainly): Tensor {
  return finish(x, axes, options, sumKept);
}

/** Greatest element over `axes`; equal ones share the gradient evenly. */
export function max(x: Tensor, axes?: Axes, options: Reduction = plainly): Tensor {
  return finish(x, axes, options, maxKept);
}

/** Least element over `axes`; equal ones share the gradient evenly. */
export function min(x: Tensor, axes?: Axes, options: Reduction = plainly): Tensor {
  return finish(x, axes, options, minKept);
}

/** Mean over `axes`, in float64 for integers; NaN over no elements. */
export function mean(x: Tensor, axes?: Axes, options: Reduction = plainly): Tensor {
  return finish(real(x), axes, options, (inputs, reduced) => meanKept(inputs, { ...reduced, divisor: count(x, reduced) }));
}

/** Σ (x - mean)² / (n - correction) over `axes`, in float64 for integers. Correction 1 is the unbiased estimate of PyTorch. */
export function variance(x: Tensor, axes?: Axes, options: Reduction & { correction?: number } = {}): Tensor {
  const { correction = 1, ...rest } = checkOptions("take the variance", options, variation);
  const divisor = (reduced: Reduced) => Math.max(0, count(x, reduced) - correction);
  return finish(real(x), axes, rest, (inputs, reduced) => varianceKept(inputs, { ...reduced, divisor: divisor(reduced) }));
}

/** Σ (x - mean)² over `axes`, which keep length 1, divided by `divisor`. */
export function deviations(device: Device<AnyArray>, x: AnyArray, axes: readonly number[], divisor: number): AnyArray {
  if (device.deviations !== undefined) return device.deviations(x, axes, divisor);
  const mean = device.reduce("sum", x, axes, x.size / sizeOf(keptShape(x.shape, axes)));
  const centred = device.elementwise(sub.operation, [x, mean], x.shape);
  return device.reduce("sum", device.elementwise(mul.operation, [centred, centred], x.shape), axes, divisor);
}

/** Sums `x` down to a shape that broadcasts to x.shape: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = x.rank - shape.length;
  const axes = x.shape.map((_, axis) => axis).filter((axis) =>
    axis < added || (shape[axis - added] === 1 && x.shape[axis] !== 1)
  );
  return sumKept([x], { axes, keepDims: true }).reshape(...shape);
}

/** Axes as numbers from 0, in order, each once. */
export function axesOf(shape: Shape, axes: Axes | undefined, action: string): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  if (typeof axes !== "number" && !Array.isArray(axes)) {
    throw new TypeError(`Cannot ${action} over axes ${shown(axes)}: wanted a number or a list of numbers`);
  }
  const positive = (typeof axes === "number" ? [axes] : [...axes]).map((axis) => axisOf(shape, axis, action));
  if (new Set(positive).size < positive.length) {
    throw new RangeError(`Cannot ${action} over axes [${axes}] of ${showShape(shape)}: one axis is given twice`);
  }
  return positive.sort((a, b) => a - b);
}

/** One axis as a number from 0. */
export function axisOf(shape: Shape, axis: number, action: string): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < shape.length) return positive;
  if (typeof axis !== "number") throw new TypeError(`Cannot ${action} along axis ${shown(axis)}: wanted a number`);
  throw new RangeError(`Cannot ${action} along axis ${axis} of shape ${showShape(shape)}: its rank is ${shape.length}`);
}

function finish(
  x: Tensor,
  axes: Axes | undefined,
  options: Reduction,
  reduce: (inputs: readonly Tensor[], reduced: Reduced) => Tensor,
): Tensor {
  requireTensors("reduce", x);
  const { keepDims = false } = options === plainly ? plainly : checkOptions("reduce", options, reduction);
  return reduce([x], { axes: axesOf(x.shape, axes, "reduce"), keepDims });
}

function reducedShape(x: Shape, { axes, keepDims }: Reduced): Shape {
  if (!keepDims && axes.length === x.length) return [];
  return keepDims ? keptShape(x, axes) : x.filter((_, axis) => !axes.includes(axis));
}

/** A row-major array in another shape. */
function shaped(z: AnyArray, shape: Shape): AnyArray {
  return z.shape.length === shape.length ? z : viewOf(z, shape);
}

/** A reduction of x, or its gradient, with the reduced axes restored at length 1. */
function keptDims(reduced: Tensor, x: Tensor, { axes, keepDims }: Reduced): Tensor {
  return keepDims ? reduced : reduced.reshape(...keptShape(x.shape, axes));
}

function nonEmpty(what: string, shape: Shape, reduced: Reduced): Shape {
  for (const axis of reduced.axes) {
    if (shape[axis] === 0) {
      throw new RangeError(`Cannot take the ${what} of shape ${showShape(shape)}: axis ${axis} has no elements`);
    }
  }
  return reducedShape(shape, reduced);
}

function shareOfTies(x: Tensor, extreme: Tensor, reduced: Reduced): Tensor {
  const ties = equal(x, keptDims(extreme, x, reduced));
  return ties.div(sumKept([ties], { axes: reduced.axes, keepDims: true }));
}

function count(x: Tensor, { axes }: Reduced): number {
  let count = 1;
  for (const axis of axes) count *= x.shape[axis];
  return count;
}
