import { ndarray } from "../deps.ts";
import { type DType, dtypeOf, integers, storages, type TypedArray } from "./dtype.ts";
import { Replay, runningStep, within } from "./running_step.ts";
import { none, rowMajor, sameShape, type Shape, showShape, sizeOf } from "./shape.ts";

/** An array view of a storage, on any device. Strides and offset are in elements. */
export interface Strided {
  /** The element type, a {@link DType}. */
  readonly dtype: string;
  /** Lengths of the axes. */
  readonly shape: number[];
  /** Distance in the storage between neighbours along each axis; 0 repeats one element. */
  readonly stride: number[];
  /** Position of the first element in the storage. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
}

/** A scijs ndarray: a typed array with a shape, strides and an offset. */
export interface NdArray extends Strided {
  /** The storage; the array may be a part of it. */
  readonly data: TypedArray;
}

/** Row-major arrays by step. A step's memory returns the same typed arrays as the step before, so their views are reused too. */
const made = new Replay<NdArray>();

/** A source of arrays in place of new ones. */
export interface Supply {
  /** An array with arbitrary contents; `null`: make a new one. */
  next(dtype: DType, shape: Shape): NdArray | null;
  /** Called with each new one. */
  made?(array: NdArray): void;
  /** Called when a program overwrites numbers. */
  written?(): void;
}

let supply: Supply | null = null;

/** Runs `compute` with arrays from a supply. */
export function supplied<T>(from: Supply | null, compute: () => T): T {
  const before = supply;
  supply = from;
  try {
    return compute();
  } finally {
    supply = before;
  }
}

function suppliedArray(supply: Supply, dtype: DType, shape: Shape): NdArray {
  const found = supply.next(dtype, shape);
  if (found !== null) return found;
  const array = view(created(dtype, sizeOf(shape)), shape);
  supply.made?.(array);
  return array;
}

/** A new typed array of `size` zeros. */
export function allocate(dtype: DType, size: number): TypedArray {
  if (supply !== null) return suppliedArray(supply, dtype, [size]).data.fill(0);
  return runningStep()?.memory.allocate(dtype, size)?.fill(0) ?? created(dtype, size);
}

function created(dtype: DType, size: number): TypedArray {
  try {
    return new storages[dtype](size);
  } catch (cause) {
    throw new RangeError(`Cannot make a tensor of ${size} numbers: out of memory`, { cause });
  }
}

/** A new row-major array with arbitrary contents, for a result that fills it. */
export function emptyArray(dtype: DType, shape: Shape): NdArray {
  if (supply !== null) return suppliedArray(supply, dtype, shape);
  const size = sizeOf(shape), step = runningStep(), data = step === null ? null : step.memory.allocate(dtype, size);
  if (step === null || data === null) return view(created(dtype, size), shape);
  const found = made.next(step);
  return made.put(found !== undefined && found.data === data && sameShape(found.shape, shape) ? found : view(data, shape));
}

/** A view of `data` with this shape. It keeps `stride`, by default row-major. */
export function view(data: TypedArray, shape: Shape, stride: readonly number[] = rowMajor(shape), offset = 0): NdArray {
  const dtype = dtypeOf(data), rank = shape.length;
  return new (views[dtype][rank] ??= viewLike(dtype, rank))(data, rank === 0 ? none : shape.slice(), stride, offset);
}

type View = new (data: TypedArray, shape: Shape, stride: readonly number[], offset: number) => NdArray;

/** Constructors by dtype and rank. */
const views: Record<DType, View[]> = { float32: [], float64: [], int32: [] };

/**
 * A constructor of `ndarray` objects, in a tenth of the package's time. The package compiles the methods of each dtype and rank,
 * which a page's content security policy may forbid. The kit needs only sizes, so methods are made when one is first called.
 */
function viewLike(dtype: DType, rank: number): View {
  function View(this: Record<string, unknown>, data: TypedArray, shape: Shape, stride: readonly number[], offset: number) {
    this.data = data;
    this.shape = shape;
    this.stride = stride;
    this.offset = offset;
    this.size = sizeOf(shape);
  }
  const names = rank === 0 ? [...compiled, "valueOf"] : compiled;
  const compile = () => {
    const zeros = new Array<number>(rank).fill(0), made = Object.getPrototypeOf(ndarray(new storages[dtype](), zeros, zeros, 0));
    for (const name of names) Object.defineProperty(View.prototype, name, Object.getOwnPropertyDescriptor(made, name)!);
  };
  View.prototype.dtype = dtype;
  for (const name of names) {
    const get = function (this: Record<string, unknown>) {
      compile();
      return this[name];
    };
    Object.defineProperty(View.prototype, name, { get, configurable: true });
  }
  return View as unknown as View;
}

/** What `ndarray` compiles. */
const compiled = ["dimension", "order", "get", "set", "index", "lo", "hi", "step", "transpose", "pick"];

/** An array of one number and no axes. */
export function scalarArray(value: number, dtype: DType): NdArray {
  return view(storages[dtype].of(value), []);
}

/** A new array of zeros. */
export function zerosArray(dtype: DType, shape: Shape): NdArray {
  return view(allocate(dtype, sizeOf(shape)), shape);
}

/** Whether the elements are in row-major order without gaps. */
export function isContiguous({ shape, stride, size }: Strided): boolean {
  if (size <= 1) return true;
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** The elements in row-major order: a subarray of the storage if contiguous, else a copy. */
export function contiguousData(array: NdArray): TypedArray {
  if (!isContiguous(array)) return copyArray(array).data;
  const { data, offset, size } = array;
  return data.length === size ? data : data.subarray(offset, offset + size);
}

/** A row-major copy. */
export function copyArray(array: NdArray): NdArray {
  const copy = emptyArray(array.dtype as DType, array.shape);
  if (isContiguous(array)) copy.data.set(array.data.subarray(array.offset, array.offset + array.size));
  else if (array.stride.includes(0)) expand(copy.data, array);
  else assign(copy, array);
  return copy;
}

/** The side of a square of elements that are copied one after the other, so that its parts of both storages stay in the cache. */
const tile = 32;

/** Copies the elements of `from` to `to`, which has the same shape and other storage. */
export function assign(to: NdArray, from: NdArray): void {
  const { data } = to, { data: source } = from, shape: number[] = [], stride: number[] = [], steps: number[] = [];
  // Axes that are next to each other in both storages are one.
  to.shape.forEach((length, axis) => {
    const p = to.stride[axis], q = from.stride[axis], last = shape.length - 1;
    if (last >= 0 && stride[last] === p * length && steps[last] === q * length) {
      shape[last] *= length;
      stride[last] = p;
      steps[last] = q;
    } else if (length !== 1) {
      shape.push(length);
      stride.push(p);
      steps.push(q);
    }
  });
  const closest = (axes: number[], by: readonly number[]) => axes.sort((a, b) => Math.abs(by[a]) - Math.abs(by[b]));
  // The innermost loops are over the axes whose elements are closest in one storage, and in the other.
  const [column, ...others] = closest(shape.map((_, axis) => axis), stride);
  const [row, ...outer] = closest(others, steps);
  const rows = shape[row] ?? 1, columns = shape[column] ?? 1, p = stride[row] ?? 0, q = steps[row] ?? 0;
  const u = stride[column] ?? 1, v = steps[column] ?? 0, width = Math.abs(v) < Math.abs(q) || rows === 1 ? columns : tile;
  const copy = (depth: number, at: number, start: number): void => {
    if (depth === 0) return block(data, at, source, start);
    const axis = outer[depth - 1];
    for (let i = 0; i < shape[axis]; i++) copy(depth - 1, at + i * stride[axis], start + i * steps[axis]);
  };
  const block = (data: TypedArray, at: number, source: TypedArray, start: number): void => {
    if (u === 1 && Math.abs(v) === 1 && columns > 72) {
      for (let i = 0; i < rows; i++) copyRow(data, at + i * p, source, start + i * q, columns, v);
      return;
    }
    for (let left = 0; left < columns; left += width) {
      const length = Math.min(width, columns - left);
      for (let i = 0; i < rows; i++) {
        let a = at + i * p + left * u, b = start + i * q + left * v;
        for (const end = a + length * u; a !== end; a += u, b += v) data[a] = source[b];
      }
    }
  };
  copy(outer.length, to.offset, from.offset);
}

/** Copies neighbours, in the same order (`step` 1) or in the reverse one (-1). */
function copyRow(to: TypedArray, at: number, from: TypedArray, start: number, count: number, step: number): void {
  const first = step > 0 ? start : start - count + 1;
  // Runtimes move bytes one by one if eight of them are not aligned alike.
  if ((at - first) % 2 !== 0) {
    for (let i = 0; i < count; i++) to[at + i] = from[start + i * step];
    return;
  }
  to.set(from.subarray(first, first + count), at);
  if (step < 0) to.subarray(at, at + count).reverse();
}

/** Copies a view that repeats elements: copies each repeated part once, then doubles it. */
function expand(to: TypedArray, { data, shape, stride, offset }: NdArray): void {
  const put = (axis: number, from: number, at: number): number => {
    if (axis === shape.length) {
      to[at] = data[from];
      return 1;
    }
    const step = stride[axis], length = shape[axis];
    if (axis === shape.length - 1 && step !== 0) {
      for (let i = 0; i < length; i++) to[at + i] = data[from + i * step];
      return length;
    }
    let size = 0;
    for (let i = 0; i < (step === 0 ? Math.min(1, length) : length); i++) size += put(axis + 1, from + i * step, at + size);
    if (step !== 0) return size;
    const whole = size * length;
    if (size === 1) to.fill(to[at], at, at + whole);
    else for (let end = size; end > 0 && end < whole; end *= 2) to.copyWithin(at + end, at, at + Math.min(end, whole - end));
    return whole;
  };
  if (to.length > 0) put(0, offset, 0);
}

const writes = new WeakMap<TypedArray, number>();

/** The number of noted writes to a storage. */
export function writesTo(data: TypedArray): number {
  return writes.get(data) ?? 0;
}

/** Notes a write to a storage, or that it is a copy of `copied` and inherits its count. */
export function noteWrite(data: TypedArray, copied?: TypedArray): void {
  if (copied === undefined) supply?.written?.();
  const count = writes.get(copied ?? data) ?? 0;
  writes.set(data, copied === undefined ? count + 1 : count);
}

/**
 * Overwrites `to` with the elements of `from`, which has the same shape. The two may share storage.
 * @throws {RangeError} if elements of `to` share a position, or if `to` is int32 and a number does not fit
 */
export function copyInto(to: NdArray, from: NdArray): void {
  if (to.size === 0) return;
  if (to.stride.some((step, axis) => step === 0 && to.shape[axis] > 1)) {
    throw new RangeError(`Cannot write to a view that repeats elements (shape ${showShape(to.shape)}): write to its x.clone()`);
  }
  noteWrite(to.data);
  // Within one storage, a write could change elements that are still to be read.
  const source = from.data.buffer === to.data.buffer ? copyArray(from).data : contiguousData(from);
  const values = to.dtype === "int32" ? integers(source, "write") : source;
  if (isContiguous(to)) to.data.set(values, to.offset);
  else assign(to, view(values, to.shape));
}

/** A row-major copy outside any step's memory. */
export function ownCopy(array: NdArray): NdArray {
  return within(null, () => copyArray(array));
}

/** Adds the elements of `from` to those of `to`, which has the same shape and other storage. */
export function addInto(to: NdArray, from: NdArray): void {
  const { data: into, shape } = to, { data } = from;
  const add = (axis: number, at: number, start: number): void => {
    if (axis === shape.length) return void (into[at] += data[start]);
    for (let i = 0; i < shape[axis]; i++) add(axis + 1, at + i * to.stride[axis], start + i * from.stride[axis]);
  };
  if (!isContiguous(to) || !isContiguous(from)) return add(0, to.offset, from.offset);
  for (let i = 0; i < to.size; i++) into[to.offset + i] += data[from.offset + i];
}
