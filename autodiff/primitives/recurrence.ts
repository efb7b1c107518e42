import type { Device } from "../device.ts";
import { type DType, integers, type TypedArray } from "../dtype.ts";
import { contiguousData, emptyArray, type NdArray } from "../ndarray.ts";
import { type Apply, primitive, requireTensors } from "../primitive.ts";
import { type AnyArray, isRemote } from "../remote_array.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sliced } from "../views.ts";
import { add, mul } from "./binary.ts";
import type { Scan } from "./cumulative.ts";
import { axisOf } from "./reductions.ts";
import { widen } from "./shapes.ts";

/** z[i] = a[i] z[i - 1] + b[i] along an axis, or with `reverse` z[i] = a[i] z[i + 1] + b[i]. */
const recurrence: Apply<Scan> = primitive({
  name: "recurrence",
  shape: ([a]) => a,
  forward: (device, [a, b], options, shape) =>
    isRemote(a) || isRemote(b) ? composed(device, a, b, options) : recurring(a, b, options, shape),
  gradient({ dy, inputs: [a], output, options: { axis, reverse } }) {
    const back = reverse ? 1 : -1;
    let slope: Tensor | undefined;
    const sums = () => slope ??= recurrence([shifted(a, axis, back), dy], { axis, reverse: !reverse });
    return [() => sums().mul(shifted(output, axis, -back)), sums];
  },
});

/** The elements moved by one place along an axis, with 0 at the free end. */
function shifted(x: Tensor, axis: number, by: number): Tensor {
  const whole = x.shape[axis], length = Math.max(0, whole - 1);
  return widen([x.slice(axis, by > 0 ? 0 : 1, by > 0 ? length : whole)], { axis, start: by > 0 ? 1 : 0, length, step: 1, whole });
}

function recurring(a: NdArray, b: NdArray, { axis, reverse }: Scan, shape: Shape): NdArray {
  const z = emptyArray(a.dtype as DType, shape), [factors, terms] = [contiguousData(a), contiguousData(b)];
  const whole = z.data instanceof Int32Array, to: TypedArray = whole ? new Float64Array(z.size) : z.data;
  const length = shape[axis], inner = sizeOf(shape.slice(axis + 1)), step = reverse ? -inner : inner;
  for (let start = 0; start < to.length; start += length * inner) {
    for (let i = 0; i < inner; i++) {
      let at = start + i + (reverse ? (length - 1) * inner : 0), value = 0;
      for (let r = 0; r < length; r++, at += step) {
        value = r === 0 ? terms[at] : factors[at] * value + terms[at];
        to[at] = value;
      }
    }
  }
  if (whole) z.data.set(integers(to, "multiply up", true));
  return z;
}

/** The same from recurrences over 2, 4, 8, … elements. */
function composed(device: Device<AnyArray>, a: AnyArray, b: AnyArray, { axis, reverse }: Scan): AnyArray {
  const { shape } = b, whole = shape[axis];
  let [factors, z] = [a, b];
  for (let shift = 1; shift < whole; shift *= 2) {
    const range = (start: number) => ({ axis, start, length: whole - shift, step: 1, whole });
    const moved = (x: AnyArray) => device.widen(sliced(x, range(reverse ? shift : 0)), range(reverse ? 0 : shift), shape);
    z = device.elementwise(add.operation, [z, device.elementwise(mul.operation, [factors, moved(z)], shape)], shape);
    factors = device.elementwise(mul.operation, [factors, moved(factors)], shape);
  }
  return z;
}

/** z[i] = x[0] … x[i] along an axis. Its gradient has no quotient, so that it is right where elements are 0. */
export function cumprod(x: Tensor, axis: number): Tensor {
  requireTensors("multiply up", x);
  const at = axisOf(x.shape, axis, "multiply up"), whole = x.shape[at];
  if (whole === 0) return x;
  return recurrence([x, widen([x.slice(at, 0, 1)], { axis: at, start: 0, length: 1, step: 1, whole })], {
    axis: at,
    reverse: false,
  });
}
