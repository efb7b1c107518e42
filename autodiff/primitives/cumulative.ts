import type { Device } from "../device.ts";
import { type DType, integers, type TypedArray } from "../dtype.ts";
import { contiguousData, emptyArray, type NdArray } from "../ndarray.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { type AnyArray, isRemote } from "../remote_array.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sliced } from "../views.ts";
import { add } from "./binary.ts";
import { axisOf } from "./reductions.ts";

/** A direction along an axis. */
export interface Scan {
  axis: number;
  /** Whether to add from the last element to the first: the adjoint. */
  reverse: boolean;
}

const scan: Apply<Scan> = primitive({
  name: "cumsum",
  shape: ([x]) => x,
  forward: (device, [x], options, shape) => isRemote(x) ? doubled(device, x, options) : running(x, options, shape),
  gradient: ({ dy, options: { axis, reverse } }) => [() => scan([dy], { axis, reverse: !reverse })],
});

function running(x: NdArray, { axis, reverse }: Scan, shape: Shape): NdArray {
  const z = emptyArray(x.dtype as DType, shape), data = contiguousData(x), whole = z.data instanceof Int32Array;
  const length = shape[axis], inner = sizeOf(shape.slice(axis + 1)), sums = new Float64Array(inner);
  const to: TypedArray = whole ? new Float64Array(z.size) : z.data, step = reverse ? -inner : inner;
  for (let start = 0; start < to.length; start += length * inner) {
    let at = start + (reverse ? (length - 1) * inner : 0);
    if (inner === 1) {
      for (let r = 0, sum = 0; r < length; r++, at += step) to[at] = sum += data[at];
      continue;
    }
    sums.fill(0);
    for (let r = 0; r < length; r++, at += step) for (let i = 0; i < inner; i++) to[at + i] = sums[i] += data[at + i];
  }
  if (whole) z.data.set(integers(to, "add up", true));
  return z;
}

/** Sums over 2, 4, 8, … elements (W. D. Hillis and G. L. Steele, "Data parallel algorithms", 1986). */
function doubled(device: Device<AnyArray>, x: AnyArray, { axis, reverse }: Scan): AnyArray {
  const { shape } = x, whole = shape[axis];
  let z = x;
  for (let shift = 1; shift < whole; shift *= 2) {
    const range = (start: number) => ({ axis, start, length: whole - shift, step: 1, whole });
    const moved = device.widen(sliced(z, range(reverse ? shift : 0)), range(reverse ? 0 : shift), shape);
    z = device.elementwise(add.operation, [z, moved], shape);
  }
  return z;
}

/** z[i] = x[0] + … + x[i] along an axis, summed in float64. */
export function cumsum(x: Tensor, axis: number): Tensor {
  requireTensors("add up", x);
  return scan([x], { axis: axisOf(x.shape, axis, "add up"), reverse: false });
}
