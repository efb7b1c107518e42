import { lookup, recording } from "../recorder.ts";
import type { Pooling2d } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import { contiguousData, emptyArray } from "../ndarray.ts";
import { rowMajor, type Shape, showShape, sizeOf } from "../shape.ts";
import { checkArgument, numbers, whole as wholeFrom } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { type AnyArray, here } from "../remote_array.ts";
import type { Nested } from "../nested.ts";
import { Tensor, tensor } from "../tensor.ts";
import { axisOf } from "./reductions.ts";

/** The elements of row-major `x` at int32 positions; the result has the shape of the positions. */
export const pick: Apply = primitive({
  name: "pick",
  shape: ([, positions]) => positions,
  forward: (device, [x, positions]) => device.pick(x, positions),
  gradient: ({ dy, inputs: [x, positions] }) => [() => put([dy, positions], { shape: x.shape }), null],
});

/** Zeros of the given shape, plus every element of `x` at its position: the adjoint of {@link pick}. */
export const put: Apply<{ shape: Shape; pooling?: Pooling2d }> = primitive({
  name: "put",
  shape: (_, { shape }) => shape,
  forward: (device, [x, positions], { shape, pooling }) => device.put(x, positions, shape, pooling),
  gradient: ({ dy, inputs: [, positions] }) => [() => pick([dy, positions]), null],
});

/** The entries of an axis at `indices`: shape `[…, k, …]` becomes `[…, ...indices.shape, …]`, as in numpy.take. */
export function take(x: Tensor, indices: Tensor | Nested, axis = 0): Tensor {
  requireTensors("take rows of", x);
  const at = axisOf(x.shape, axis, "take"), list = listed(indices);
  return lookup("take", [x, list], at, () => taken(x, list, at));
}

function taken(x: Tensor, indices: Tensor, at: number): Tensor {
  const own = indices.detach();
  // For a vector, indices are positions, unless they count from its end.
  if (x.rank === 1 && own.dtype === "int32" && recording()?.changes(here(own.array)) !== true) {
    if (allWithin(contiguousData(here(own.array)), x.shape[0])) return pick([x, own]);
  }
  return pick([x, taking([own], { of: x.shape, at })]);
}

/** The positions of {@link take}. */
const taking: Apply<{ of: Shape; at: number }> = primitive({
  name: "take",
  shape: ([indices], { of, at }) => [...of.slice(0, at), ...indices, ...of.slice(at + 1)],
  forward(_, [indices], { of, at }, shape) {
    const z = emptyArray("int32", shape), positions = z.data, list = wholeNumbers(indices), length = of[at];
    const inner = sizeOf(of.slice(at + 1)), outer = sizeOf(of.slice(0, at));
    for (let o = 0, to = 0; o < outer; o++) {
      for (let j = 0; j < list.length; j++) {
        const start = (o * length + within(list[j], length, "take")) * inner;
        for (let i = 0; i < inner; i++) positions[to++] = start + i;
      }
    }
    return z;
  },
  gradient: null,
});

/**
 * z[i, j] = x[i, indices[i, j]] along an axis (here the last of two), like torch.gather. Along other axes indices may be shorter
 * than x; then only the first entries of x are read.
 */
export function gather(x: Tensor, indices: Tensor, axis = -1): Tensor {
  requireTensors("gather from", x);
  const at = axisOf(x.shape, axis, "gather"), list = listed(indices);
  return lookup("gather", [x, list], at, () => gathered(x, list, at));
}

function gathered(x: Tensor, indices: Tensor, at: number): Tensor {
  return pick([x, gathering([indices.detach()], { of: x.shape, at })]);
}

/** The positions of {@link gather}. */
const gathering: Apply<{ of: Shape; at: number }> = primitive({
  name: "gather",
  shape([indices], { of, at }) {
    if (indices.length === of.length && indices.every((length, i) => i === at || length <= of[i])) return indices;
    throw new RangeError(
      `Cannot gather from ${showShape(of)} by indices ${
        showShape(indices)
      } along axis ${at}: other axes of the indices must not be longer`,
    );
  },
  forward(_, [indices], { of, at }, shape) {
    const z = emptyArray("int32", shape),
      positions = z.data,
      list = wholeNumbers(indices),
      steps = rowMajor(of),
      own = rowMajor(shape);
    for (let to = 0; to < list.length; to++) {
      let position = within(list[to], of[at], "gather") * steps[at];
      for (let i = 0; i < steps.length; i++) if (i !== at) position += Math.floor(to / own[i]) % shape[i] * steps[i];
      positions[to] = position;
    }
    return z;
  },
  gradient: null,
});

/** float32 rows with 1 at each index and 0 elsewhere: shape `[…]` becomes `[…, classes]`. */
export function oneHot(indices: Tensor | Nested, classes: number): Tensor {
  checkArgument("make one-hot rows", "classes", classes, wholeFrom(1));
  const given = listed(indices);
  return lookup("oneHot", [given], classes, () => rowsOf([given.detach()], classes));
}

const rowsOf: Apply<number> = primitive({
  name: "oneHot",
  shape: ([indices], classes) => [...indices, classes],
  forward(_, [indices], classes, shape) {
    const z = emptyArray("float32", shape), list = wholeNumbers(indices);
    z.data.fill(0);
    for (let i = 0; i < list.length; i++) {
      const index = list[i];
      if (!(index >= 0 && index < classes)) {
        throw new RangeError(`Cannot make a one-hot row of class ${index}: wanted a class from 0 to ${classes - 1}`);
      }
      z.data[i * classes + index] = 1;
    }
    return z;
  },
  gradient: null,
});

function listed(indices: Tensor | Nested): Tensor {
  if (indices instanceof Tensor) return indices;
  checkArgument("use indices", "the list", indices, numbers);
  return Array.isArray((indices as readonly Nested[])[0])
    ? tensor(indices, { dtype: "float64" })
    : Tensor.from(Float64Array.from(indices as ArrayLike<number>));
}

function wholeNumbers(indices: AnyArray): TypedArray {
  const list = contiguousData(here(indices));
  if (indices.dtype === "int32") return list;
  const bad = list.find((index) => !Number.isInteger(index));
  if (bad === undefined) return list;
  throw new RangeError(`Cannot use ${bad} as an index: indices are whole numbers`);
}

function allWithin(list: TypedArray, length: number): boolean {
  for (let i = 0; i < list.length; i++) if (!(list[i] >= 0 && list[i] < length)) return false;
  return true;
}

function within(index: number, length: number, action: string): number {
  const positive = index < 0 ? index + length : index;
  if (positive >= 0 && positive < length) return positive;
  throw new RangeError(`Cannot ${action} at index ${index}: the axis has length ${length}`);
}
