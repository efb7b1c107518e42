/** Functions of the places of elements, most of them composed of views and concatenations. @module */
import type { DType } from "../dtype.ts";
import { contiguousData, emptyArray, isContiguous, type NdArray, zerosArray } from "../ndarray.ts";
import { checkArgument, type Kind, whole } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { isRemote } from "../remote_array.ts";
import { requireShape, type Shape, showShape, sizeOf } from "../shape.ts";
import { full, type Tensor } from "../tensor.ts";
import { copyArray, sliced, viewOf } from "../views.ts";
import { matmul } from "./linear_algebra.ts";
import { type Axes, axesOf, axisOf } from "./reductions.ts";
import { gating } from "./selection.ts";
import { concatenate, reshape, slice, transpose, widen } from "./shapes.ts";

/** A view with axes of length 1 removed or added: for each of its axes the axis of x, or -1. */
const viewed: Apply<readonly number[]> = primitive({
  name: "squeeze",
  shape: ([x], axes) => axes.map((axis) => axis < 0 ? 1 : x[axis]),
  forward: (_, [x], axes, shape) => viewOf(x, shape, axes.map((axis) => axis < 0 ? 0 : x.stride[axis])),
  gradient: ({ dy, inputs: [x], options }) => [() => viewed([dy], x.shape.map((_, axis) => options.indexOf(axis)))],
});

/**
 * A view without an axis of length 1, or without all of them.
 * @throws {RangeError} if the axis is longer: PyTorch returns x then
 */
export function squeeze(x: Tensor, axis?: number): Tensor {
  requireTensors("squeeze", x);
  const at = axis === undefined ? -1 : axisOf(x.shape, axis, "squeeze");
  if (at >= 0 && x.shape[at] !== 1) {
    throw new RangeError(`Cannot squeeze axis ${at} of shape ${showShape(x.shape)}: its length is not 1`);
  }
  return viewed([x], x.shape.flatMap((length, i) => (at < 0 ? length !== 1 : i !== at) ? [i] : []));
}

/** A view with a new axis of length 1 at this place; -1 is after the last. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  requireTensors("unsqueeze", x);
  const at = axisOf([...x.shape, 1], axis, "unsqueeze"), axes = x.shape.map((_, i) => i);
  return viewed([x], axes.toSpliced(at, 0, -1));
}

/** A view with two axes exchanged. */
export function swapAxes(x: Tensor, a: number, b: number): Tensor {
  requireTensors("swap axes of", x);
  const axes = x.shape.map((_, i) => i), [p, q] = [a, b].map((axis) => axisOf(x.shape, axis, "swap"));
  [axes[p], axes[q]] = [q, p];
  return axes.length === 0 ? x : transpose(x, ...axes);
}

/** The same elements with some axes as one, in row-major order; all by default. */
export function flatten(x: Tensor, first = 0, last = -1): Tensor {
  requireTensors("flatten", x);
  if (x.rank === 0) return reshape(x, [1]);
  const [from, to] = [first, last].map((axis) => axisOf(x.shape, axis, "flatten"));
  return reshape(x, [...x.shape.slice(0, from), -1, ...x.shape.slice(to + 1)]);
}

const reversed: Apply<readonly number[]> = primitive({
  name: "flip",
  shape: ([x]) => x,
  forward: (_, [x], axes, shape) => {
    const turned = axes.filter((axis) => shape[axis] > 1);
    const stride = x.stride.map((step, axis) => turned.includes(axis) ? -step : step);
    return copyArray(viewOf(x, shape, stride, turned.reduce((at, axis) => at + (shape[axis] - 1) * x.stride[axis], x.offset)));
  },
  gradient: ({ dy, options }) => [() => reversed([dy], options)],
});

/** The elements in reverse order along some axes, or all. */
export function flip(x: Tensor, axes?: Axes): Tensor {
  requireTensors("flip", x);
  return reversed([x], axesOf(x.shape, axes, "flip"));
}

/** The last `first` entries of an axis, then the `rest`. */
const rolled: Apply<{ axis: number; first: number; rest: number }> = primitive({
  name: "roll",
  shape: ([x]) => x,
  forward(device, [x], { axis, first, rest }, shape) {
    if (!isRemote(x) && isContiguous(x)) return moved(x, axis, first);
    const whole = shape[axis], part = (start: number, length: number) => sliced(x, { axis, start, length, step: 1, whole });
    return device.concatenate([part(rest, first), part(0, rest)], axis, shape);
  },
  gradient: ({ dy, options: { axis, first, rest } }) => [() => rolled([dy], { axis, first: rest, rest: first })],
});

/** In each row of the axis, the last elements, then the others. */
function moved(x: NdArray, axis: number, first: number): NdArray {
  const inner = sizeOf(x.shape.slice(axis + 1)), row = x.shape[axis] * inner, from = contiguousData(x);
  const z = emptyArray(x.dtype as DType, x.shape), to = z.data, start = first * inner, back = row - start;
  for (let at = 0; at < to.length; at += row) {
    for (let i = at; i < at + start; i++) to[i] = from[i + back];
    for (let i = at + start; i < at + row; i++) to[i] = from[i - start];
  }
  return z;
}

/** The elements moved by some places along an axis; those pushed over its end come back at its start. */
export function roll(x: Tensor, places: number, axis: number): Tensor {
  requireTensors("roll", x);
  checkArgument("roll", "places", places, whole());
  const at = axisOf(x.shape, axis, "roll"),
    length = x.shape[at],
    first = length === 0 ? 0 : ((places % length) + length) % length;
  return rolled([x], { axis: at, first, rest: length - first });
}

/**
 * Views of parts of an axis.
 * @param parts the length of each part but the last, which may be shorter; or all lengths
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  requireTensors("split", x);
  const at = axisOf(x.shape, axis, "split"), length = x.shape[at];
  if (typeof parts === "number") {
    checkArgument("split", "the length of a part", parts, whole(1));
    const count = Math.max(1, Math.ceil(length / parts));
    return Array.from({ length: count }, (_, i) => slice(x, at, i * parts, Math.min(length, (i + 1) * parts)));
  }
  requireShape("split into parts of", parts);
  if (parts.reduce((sum, part) => sum + part, 0) !== length) {
    throw new RangeError(`Cannot split axis ${at} of shape ${showShape(x.shape)} into parts of [${parts}]: their sum is another`);
  }
  let end = 0;
  return parts.map((part) => slice(x, at, end, end += part));
}

/** Views of `count` parts of an axis, of equal lengths but for the last; as in PyTorch, fewer if they would be empty. */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  requireTensors("split", x);
  checkArgument("split", "the number of parts", count, whole(1));
  return split(x, Math.max(1, Math.ceil(x.shape[axisOf(x.shape, axis, "split")] / count)), axis);
}

/** The tensor repeated along its axes, so many times each: `x.repeat()` in PyTorch. */
export function tile(x: Tensor, times: Shape): Tensor {
  requireTensors("repeat", x);
  requireShape("repeat by", times);
  const rank = Math.max(x.rank, times.length);
  const [lengths, counts] = [x.shape, times].map((shape) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const between = reshape(x, lengths.flatMap((length) => [1, length]));
  return reshape(
    between.broadcastTo(lengths.flatMap((length, i) => [counts[i], length])),
    lengths.map((length, i) => length * counts[i]),
  );
}

const marginKind: Kind = {
  wanted: "a pair [before, after]",
  holds: (margin) =>
    Array.isArray(margin) && margin.length === 2 && margin.every((width) => Number.isInteger(width) && width >= 0),
};

/** The tensor with a margin of one number: `[[before, after], …]` for each of its last axes, as in numpy.pad. */
export function pad(x: Tensor, margins: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  requireTensors("pad", x);
  const first = x.rank - margins.length;
  for (const margin of margins) checkArgument("pad", "a margin", margin, marginKind);
  if (first < 0) throw new RangeError(`Cannot pad ${margins.length} axes of shape ${showShape(x.shape)}`);
  return margins.reduce((z, margin, i) => {
    const axis = first + i, length = z.shape[axis], [start, after] = margin;
    if (value === 0) return widen([z], { axis, start, length, step: 1, whole: start + length + after });
    const sides = margin.map((width) => full(z.shape.map((length, at) => at === axis ? width : length), value, x.dtype));
    return concatenate([sides[0], z, sides[1]], axis);
  }, x);
}

/** The diagonal of the last two axes, `offset` to the right of the main one: shape [.., length]. */
export function diagonal(x: Tensor, offset = 0): Tensor {
  const [n, m] = matrixOf(x, offset), before = x.shape.slice(0, -2);
  const row = Math.max(0, -offset), column = Math.max(0, offset), length = Math.max(0, Math.min(n - row, m - column));
  const start = Math.min(n * m, row * m + column);
  return slice(reshape(x, [...before, n * m]), -1, start, length === 0 ? start : start + (length - 1) * (m + 1) + 1, m + 1);
}

/** The sum of the main diagonal of the last two axes. */
export function trace(x: Tensor): Tensor {
  return diagonal(x).sum(-1);
}

interface Half {
  offset: number;
  /** Whether to keep what is to the left of the diagonal, or the rest. */
  left: boolean;
}

const half: Apply<Half> = primitive({
  name: "triangle",
  shape: ([x]) => x,
  forward(device, [x], { offset, left }, shape) {
    const [n, m] = shape.slice(-2), cut = (row: number) => Math.min(m, Math.max(0, row + offset));
    if (isRemote(x)) {
      const mask = zerosArray(x.dtype, [n, m]);
      for (let i = 0; i < n; i++) mask.data.fill(1, left ? i * m : i * m + cut(i), left ? i * m + cut(i) : (i + 1) * m);
      return device.elementwise(gating, [x, mask], shape);
    }
    const z = zerosArray(x.dtype as DType, shape), from = contiguousData(x);
    for (let row = 0, at = 0; at < from.length; row = (row + 1) % n, at += m) {
      const [start, end] = left ? [at, at + cut(row)] : [at + cut(row), at + m];
      z.data.set(from.subarray(start, end), start);
    }
    return z;
  },
  gradient: ({ dy, options }) => [() => half([dy], options)],
});

/** The last two axes with zeros below a diagonal, `offset` to the right of the main one. */
export function triu(x: Tensor, offset = 0): Tensor {
  matrixOf(x, offset);
  return half([x], { offset, left: false });
}

/** The last two axes with zeros above a diagonal, `offset` to the right of the main one: for a causal mask, tril(ones([n, n])). */
export function tril(x: Tensor, offset = 0): Tensor {
  matrixOf(x, offset);
  return half([x], { offset: offset + 1, left: true });
}

function matrixOf(x: Tensor, offset: number): Shape {
  requireTensors("use", x);
  checkArgument("use a diagonal", "offset", offset, whole());
  if (x.rank >= 2) return x.shape.slice(-2);
  throw new RangeError(`Cannot use a diagonal of shape ${showShape(x.shape)}: wanted at least two axes`);
}

/** x[i] y[j] of two vectors: [n] and [m] give [n, m]. */
export function outer(x: Tensor, y: Tensor): Tensor {
  requireTensors("multiply", x, y);
  return matmul(reshape(x, [x.size, 1]), reshape(y, [1, y.size]));
}
