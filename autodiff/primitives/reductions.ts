import { sameShape, type Shape, showShape, sizeOf } from "../ndarray.ts";
import { type Apply, primitive } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { equal } from "./comparison.ts";

/** One axis, several, or all of them if left out; negative ones count from the last. */
export type Axes = number | readonly number[];

/** How a reduction shapes its result. */
export interface Reduction {
  /** Keep reduced axes with length 1. Default false. */
  keepDims?: boolean;
}

const sumKept: Apply<readonly number[]> = primitive({
  name: "sum",
  shape: ([x], axes) => kept(x, axes),
  forward: (device, [x], axes) => device.reduce("sum", x, axes),
  gradient: ({ dy, inputs: [x] }) => [() => dy.broadcastTo(x.shape)],
});

const maxKept: Apply<readonly number[]> = primitive({
  name: "max",
  shape: ([x], axes) => nonEmpty("maximum", x, axes),
  forward: (device, [x], axes) => device.reduce("max", x, axes),
  gradient: ({ dy, inputs: [x], output, options }) => [() => dy.mul(shareOfTies(x, output, options))],
});

const minKept: Apply<readonly number[]> = primitive({
  name: "min",
  shape: ([x], axes) => nonEmpty("minimum", x, axes),
  forward: (device, [x], axes) => device.reduce("min", x, axes),
  gradient: ({ dy, inputs: [x], output, options }) => [() => dy.mul(shareOfTies(x, output, options))],
});

const deviationsKept: Apply<readonly number[]> = primitive({
  name: "deviations",
  shape: ([x], axes) => kept(x, axes),
  forward: (device, [x], axes) => device.reduce("deviations", x, axes),
  gradient: ({ dy, inputs: [x], options }) => [() => x.sub(mean(x, options, { keepDims: true })).mul(dy.mul(2))],
});

/** Sum over `axes`, accumulated in float64; 0 over no elements. */
export function sum(x: Tensor, axes?: Axes, options: Reduction = {}): Tensor {
  return finish(x, axes, options, sumKept);
}

/** Greatest element over `axes`; equals share the gradient evenly. */
export function max(x: Tensor, axes?: Axes, options: Reduction = {}): Tensor {
  return finish(x, axes, options, maxKept);
}

/** Least element over `axes`; equals share the gradient evenly. */
export function min(x: Tensor, axes?: Axes, options: Reduction = {}): Tensor {
  return finish(x, axes, options, minKept);
}

/** Mean over `axes`; NaN over no elements. */
export function mean(x: Tensor, axes?: Axes, options: Reduction = {}): Tensor {
  return sum(x, axes, options).div(count(x, axes));
}

/** Σ (x - mean)² / (n - correction) over `axes`; correction 1 is the unbiased estimate, as in PyTorch. */
export function variance(x: Tensor, axes?: Axes, options: Reduction & { correction?: number } = {}): Tensor {
  return finish(x, axes, options, deviationsKept).div(Math.max(0, count(x, axes) - (options.correction ?? 1)));
}

/** Sums `x` down to a shape that broadcasts to its own: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = x.rank - shape.length;
  const axes = x.shape.map((_, axis) => axis).filter((axis) =>
    axis < added || (shape[axis - added] === 1 && x.shape[axis] !== 1)
  );
  return sumKept([x], axes).reshape(...shape);
}

/** Axes as numbers from 0, in order, each once. */
export function axesOf(shape: Shape, axes: Axes | undefined, action: string): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const positive = (typeof axes === "number" ? [axes] : [...axes]).map((axis) => axisOf(shape, axis, action));
  if (new Set(positive).size < positive.length) {
    throw new RangeError(`Cannot ${action} over axes [${axes}] of ${showShape(shape)}: one is named twice`);
  }
  return positive.sort((a, b) => a - b);
}

/** One axis as a number from 0. */
export function axisOf(shape: Shape, axis: number, action: string): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < shape.length) return positive;
  throw new RangeError(`Cannot ${action} along axis ${axis} of shape ${showShape(shape)}: it has ${shape.length} axes`);
}

function finish(
  x: Tensor,
  axes: Axes | undefined,
  { keepDims = false }: Reduction,
  reduce: (inputs: readonly Tensor[], axes: readonly number[]) => Tensor,
): Tensor {
  const reduced = axesOf(x.shape, axes, "reduce");
  const result = reduce([x], reduced);
  return keepDims ? result : result.reshape(...x.shape.filter((_, axis) => !reduced.includes(axis)));
}

function kept(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((length, axis) => axes.includes(axis) ? 1 : length);
}

function nonEmpty(what: string, shape: Shape, axes: readonly number[]): number[] {
  for (const axis of axes) {
    if (shape[axis] === 0) {
      throw new RangeError(`Cannot take the ${what} of shape ${showShape(shape)}: axis ${axis} has no elements`);
    }
  }
  return kept(shape, axes);
}

function shareOfTies(x: Tensor, extreme: Tensor, axes: readonly number[]): Tensor {
  const ties = equal(x, extreme);
  return ties.div(sumKept([ties], axes));
}

function count(x: Tensor, axes: Axes | undefined): number {
  return sizeOf(axesOf(x.shape, axes, "reduce").map((axis) => x.shape[axis]));
}
