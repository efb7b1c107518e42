import { lookup, noteRead } from "../recorder.ts";
import type { Pooling2d } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import { contiguousData } from "../ndarray.ts";
import { rowMajor, type Shape, showShape, sizeOf } from "../shape.ts";
import { checkArgument, numbers, whole as wholeFrom } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { here } from "../remote_array.ts";
import { type Nested, Tensor, tensor } from "../tensor.ts";
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
  const length = x.shape[at], chosen = whole(indices);
  // For a vector, indices are positions.
  if (x.rank === 1 && chosen.dtype === "int32" && allWithin(contiguousData(here(chosen.array)), length)) return pick([x, chosen]);
  const inner = sizeOf(x.shape.slice(at + 1)), outer = sizeOf(x.shape.slice(0, at));
  const positions = new Int32Array(outer * chosen.size * inner), list = contiguousData(here(chosen.array));
  for (let o = 0, to = 0; o < outer; o++) {
    for (let j = 0; j < list.length; j++) {
      const start = (o * length + within(list[j], length, "take")) * inner;
      for (let i = 0; i < inner; i++) positions[to++] = start + i;
    }
  }
  return pick([x, Tensor.from(positions, [...x.shape.slice(0, at), ...chosen.shape, ...x.shape.slice(at + 1)])]);
}

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
  const chosen = whole(indices), { shape } = chosen;
  if (shape.length !== x.rank || shape.some((length, i) => i !== at && length > x.shape[i])) {
    throw new RangeError(
      `Cannot gather from ${showShape(x.shape)} by indices ${
        showShape(shape)
      } along axis ${at}: other axes of the indices must not be longer`,
    );
  }
  const list = contiguousData(here(chosen.array)),
    positions = new Int32Array(list.length),
    steps = rowMajor(x.shape),
    own = rowMajor(shape);
  for (let to = 0; to < list.length; to++) {
    let position = within(list[to], x.shape[at], "gather") * steps[at];
    for (let i = 0; i < steps.length; i++) if (i !== at) position += Math.floor(to / own[i]) % shape[i] * steps[i];
    positions[to] = position;
  }
  return pick([x, Tensor.from(positions, shape)]);
}

/** float32 rows with 1 at each index and 0 elsewhere: shape `[…]` becomes `[…, classes]`. */
export function oneHot(indices: Tensor | Nested, classes: number): Tensor {
  checkArgument("make one-hot rows", "classes", classes, wholeFrom(1));
  const given = listed(indices);
  return lookup("oneHot", [given], classes, () => rowsOf(given, classes));
}

function rowsOf(indices: Tensor, classes: number): Tensor {
  const chosen = whole(indices), list = contiguousData(here(chosen.array)), rows = new Float32Array(list.length * classes);
  list.forEach((index, i) => {
    if (!(index >= 0 && index < classes)) {
      throw new RangeError(`Cannot make a one-hot row of class ${index}: wanted a class from 0 to ${classes - 1}`);
    }
    rows[i * classes + index] = 1;
  });
  return Tensor.from(rows, [...chosen.shape, classes]);
}

function listed(indices: Tensor | Nested): Tensor {
  if (indices instanceof Tensor) return indices;
  checkArgument("use indices", "the list", indices, numbers);
  return Array.isArray((indices as readonly Nested[])[0])
    ? tensor(indices, { dtype: "float64" })
    : Tensor.from(Float64Array.from(indices as ArrayLike<number>));
}

function whole(list: Tensor): Tensor {
  if (list.dtype !== "int32") {
    const bad = list.data.find((index) => !Number.isInteger(index));
    if (bad !== undefined) throw new RangeError(`Cannot use ${bad} as an index: indices are whole numbers`);
  }
  noteRead(list.array);
  return list.detach();
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
