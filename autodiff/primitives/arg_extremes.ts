import type { Device } from "../device.ts";
import { contiguousData, emptyArray, type NdArray, view } from "../ndarray.ts";
import { checkOptions } from "../options.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { type AnyArray, isRemote } from "../remote_array.ts";
import { type Shape, showShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { storages } from "../dtype.ts";
import { add, type Binary, equal, mul, notEqual } from "./binary.ts";
import { axisOf, type Reduction, reduction } from "./reductions.ts";

interface Place {
  axis: number;
  /** 1: of the greatest; -1: of the least. */
  sign: 1 | -1;
}

const placeOf: Apply<Place> = primitive({
  name: "argmax",
  shape: ([x], { axis }) => x.map((length, i) => i === axis ? 1 : length),
  forward: (device, [x], place, shape) => isRemote(x) ? composed(device, x, place) : found(x, place, shape),
  gradient: null,
});

function found(x: NdArray, { axis, sign }: Place, shape: Shape): NdArray {
  const z = emptyArray("int32", shape), data = contiguousData(x), places = z.data.fill(0);
  const length = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1)), outer = places.length / (inner || 1);
  for (let o = 0; o < outer; o++) {
    const first = o * length * inner;
    for (let r = 1, at = first + inner; r < length; r++) {
      for (let i = o * inner, from = first; i < (o + 1) * inner; i++, from++, at++) {
        const best = data[from + places[i] * inner];
        // NaN counts as greatest and as least, and the first is the place.
        if (!(sign * data[at] <= sign * best) && best === best) places[i] = r;
      }
    }
  }
  return z;
}

/** The least position of an element that equals the extreme, or is NaN as the extreme is. */
function composed(device: Device<AnyArray>, x: AnyArray, { axis, sign }: Place): AnyArray {
  const length = x.shape[axis], shape = x.shape.map((_, i) => i === axis ? length : 1);
  const own = (numbers: number[], shape: Shape) => view(storages[x.dtype as "float32"].from(numbers), shape);
  const extreme = device.reduce(sign > 0 ? "max" : "min", x, [axis]);
  const before = own(Array.from({ length }, (_, i) => i - length), shape);
  const matches = ([{ operation }, y]: readonly [Binary, AnyArray]) => device.elementwise(operation, [x, y], x.shape);
  const [same, unknown] = ([[equal, extreme], [notEqual, x]] as const).map(matches);
  const found = device.elementwise(add.operation, [same, unknown], x.shape);
  const places = device.elementwise(mul.operation, [found, before], x.shape);
  const least = device.reduce("min", places, [axis]);
  return device.cast(device.elementwise(add.operation, [least, own([length], [])], least.shape), "int32");
}

function extremeAt(x: Tensor, axis: number | undefined, options: Reduction, sign: 1 | -1): Tensor {
  const { keepDims = false } = checkOptions("find an extreme", options, reduction);
  requireTensors("find an extreme of", x);
  if (axis === undefined) {
    const place = extremeAt(x.reshape(x.size), 0, {}, sign);
    return keepDims ? place.reshape(...x.shape.map(() => 1)) : place;
  }
  const at = axisOf(x.shape, axis, "find an extreme");
  if (x.shape[at] === 0) {
    throw new RangeError(`Cannot find an extreme of shape ${showShape(x.shape)}: axis ${at} has no elements`);
  }
  const places = placeOf([x], { axis: at, sign });
  return keepDims ? places : places.reshape(...x.shape.filter((_, i) => i !== at));
}

/** The position of the greatest element along an axis, or in row-major order over all: the first among equals, NaN before all. */
export function argmax(x: Tensor, axis?: number, options: Reduction = {}): Tensor {
  return extremeAt(x, axis, options, 1);
}

/** The position of the least element along an axis, or in row-major order over all: the first among equals, NaN before all. */
export function argmin(x: Tensor, axis?: number, options: Reduction = {}): Tensor {
  return extremeAt(x, axis, options, -1);
}
