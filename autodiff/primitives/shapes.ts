import { type AxisRange, broadcastShapes, requireShape, sameShape, type Shape, showShape, sizeOf } from "../shape.ts";
import { shown } from "../options.ts";
import { type Apply, primitive, requireSameDType, requireTensorList, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastArray, contiguous, sliced, viewOf } from "../views.ts";
import { axisOf } from "./reductions.ts";

const permute: Apply<readonly number[]> = primitive({
  name: "transpose",
  shape: ([x], axes) => axes.map((axis) => x[axis]),
  forward: (_, [x], axes, shape) => viewOf(x, shape, axes.map((axis) => x.stride[axis])),
  gradient: ({ dy, options: axes }) => [() => permute([dy], axes.map((_, axis) => axes.indexOf(axis)))],
});

/** A view with the axes in another order; reversed, if none is given. */
export function transpose(x: Tensor, ...axes: number[]): Tensor {
  requireTensors("transpose", x);
  if (axes.length === 0) return permute([x], x.shape.map((_, axis) => x.rank - 1 - axis));
  const order = axes.map((axis) => axisOf(x.shape, axis, "transpose"));
  if (new Set(order).size !== x.rank) {
    throw new RangeError(`Cannot transpose shape ${showShape(x.shape)} by [${axes}]: name each of its ${x.rank} axes once`);
  }
  return permute([x], order);
}

const reshapeTo: Apply<Shape> = primitive({
  name: "reshape",
  shape: (_, shape) => shape,
  forward: (_, [x], shape) => viewOf(contiguous(x), shape),
  gradient: ({ dy, inputs: [x] }) => [() => reshape(dy, x.shape)],
});

/** The same elements in row-major order in another shape; one length may be -1. A view where the storage allows it. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  requireTensors("reshape", x);
  requireShape("reshape to", shape, -1);
  const known = sizeOf(shape.filter((length) => length !== -1));
  const full = shape.map((length) => length === -1 ? (known === 0 ? 0 : x.size / known) : length);
  const valid = full.every((length) => Number.isInteger(length) && length >= 0) &&
    shape.filter((length) => length === -1).length <= 1;
  if (!valid || sizeOf(full) !== x.size) {
    throw new RangeError(`Cannot reshape ${showShape(x.shape)} to ${showShape(shape)}: ${x.size} elements do not fill it`);
  }
  return reshapeTo([x], full);
}

const broadcast: Apply<Shape> = primitive({
  name: "broadcastTo",
  shape: (_, shape) => shape,
  forward: (_, [x], shape) => broadcastArray(x, shape),
  gradient: ({ dy }) => [() => dy],
});

/** A view that repeats axes of length 1, as NumPy broadcasts. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  requireTensors("broadcast", x);
  requireShape("broadcast to", shape);
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes(x.shape, shape, "broadcast"), shape)) {
    throw new RangeError(`Cannot broadcast ${showShape(x.shape)} to ${showShape(shape)}: it has a longer axis`);
  }
  return broadcast([x], shape);
}

const narrow: Apply<AxisRange> = primitive({
  name: "slice",
  shape: ([x], { axis, length }) => x.map((whole, i) => i === axis ? length : whole),
  forward: (_, [x], range) => sliced(x, range),
  gradient: ({ dy, options }) => [() => widen([dy], options)],
});

/** The adjoint of a slice: zeros, with x in a range of an axis. */
export const widen: Apply<AxisRange> = primitive({
  name: "unslice",
  shape: ([x], { axis, whole }) => x.map((length, i) => i === axis ? whole : length),
  forward: (device, [x], range, shape) => device.widen(x, range, shape),
  gradient: ({ dy, options }) => [() => narrow([dy], options)],
});

/** A view of the elements start, start + step, … before `end` of an axis; negative ends count from the last, as in Python. */
export function slice(x: Tensor, axis: number, start: number, end?: number, step = 1): Tensor {
  requireTensors("slice", x);
  const at = axisOf(x.shape, axis, "slice"), whole = x.shape[at];
  if (!Number.isInteger(step) || step < 1) {
    throw new RangeError(`Cannot slice by step ${shown(step)}: it must be a whole number, at least 1`);
  }
  if (!Number.isInteger(start) || (end !== undefined && !Number.isInteger(end))) {
    throw new RangeError(`Cannot slice from ${shown(start)} to ${shown(end)}: both must be whole numbers`);
  }
  const inside = (i: number) => Math.min(whole, Math.max(0, i < 0 ? i + whole : i));
  const first = inside(start), length = Math.max(0, Math.ceil((inside(end ?? whole) - first) / step));
  return narrow([x], { axis: at, start: first, length, step, whole });
}

const join: Apply<number> = primitive({
  name: "concatenate",
  shape: (shapes, axis) => shapes[0].map((length, i) => i === axis ? shapes.reduce((sum, shape) => sum + shape[i], 0) : length),
  forward: (device, arrays, axis, shape) => device.concatenate(arrays, axis, shape),
  gradient: ({ dy, inputs, options: axis }) => {
    let start = 0;
    return inputs.map((input) => {
      const from = start, to = start += input.shape[axis];
      return () => slice(dy, axis, from, to);
    });
  },
});

/** Concatenates tensors along an axis; their other axes must have equal lengths. */
export function concatenate(tensors: readonly Tensor[], axis = 0): Tensor {
  requireTensorList("concatenate", tensors);
  if (tensors.length === 0) throw new RangeError("Cannot concatenate an empty list of tensors: pass at least one");
  const [{ shape }] = tensors, at = axisOf(shape, axis, "concatenate");
  requireSameDType("concatenate", ...tensors);
  for (const other of tensors) {
    if (other.rank !== shape.length || !other.shape.every((length, i) => i === at || length === shape[i])) {
      throw new RangeError(
        `Cannot concatenate ${showShape(shape)} and ${showShape(other.shape)} along axis ${at}: other axes must be equal`,
      );
    }
  }
  return join(tensors, at);
}

/** Stacks tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  requireTensorList("stack", tensors);
  if (tensors.length === 0) throw new RangeError("Cannot stack an empty list of tensors: pass at least one");
  const [{ shape }] = tensors, at = axisOf([...shape, 1], axis, "stack");
  const other = tensors.find((tensor) => !sameShape(tensor.shape, shape));
  if (other !== undefined) {
    throw new RangeError(`Cannot stack ${showShape(shape)} and ${showShape(other.shape)}: shapes must be equal`);
  }
  return concatenate(tensors.map((tensor) => reshape(tensor, [...shape.slice(0, at), 1, ...shape.slice(at)])), at);
}
