import { type DType, integers, type TypedArray } from "../dtype.ts";
import { assign, contiguousData, emptyArray, isContiguous, type NdArray, view, zerosArray } from "../ndarray.ts";
import { type AxisRange, sameShape, type Shape, sizeOf } from "../shape.ts";
import { broadcastArray, sliced } from "../views.ts";
import type { Derived, DeviceCore, Elementwise, ReductionOperation } from "../device.ts";
import { binaryEntropyLoop, entropyLoop, extremeLoop, logSoftmaxLoop, squaresOf, sumLoop, sumOf } from "./loops.ts";
import { momentsLoop } from "./moments_loop.ts";
import { foldsOf, grouped, groupingOf, keptShape } from "../axes.ts";
import { kernelsFor } from "../kernels/in_use.ts";

/**
 * The CPU: typed-array loops for element-wise work, WebAssembly kernels for products. What few programs need is in other files, and
 * primitives bring it along.
 */
export const cpu: DeviceCore<NdArray> & Partial<Derived<NdArray>> = {
  elementwise({ name, loop }: Elementwise, inputs: readonly NdArray[], shape: Shape) {
    const x = inputs[0], z = emptyArray(x.dtype as DType, shape), to = wide(z);
    if (inputs.length === 1) {
      const data = contiguousData(x);
      loop(to, data, 1, data, 1, data, 1);
      return stored(z, to, name);
    }
    const y = inputs[1], w = inputs.length === 3 ? inputs[2] : y;
    const p = operandStep(x, shape), q = operandStep(y, shape), r = w === y ? q : operandStep(w, shape);
    const a = operand(x, shape, p), b = operand(y, shape, q);
    loop(to, a, p, b, q, w === y ? b : operand(w, shape, r), r);
    return stored(z, to, name);
  },

  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[], divisor = 1) {
    const shape = keptShape(x.shape, axes), z = emptyArray(x.dtype as DType, shape);
    let data: TypedArray = contiguousData(x);
    if (operation === "sum" && axes.length === shape.length) {
      total[0] = sumOf(data);
      return divided(stored(z, total, "sum"), divisor);
    }
    // Values stay in float64 between folds.
    for (const { outer, length, inner } of foldsOf(x.shape, axes)) {
      const reduced = new Float64Array(outer * inner);
      if (operation === "sum") sumLoop(reduced, data, outer, length, inner);
      else extremeLoop(reduced, data, outer, length, inner, operation === "max" ? 1 : -1);
      data = reduced;
    }
    return divided(stored(z, data, operation), divisor);
  },

  deviations(x: NdArray, axes: readonly number[], divisor: number) {
    const z = emptyArray(x.dtype as DType, keptShape(x.shape, axes)), groups = z.size, scale = x.size / groups / divisor;
    if (axes.length === x.shape.length) {
      // A variance of all, as bounds need it, takes no runs; that of a single row does, as among others.
      const data = contiguousData(x);
      z.data[0] = squaresOf(data, sumOf(data) / data.length) / divisor;
      return z;
    }
    const { data } = momentsOf(grouped(x, groupingOf(x.shape, axes)));
    for (let i = 0; i < groups; i++) z.data[i] = data[groups + i] * scale;
    return z;
  },

  crossEntropy(x: NdArray, labels: NdArray) {
    const slope = emptyArray(x.dtype as DType, x.shape), loss = emptyArray("float64", []);
    const entropy = x.shape.length === 2 && x.shape[1] > 1 ? entropyLoop : binaryEntropyLoop;
    loss.data[0] = entropy(slope.data, contiguousData(x), contiguousData(labels)) / labels.size;
    return [loss, slope];
  },

  weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number) {
    const [{ dtype, shape, size }] = arrays, z = emptyArray(dtype as DType, shape);
    if (size === 1) {
      let sum = constant;
      for (let k = 0; k < arrays.length; k++) sum += weights[k] * arrays[k].data[arrays[k].offset];
      z.data[0] = sum;
    } else {
      const sums = dtype === "float64" ? z.data : new Float64Array(size);
      sums.fill(constant);
      for (let k = 0; k < arrays.length; k++) {
        const data = contiguousData(arrays[k]), weight = weights[k];
        for (let i = 0; i < size; i++) sums[i] += weight * data[i];
      }
      if (sums !== z.data) z.data.set(sums);
    }
    return z;
  },

  logSoftmax(x: NdArray, axis: number) {
    const data = contiguousData(x), z = emptyArray(x.dtype as DType, x.shape), length = x.shape[axis], to = z.data;
    logSoftmaxLoop(to, data, length, sizeOf(x.shape.slice(axis + 1)));
    return z;
  },

  cast(x: NdArray, dtype: DType) {
    const z = emptyArray(dtype, x.shape), data = contiguousData(x);
    z.data.set(dtype === "int32" ? integers(data, "use") : data);
    return z;
  },

  matmul(x: NdArray, y: NdArray) {
    const shape = [x.shape[0], y.shape[1]];
    return view(kernelsFor(x.dtype).matmul(x, y), shape);
  },

  pick(x: NdArray, positions: NdArray) {
    const from = contiguousData(x), at = contiguousData(positions), z = emptyArray(x.dtype as DType, positions.shape);
    for (let i = 0, to = z.data; i < to.length; i++) to[i] = from[at[i]];
    return z;
  },

  put(x: NdArray, positions: NdArray, shape: Shape) {
    const from = contiguousData(x), at = contiguousData(positions), z = zerosArray(x.dtype as DType, shape);
    let to = z.data, i = 0;
    // From the first position with several elements on, sums are float64.
    if (!(to instanceof Float64Array)) {
      for (; i < from.length && to[at[i]] === 0; i++) to[at[i]] += from[i];
      if (i < from.length) to = new Float64Array(to);
    }
    for (; i < from.length; i++) to[at[i]] += from[i];
    return stored(z, to, "put");
  },

  widen(x: NdArray, range: AxisRange, shape: Shape) {
    const z = zerosArray(x.dtype as DType, shape);
    if (x.size > 0) assign(sliced(z, range), x);
    return z;
  },

  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape) {
    const z = emptyArray(arrays[0].dtype as DType, shape);
    const outer = sizeOf(shape.slice(0, axis)), row = sizeOf(shape.slice(axis));
    let start = 0;
    for (const array of arrays) {
      const length = sizeOf(array.shape.slice(axis));
      if (!isContiguous(array) && !array.stride.includes(0)) {
        const range = {
          axis,
          start: start / sizeOf(shape.slice(axis + 1)),
          length: array.shape[axis],
          step: 1,
          whole: shape[axis],
        };
        assign(sliced(z, range), array);
        start += length;
        continue;
      }
      const from = contiguousData(array);
      for (let o = 0; o < outer; o++) z.data.set(from.subarray(o * length, (o + 1) * length), o * row + start);
      start += length;
    }
    return z;
  },
};

/** Mean and variance of each group of [before, groups, after]. */
export function momentsOf(x: NdArray): NdArray {
  const z = emptyArray("float64", [2, x.shape[1]]);
  momentsLoop(z.data, contiguousData(x), x.shape);
  return z;
}

/** Divides every element in place. */
function divided(z: NdArray, divisor: number): NdArray {
  if (divisor !== 1) { for (let i = 0; i < z.size; i++) z.data[i] /= divisor; }
  return z;
}

/** A float64 buffer for integer results, which may exceed int32. */
function wide({ data }: NdArray): TypedArray {
  return data instanceof Int32Array ? new Float64Array(data.length) : data;
}

/** Stores results in an array. @throws {RangeError} if it is int32 and a result is not a 32-bit integer */
function stored(z: NdArray, from: TypedArray, action: string): NdArray {
  if (from !== z.data) z.data.set(z.data instanceof Int32Array ? integers(from, action, true) : from);
  return z;
}

/** A float64 sum before it is stored in the result's dtype. */
const total = new Float64Array(1);

/** The step between elements of a broadcast operand: 0 for a single number or one repeated everywhere, else 1. */
export function operandStep(x: NdArray, shape: Shape): 0 | 1 {
  if (x.size === 1) return 0;
  if (x.stride.includes(0) && sameShape(x.shape, shape)) {
    if (x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) return 0;
  }
  return 1;
}

/** The elements of an operand; in row-major order if the step is 1. */
export function operand(x: NdArray, shape: Shape, step: 0 | 1): TypedArray {
  const { data, offset } = x;
  if (step === 0) return offset === 0 ? data : data.subarray(offset, offset + 1);
  if (sameShape(x.shape, shape)) return contiguousData(x);
  return contiguousData(broadcastArray(x, shape));
}
