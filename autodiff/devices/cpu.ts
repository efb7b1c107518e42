import {
  allocate,
  broadcastArray,
  contiguousData,
  type DType,
  isContiguous,
  type NdArray,
  sameShape,
  type Shape,
  sizeOf,
  type TypedArray,
  view,
} from "../ndarray.ts";
import type { BinaryOperation, Device, ReductionOperation, UnaryOperation } from "./device.ts";
import { exp, log } from "./elementary.ts";
import { binaryEntropyLoop, binaryLoops, entropyLoop, extremeLoop, selectLoop, sumLoop, unaryLoops } from "./loops.ts";
import { kernelsFor, type PooledImages } from "../kernels/kernels.ts";

/** The processor: typed-array loops for element-wise work, WebAssembly kernels for products and convolutions. */
export const cpu: Device = {
  unary(operation: UnaryOperation, x: NdArray) {
    const z = allocate(x.dtype as DType, x.size);
    unaryLoops[operation](z, contiguousData(x));
    return view(z, x.shape);
  },

  binary(operation: BinaryOperation, x: NdArray, y: NdArray, shape: Shape) {
    const z = allocate(x.dtype as DType, sizeOf(shape));
    if (z.length === 1) binaryLoops[operation](z, contiguousData(x), 0, contiguousData(y), 0);
    else {
      const [a, p] = operand(x, shape), [b, q] = operand(y, shape);
      binaryLoops[operation](z, a, p, b, q);
    }
    return view(z, shape);
  },

  select(condition: NdArray, x: NdArray, y: NdArray, shape: Shape) {
    const z = allocate(x.dtype as DType, sizeOf(shape));
    const [c, r] = operand(condition, shape), [a, p] = operand(x, shape), [b, q] = operand(y, shape);
    selectLoop(z, c, r, a, p, b, q);
    return view(z, shape);
  },

  reduce(operation: ReductionOperation, x: NdArray, axes: readonly number[]) {
    const shape = [...x.shape];
    let data: TypedArray = contiguousData(x);
    if (operation === "sum" && axes.length === shape.length) {
      const z = allocate(x.dtype as DType, 1);
      sumLoop(total, data, 1, data.length, 1);
      z[0] = total[0];
      return view(z, shape.fill(1));
    }
    // Neighbouring axes are reduced together, the last ones first; between passes values stay in float64.
    const pending = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => b - a);
    for (let at = 0; at < pending.length;) {
      const last = pending[at];
      let first = last;
      while (pending[at + 1] === first - 1) first = pending[++at];
      at++;
      const outer = sizeOf(shape.slice(0, first)), length = sizeOf(shape.slice(first, last + 1));
      const inner = sizeOf(shape.slice(last + 1));
      const reduced = new Float64Array(outer * inner);
      if (operation === "sum") sumLoop(reduced, data, outer, length, inner);
      else extremeLoop(reduced, data, outer, length, inner, operation === "max" ? 1 : -1);
      shape.fill(1, first, last + 1);
      data = reduced;
    }
    const z = allocate(x.dtype as DType, data.length);
    z.set(data);
    return view(z, shape);
  },

  deviations(x: NdArray, axes: readonly number[]) {
    // Two passes lose no digits where the mean is far from 0.
    const shape = x.shape.map((length, axis) => axes.includes(axis) ? 1 : length), z = allocate(x.dtype as DType, sizeOf(shape));
    if (z.length === 1) {
      // A single variance, as every bound wants one, needs no arrays in between.
      const data = contiguousData(x);
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += data[i];
      const mean = sum / data.length;
      let squares = 0;
      for (let i = 0; i < data.length; i++) squares += (data[i] - mean) * (data[i] - mean);
      z[0] = squares;
    } else {
      const wide = cpu.cast(x, "float64"), count = view(Float64Array.of(x.size / z.length), []);
      const mean = cpu.binary("div", cpu.reduce("sum", wide, axes), count, shape),
        centred = cpu.binary("sub", wide, mean, x.shape);
      z.set(contiguousData(cpu.reduce("sum", cpu.binary("mul", centred, centred, x.shape), axes)));
    }
    return view(z, shape);
  },

  crossEntropy(x: NdArray, labels: NdArray) {
    const slope = allocate(x.dtype as DType, x.size), loss = allocate("float64", 1), logits = contiguousData(x);
    const entropy = x.shape.length === 2 && x.shape[1] > 1 ? entropyLoop : binaryEntropyLoop;
    loss[0] = entropy(slope, logits, contiguousData(labels)) / labels.size;
    return [view(loss, []), view(slope, x.shape)];
  },

  weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number) {
    const [{ dtype, shape, size }] = arrays, z = allocate(dtype as DType, size);
    if (size === 1) {
      let sum = constant;
      for (let k = 0; k < arrays.length; k++) sum += weights[k] * arrays[k].data[arrays[k].offset];
      z[0] = sum;
    } else {
      const sums = dtype === "float64" ? z : new Float64Array(size);
      sums.fill(constant);
      for (let k = 0; k < arrays.length; k++) {
        const data = contiguousData(arrays[k]), weight = weights[k];
        for (let i = 0; i < size; i++) sums[i] += weight * data[i];
      }
      if (sums !== z) z.set(sums);
    }
    return view(z, shape);
  },

  logSoftmax(x: NdArray, axis: number) {
    const data = contiguousData(x), z = allocate(x.dtype as DType, x.size), length = x.shape[axis];
    const inner = sizeOf(x.shape.slice(axis + 1)), whole = length * inner;
    for (let outer = 0; outer < z.length; outer += whole) {
      for (let start = outer; start < outer + inner; start++) {
        const end = start + whole;
        let greatest = -Infinity, sum = 0;
        for (let i = start; i < end; i += inner) greatest = Math.max(greatest, data[i]);
        // Infinite ones need no shift, and would end in Infinity - Infinity.
        if (Math.abs(greatest) === Infinity) greatest = 0;
        for (let i = start; i < end; i += inner) sum += exp(data[i] - greatest);
        const total = greatest + log(sum);
        for (let i = start; i < end; i += inner) z[i] = data[i] - total;
      }
    }
    return view(z, x.shape);
  },

  cast(x: NdArray, dtype: DType) {
    const z = allocate(dtype, x.size);
    z.set(contiguousData(x));
    return view(z, x.shape);
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
    const from = contiguousData(x), at = contiguousData(positions), z = allocate(x.dtype as DType, at.length);
    for (let i = 0; i < z.length; i++) z[i] = from[at[i]];
    return view(z, positions.shape);
  },

  put(x: NdArray, positions: NdArray, shape: Shape) {
    const from = contiguousData(x), at = contiguousData(positions), z = allocate(x.dtype as DType, sizeOf(shape));
    for (let i = 0; i < from.length; i++) z[at[i]] += from[i];
    return view(z, shape);
  },

  concatenate(arrays: readonly NdArray[], axis: number, shape: Shape) {
    const z = allocate(arrays[0].dtype as DType, sizeOf(shape));
    const outer = sizeOf(shape.slice(0, axis)), row = sizeOf(shape.slice(axis));
    let start = 0;
    for (const array of arrays) {
      const from = contiguousData(array), length = sizeOf(array.shape.slice(axis));
      for (let o = 0; o < outer; o++) z.set(from.subarray(o * length, (o + 1) * length), o * row + start);
      start += length;
    }
    return view(z, shape);
  },
};

/** A sum in float64, on its way to a result of another dtype. */
const total = new Float64Array(1);

/** The elements of a broadcast operand and the step between them: 0 for a single number. */
function operand(x: NdArray, shape: Shape): [TypedArray, 0 | 1] {
  if (x.size === 1) return [contiguousData(x), 0];
  if (sameShape(x.shape, shape)) {
    if (x.stride.every((step, axis) => step === 0 || x.shape[axis] === 1)) return [x.data.subarray(x.offset, x.offset + 1), 0];
    return [contiguousData(x), 1];
  }
  const missing = shape.length - x.shape.length;
  if (x.shape.every((length, axis) => length === shape[missing + axis])) {
    // The same rows again and again, as where a bias is added: each copy doubles what is there.
    const z = allocate(x.dtype as DType, sizeOf(shape));
    if (z.length > 0) z.set(contiguousData(x));
    for (let end = x.size; end > 0 && end < z.length; end *= 2) z.copyWithin(end, 0, Math.min(end, z.length - end));
    return [z, 1];
  }
  return [contiguousData(broadcastArray(x, shape)), 1];
}

function image(x: NdArray): NdArray {
  return isContiguous(x) ? x : view(contiguousData(x), x.shape);
}

function both({ values, positions }: PooledImages, shape: Shape): [NdArray, NdArray] {
  return [view(values, shape), view(positions, shape)];
}
