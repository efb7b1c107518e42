import {
  broadcastArray,
  contiguousData,
  type DType,
  emptyArray,
  isContiguous,
  type NdArray,
  sameShape,
  type Shape,
  sizeOf,
  sliced,
  type TypedArray,
  view,
  zerosArray,
} from "../ndarray.ts";
import type { AxisRange, BinaryOperation, Device, ReductionOperation, UnaryOperation } from "./device.ts";
import { ndarrayOps } from "../../deps.ts";
import { exp, log } from "./elementary.ts";
import { binaryEntropyLoop, binaryLoops, entropyLoop, extremeLoop, selectLoop, sumLoop, unaryLoops } from "./loops.ts";
import { keptShape, passesOf } from "./passes.ts";
import { kernelsFor, type PooledImages } from "../kernels/kernels.ts";

/** The processor: typed-array loops for element-wise work, WebAssembly kernels for products and convolutions. */
export const cpu: Device = {
  unary(operation: UnaryOperation, x: NdArray) {
    const z = emptyArray(x.dtype as DType, x.shape);
    unaryLoops[operation](z.data, contiguousData(x));
    return z;
  },

  binary(operation: BinaryOperation, x: NdArray, y: NdArray, shape: Shape) {
    const z = emptyArray(x.dtype as DType, shape), p = stepOf(x, shape), q = stepOf(y, shape);
    binaryLoops[operation](z.data, operand(x, shape, p), p, operand(y, shape, q), q);
    return z;
  },

  select(condition: NdArray, x: NdArray, y: NdArray, shape: Shape) {
    const z = emptyArray(x.dtype as DType, shape), r = stepOf(condition, shape), p = stepOf(x, shape), q = stepOf(y, shape);
    selectLoop(z.data, operand(condition, shape, r), r, operand(x, shape, p), p, operand(y, shape, q), q);
    return z;
  },

  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[], divisor = 1) {
    const shape = keptShape(x.shape, axes), z = emptyArray(x.dtype as DType, shape);
    let data: TypedArray = contiguousData(x);
    if (operation === "sum" && axes.length === shape.length) {
      sumLoop(total, data, 1, data.length, 1);
      z.data[0] = total[0];
      return divided(z, divisor);
    }
    // Between passes values stay in float64.
    for (const { outer, length, inner } of passesOf(x.shape, axes)) {
      const reduced = new Float64Array(outer * inner);
      if (operation === "sum") sumLoop(reduced, data, outer, length, inner);
      else extremeLoop(reduced, data, outer, length, inner, operation === "max" ? 1 : -1);
      data = reduced;
    }
    z.data.set(data);
    return divided(z, divisor);
  },

  deviations(x: NdArray, axes: readonly number[], divisor: number) {
    // Two passes lose no digits where the mean is far from 0.
    const shape = keptShape(x.shape, axes), z = emptyArray(x.dtype as DType, shape);
    if (z.size === 1) {
      // A single variance, as every bound wants one, needs no arrays in between.
      const data = contiguousData(x);
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += data[i];
      const mean = sum / data.length;
      let squares = 0;
      for (let i = 0; i < data.length; i++) squares += (data[i] - mean) * (data[i] - mean);
      z.data[0] = squares;
    } else {
      const wide = cpu.cast(x, "float64"), count = view(Float64Array.of(x.size / z.size), []);
      const mean = cpu.binary("div", cpu.reduce("sum", wide, axes), count, shape),
        centred = cpu.binary("sub", wide, mean, x.shape);
      z.data.set(contiguousData(cpu.reduce("sum", cpu.binary("mul", centred, centred, x.shape), axes)));
    }
    return divided(z, divisor);
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

  logSumExp(x: NdArray, axis: number) {
    const greatest = cpu.reduce("max", x, [axis]), { data } = greatest;
    // Infinite rows need no shift, and would end in Infinity - Infinity.
    for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) === Infinity) data[i] = 0;
    const shifted = cpu.unary("exp", cpu.binary("sub", x, greatest, x.shape));
    return cpu.binary("add", cpu.unary("log", cpu.reduce("sum", shifted, [axis])), greatest, greatest.shape);
  },

  logSoftmax(x: NdArray, axis: number) {
    const data = contiguousData(x), z = emptyArray(x.dtype as DType, x.shape), length = x.shape[axis], to = z.data;
    const inner = sizeOf(x.shape.slice(axis + 1)), whole = length * inner;
    for (let outer = 0; outer < to.length; outer += whole) {
      for (let start = outer; start < outer + inner; start++) {
        const end = start + whole;
        let greatest = -Infinity, sum = 0;
        for (let i = start; i < end; i += inner) greatest = Math.max(greatest, data[i]);
        // Infinite ones need no shift, and would end in Infinity - Infinity.
        if (Math.abs(greatest) === Infinity) greatest = 0;
        for (let i = start; i < end; i += inner) sum += exp(data[i] - greatest);
        const total = greatest + log(sum);
        for (let i = start; i < end; i += inner) to[i] = data[i] - total;
      }
    }
    return z;
  },

  cast(x: NdArray, dtype: DType) {
    const z = emptyArray(dtype, x.shape);
    z.data.set(contiguousData(x));
    return z;
  },

  matmul(x: NdArray, y: NdArray) {
    const shape = [x.shape[0], y.shape[1]];
    return view(kernelsFor(x.dtype).matmul(x, y), shape);
  },

  conv2d: (x, filter, bias, window, shape) =>
    view(kernelsFor(x.dtype).conv2d(image(x), image(filter), bias && contiguousData(bias), window, shape), shape),

  conv2dPooled(x, filter, bias, window, shape, pooling) {
    const kernels = kernelsFor(x.dtype);
    return both(
      kernels.conv2dPooled(image(x), image(filter), bias && contiguousData(bias), window, shape, pooling),
      pooling.shape,
    );
  },

  conv2dInputGradient: (dy, filter, window, shape) =>
    view(kernelsFor(dy.dtype).conv2dInputGradient(image(dy), image(filter), window, shape), shape),

  conv2dFilterGradient: (x, dy, window, shape) =>
    view(kernelsFor(x.dtype).conv2dFilterGradient(image(x), image(dy), window, shape), shape),

  conv2dGradients(x, filter, dy, window, wanted, pooled) {
    const gradients = kernelsFor(x.dtype).conv2dGradients(image(x), image(filter), image(dy), window, wanted, pooled);
    return view(gradients, [gradients.length]);
  },

  maxPool2d: (x, pooling) => both(kernelsFor(x.dtype).maxPool2d(x, pooling), pooling.shape),

  pick(x: NdArray, positions: NdArray) {
    const from = contiguousData(x), at = contiguousData(positions), z = emptyArray(x.dtype as DType, positions.shape);
    for (let i = 0, to = z.data; i < to.length; i++) to[i] = from[at[i]];
    return z;
  },

  put(x: NdArray, positions: NdArray, shape: Shape) {
    const from = contiguousData(x), at = contiguousData(positions), z = zerosArray(x.dtype as DType, shape);
    for (let i = 0, to = z.data; i < from.length; i++) to[at[i]] += from[i];
    return z;
  },

  widen(x: NdArray, range: AxisRange, shape: Shape) {
    const z = zerosArray(x.dtype as DType, shape);
    if (x.size > 0) ndarrayOps.assign(sliced(z, range), x);
    return z;
  },

  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape) {
    const z = emptyArray(arrays[0].dtype as DType, shape);
    const outer = sizeOf(shape.slice(0, axis)), row = sizeOf(shape.slice(axis));
    let start = 0;
    for (const array of arrays) {
      const from = contiguousData(array), length = sizeOf(array.shape.slice(axis));
      for (let o = 0; o < outer; o++) z.data.set(from.subarray(o * length, (o + 1) * length), o * row + start);
      start += length;
    }
    return z;
  },
};

/** The same array with every element divided by a number. */
function divided(z: NdArray, divisor: number): NdArray {
  if (divisor !== 1) { for (let i = 0; i < z.size; i++) z.data[i] /= divisor; }
  return z;
}

/** A sum in float64, on its way to a result of another dtype. */
const total = new Float64Array(1);

/** The step between the elements of a broadcast operand: 0 for a single number, or one that is repeated everywhere. */
function stepOf(x: NdArray, shape: Shape): 0 | 1 {
  if (x.size === 1) return 0;
  if (x.stride.includes(0) && sameShape(x.shape, shape)) {
    if (x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) return 0;
  }
  return 1;
}

/** Those elements, in row-major order where the step is 1. */
function operand(x: NdArray, shape: Shape, step: 0 | 1): TypedArray {
  const { data, offset } = x;
  if (step === 0) return offset === 0 ? data : data.subarray(offset, offset + 1);
  if (sameShape(x.shape, shape)) return contiguousData(x);
  const missing = shape.length - x.shape.length;
  if (!x.shape.every((length, axis) => length === shape[missing + axis])) return contiguousData(broadcastArray(x, shape));
  // The same rows again and again, as where a bias is added: each copy doubles what is there.
  const z = emptyArray(x.dtype as DType, shape).data;
  if (z.length > 0) z.set(contiguousData(x));
  for (let end = x.size; end > 0 && end < z.length; end *= 2) z.copyWithin(end, 0, Math.min(end, z.length - end));
  return z;
}

function image(x: NdArray): NdArray {
  return isContiguous(x) ? x : view(contiguousData(x), x.shape);
}

function both({ values, positions }: PooledImages, shape: Shape): [NdArray, NdArray] {
  return [view(values, shape), view(positions, shape)];
}
