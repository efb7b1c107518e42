import { foldsOf, keptShape } from "./axes.ts";
import { cpu, operandStep } from "./devices/cpu.ts";
import type { Device, Elementwise } from "./device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { Operation } from "./entries.ts";
import type { Listed, ListMemory } from "./kernels/list_memory.ts";
import { isByColumn, isSmall, type Matrix, productRecord } from "./kernels/matmul.ts";
import { isContiguous, type NdArray, supplied } from "./ndarray.ts";
import type { AnyArray } from "./remote_array.ts";
import { sameShape, type Shape } from "./shape.ts";
import { broadcastArray, viewOf } from "./views.ts";

/** An array outside the list's memory, and its place there: it is copied before the list runs. */
export interface Import {
  from: TypedArray;
  to: TypedArray;
}

/** Numbers of one dtype, next to each other. */
interface Numbers {
  place: number;
  dtype: DType;
}

/** Primitives of programs, which may do more than call a device. */
export const foreign: WeakSet<object> = new WeakSet();

/** What a list cannot do. */
class Unlisted extends RangeError {}

function unlisted(): never {
  throw new Unlisted();
}

/** Operations of two inputs that a list has under the same name; comparisons the other way round have their inputs exchanged. */
const exchanged: Record<string, Listed["code"]> = { greater: "less", greaterEqual: "lessEqual" };
const ofTwo = [
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "sigmoidSlope",
  "gate",
] as const;
const ofOne = ["neg", "sqrt", "abs", "sign", "relu", "finite"] as const;
const functions = ["exp", "log", "tanh"] as const;

function among<Name extends string>(names: readonly Name[], name: string): Name | undefined {
  return names.find((one) => one === name);
}

/**
 * Writes recorded operations as a list, which the kernels run in one call: a device whose results are the recorded arrays, but
 * which only notes what to compute. Steps that several operations need, such as e^-|x|, are listed once.
 */
export class Listing {
  /** Operations that are not stored yet, and the arrays that they read from outside. */
  operations: Listed[] = [];
  imports = new Map<TypedArray, Import>();
  readonly #places = new Map<TypedArray, Import>();
  /** Steps by what they compute. */
  readonly #steps = new Map<string, number>();
  /** Steps of the running operation, and where it starts. */
  #new: string[] = [];
  #start = 0;
  /** Recorded arrays that the running operation may fill. */
  #free: NdArray[] = [];
  /** Storages that it fills. */
  readonly #filled = new Set<TypedArray>();

  /**
   * @param results the storages that the step fills, which a list reads only in its memory
   * @param constants storages that never change
   */
  constructor(
    readonly memory: ListMemory,
    readonly results: ReadonlySet<TypedArray>,
    readonly constants: ReadonlySet<TypedArray>,
  ) {}

  /** Lists a recorded operation. @returns whether a list can do it */
  take(operation: Operation): boolean {
    const { output, saved } = operation, results = saved === null ? [output] : [output, saved];
    // Each array is filled once, so an operation of several steps may have to copy its result.
    return this.#lists(operation, results) || this.#lists(operation, []);
  }

  /** @param free recorded arrays that may be filled without a copy */
  #lists({ primitive, inputs, options, shape, output, saved }: Operation, free: NdArray[]): boolean {
    const { length } = this.operations, imports = new Map(this.imports);
    this.#start = length;
    this.#free = free;
    this.#filled.clear();
    this.#new = [];
    let kept: NdArray | null = null;
    const save = (array: AnyArray) => void (kept = array as NdArray);
    try {
      // Whatever a primitive does by itself is in JavaScript.
      const found = supplied(
        { next: unlisted },
        () => primitive.forward(this.#device as Device<AnyArray>, inputs, options, shape, save) as NdArray,
      );
      for (const [to, from] of [[output, found], [saved, kept]] as const) {
        if (to === null || from === null) continue;
        if (!this.#filled.has(from.data)) unlisted();
        if (from.data === to.data) continue;
        if (this.#filled.has(to.data) || !isContiguous(to) || to.offset !== 0 || !this.memory.holds(to.data)) unlisted();
        this.#copy(to.data.byteOffset, from);
        this.#filled.add(to.data);
      }
      return true;
    } catch (error) {
      // Memory that is full is a RangeError too.
      if (!(error instanceof RangeError)) throw error;
      this.operations.length = length;
      this.imports = imports;
      for (const step of this.#new) this.#steps.delete(step);
      return false;
    }
  }

  /** Stores what is listed so far. */
  stored(): { from: number; end: number; imports: Import[] } {
    const [from, end] = this.memory.list(this.operations), imports = [...this.imports.values()];
    this.operations = [];
    this.imports = new Map();
    return { from, end, imports };
  }

  /** The place of a storage. */
  #place(data: TypedArray): number {
    if (this.memory.holds(data)) return data.byteOffset;
    if (this.results.has(data)) unlisted();
    let found = this.#places.get(data);
    if (found === undefined) {
      const dtype = data instanceof Float64Array ? "float64" : data instanceof Float32Array ? "float32" : "int32";
      const to = this.memory.array(dtype, [data.length])?.data ?? unlisted();
      this.#places.set(data, found = { from: data, to });
      if (this.constants.has(data)) to.set(data);
    }
    if (!this.constants.has(data)) this.imports.set(data, found);
    return found.to.byteOffset;
  }

  /** The elements in row-major order. */
  #dense(x: NdArray): Numbers {
    const dtype = x.dtype as DType, bytes = dtype === "float64" ? 8 : 4;
    if (x.size === 0) unlisted();
    if (isContiguous(x)) return { place: this.#place(x.data) + bytes * x.offset, dtype };
    const start = this.#place(x.data),
      place = this.#step(["copy", dtype, start, x.shape, x.stride, x.offset], dtype, x.size, (z) => {
        this.#copy(z, x);
      });
    return { place, dtype };
  }

  /** Lists a copy in row-major order. */
  #copy(z: number, x: NdArray): void {
    const wide = x.dtype === "float64" ? 1 : 0, bytes = wide === 1 ? 8 : 4, place = this.#place(x.data) + bytes * x.offset;
    // Axes that are next to each other in the storage are one.
    const axes: [length: number, stride: number][] = [];
    x.shape.forEach((length, axis) => {
      const last = axes.at(-1), stride = x.stride[axis];
      if (length === 1) return;
      if (last !== undefined && last[1] === stride * length) axes.splice(-1, 1, [last[0] * length, stride]);
      else axes.push([length, stride]);
    });
    if (axes.length > 2) unlisted();
    while (axes.length < 2) axes.unshift([1, 0]);
    const [[rows, down], [columns, along]] = axes;
    this.operations.push({ code: "copy", wide, z, x: place, xStep: bytes * down, yStep: bytes * along, a: rows, b: columns });
  }

  /** The place of numbers that a step computes, listed once. */
  #step(name: readonly unknown[], dtype: DType, size: number, list: (place: number) => void): number {
    const key = name.join();
    let place = this.#steps.get(key);
    if (place === undefined) {
      place = this.memory.reserve(dtype === "float64" ? 2 * size : size);
      list(place);
      this.#steps.set(key, place);
      this.#new.push(key);
    }
    return place;
  }

  /** An operation on float64 numbers. */
  #wide(code: Listed["code"], n: number, x: number, fields: Partial<Listed> = {}): number {
    return this.#step([code, n, x, ...Object.entries(fields)], "float64", n, (z) => {
      this.operations.push({ code, wide: 1, n, z, x, xStep: 16, ...fields });
    });
  }

  /** A function of float64 numbers, computed in place. */
  #function(code: Listed["code"], n: number, x: number): number {
    return this.#step([code, n, x], "float64", n, (z) => {
      this.operations.push({ code: "copy", wide: 1, z, x, yStep: 8, a: 1, b: n }, { code, n, z });
    });
  }

  /** Numbers as float64. */
  #widened({ place, dtype }: Numbers, n: number): number {
    return dtype === "float64" ? place : this.#wide(dtype === "float32" ? "widen" : "whole", n, place);
  }

  /** Numbers in an array of a dtype; from float64. */
  #rounded(z: NdArray, from: number): NdArray {
    const { place: to } = this.#dense(z);
    if (z.dtype === "float32") this.operations.push({ code: "narrow", n: z.size, z: to, x: from });
    else if (!this.#moved(from, to)) this.operations.push({ code: "copy", wide: 1, z: to, x: from, yStep: 8, a: 1, b: z.size });
    return z;
  }

  /** Computes a step of the running operation at another place. @returns whether it is one */
  #moved(from: number, to: number): boolean {
    const key = this.#new.find((key) => this.#steps.get(key) === from);
    if (key === undefined) return false;
    this.#steps.set(key, to);
    for (const listed of this.operations.slice(this.#start)) {
      for (const field of ["z", "x", "y", "w"] as const) if (listed[field] === from) listed[field] = to;
    }
    return true;
  }

  /** A constant. */
  #constant(value: number, dtype: DType = "float64"): number {
    return this.#step(["constant", dtype, value, 1 / value], dtype, 1, (place) => {
      this.memory.fill(place, dtype, value);
    });
  }

  /** A result: a recorded array if one of the shape is left. */
  #result(dtype: string, shape: Shape): NdArray {
    if (dtype === "int32") unlisted();
    const size = shape.reduce((product, length) => product * length, 1);
    const place = this.#free.findIndex(({ data }) =>
      data.length === size && this.memory.holds(data) && (data instanceof Float64Array) === (dtype === "float64")
    );
    const [found] = place < 0 ? [] : this.#free.splice(place, 1);
    const z = found === undefined ? this.memory.array(dtype as DType, shape) ?? unlisted() : viewOf(found, shape, undefined, 0);
    this.#filled.add(z.data);
    return z;
  }

  #elementwise({ name }: Elementwise, inputs: readonly NdArray[], shape: Shape): NdArray {
    const [x] = inputs, { dtype } = x, z = this.#result(dtype, shape), n = z.size, wide = dtype === "float64" ? 1 : 0;
    const { place } = this.#dense(z), pair = wide === 1 ? 16 : 8;
    if (inputs.length === 1) {
      const from = this.#dense(x), one = among(ofOne, name), each = among(functions, name);
      if (one !== undefined) this.operations.push({ code: one, wide, n, z: place, x: from.place, xStep: pair });
      else if (each !== undefined) return this.#rounded(z, this.#function(each, n, this.#widened(from, n)));
      else if (name === "sigmoid") return this.#rounded(z, this.#sigmoid(this.#widened(from, n), n));
      else if (name === "softplus") return this.#rounded(z, this.#softplus(this.#widened(from, n), n));
      else unlisted();
      return z;
    }
    const [a, b, condition] = inputs, code = among(ofTwo, name) ?? exchanged[name] ?? (name === "where" ? name : unlisted());
    if (b.dtype !== dtype) unlisted();
    const first = this.#operand(a, shape, pair), second = this.#operand(b, shape, pair);
    const [p, q] = name in exchanged ? [second, first] : [first, second];
    const third = condition === undefined ? { place: 0, step: 16 } : this.#operand(condition, shape, 16);
    const pairs = p.step === 0 || q.step === 0 || third.step === 0 ? 1 : 0;
    const w = condition === undefined
      ? 0
      : this.#widened({ ...third, dtype: condition.dtype as DType }, third.step === 0 ? 1 : n);
    this.operations.push({
      code,
      wide,
      n,
      z: place,
      x: p.place,
      xStep: p.step,
      y: q.place,
      yStep: q.step,
      w,
      wStep: third.step,
      pairs,
    });
    return z;
  }

  #operand(x: NdArray, shape: Shape, pair: number): { place: number; step: number } {
    if (operandStep(x, shape) === 1) {
      return { place: this.#dense(sameShape(x.shape, shape) ? x : broadcastArray(x, shape)).place, step: pair };
    }
    return { place: this.#place(x.data) + (x.dtype === "float64" ? 8 : 4) * x.offset, step: 0 };
  }

  /** e^-|x|. */
  #decay(x: number, n: number): number {
    return this.#function("exp", n, this.#wide("decay", n, x));
  }

  #sigmoid(x: number, n: number): number {
    return this.#wide("logistic", n, x, { w: this.#decay(x, n), wStep: 16 });
  }

  #softplus(x: number, n: number): number {
    const rest = this.#function("log1p", n, this.#decay(x, n));
    return this.#both("add", n, this.#both("maximum", n, x, this.#constant(0), 0), rest);
  }

  #both(code: Listed["code"], n: number, x: number, y: number, yStep = 16): number {
    return this.#wide(code, n, x, { y, yStep, pairs: yStep === 0 ? 1 : 0 });
  }

  #crossEntropy(x: NdArray, labels: NdArray): [loss: NdArray, slope: NdArray] {
    const loss = this.#result("float64", []), slope = this.#result(x.dtype, x.shape), n = x.size, rows = labels.size;
    const from = this.#widened(this.#dense(x), n), y = this.#widened(this.#dense(labels), rows);
    const of = x.shape.length === 2 && x.shape[1] > 1
      ? this.#entropies(from, y, rows, x.shape[1])
      : this.#binaryEntropies(from, y, n);
    this.#rounded(slope, of.slopes);
    const total = this.#wide("sum", 1, of.losses, { n: rows, a: 1 });
    this.#rounded(loss, this.#both("div", 1, total, this.#constant(rows)));
    return [loss, slope];
  }

  #binaryEntropies(x: number, y: number, n: number): { losses: number; slopes: number } {
    const slopes = this.#both("div", n, this.#both("sub", n, this.#sigmoid(x, n), y), this.#constant(n), 0);
    return { losses: this.#both("sub", n, this.#softplus(x, n), this.#both("mul", n, y, x)), slopes };
  }

  #entropies(x: number, y: number, rows: number, classes: number): { losses: number; slopes: number } {
    const { shifted, exponentials, totals } = this.#exponentials(x, rows, classes);
    const slopes = this.#rows("entropySlope", rows * classes, exponentials, { n: classes, a: rows, y, w: totals });
    const own = this.#rows("own", rows, shifted, { n: classes, a: rows, y });
    return { losses: this.#both("sub", rows, this.#function("log", rows, totals), own), slopes };
  }

  /** Rows minus their greatest numbers, e to the power of these, and their sums. */
  #exponentials(x: number, rows: number, n: number): { shifted: number; exponentials: number; totals: number } {
    const shifted = this.#rows("shift", rows * n, x, { n, a: rows }), exponentials = this.#function("exp", rows * n, shifted);
    return { shifted, exponentials, totals: this.#rows("rowSums", rows, exponentials, { n, a: rows }) };
  }

  /** An operation on rows of float64 numbers, with `size` results. */
  #rows(code: Listed["code"], size: number, x: number, fields: Partial<Listed>): number {
    return this.#step([code, x, ...Object.entries(fields)], "float64", size, (z) => {
      this.operations.push({ code, z, x, ...fields });
    });
  }

  #logSoftmax(x: NdArray, axis: number): NdArray {
    if (axis !== x.shape.length - 1) unlisted();
    const n = x.shape[axis], rows = x.size / n, z = this.#result(x.dtype, x.shape), from = this.#widened(this.#dense(x), x.size);
    const { shifted, totals } = this.#exponentials(from, rows, n), y = this.#function("log", rows, totals);
    return this.#rounded(z, this.#rows("subRows", x.size, shifted, { n, a: rows, y }));
  }

  #reduce(operation: string, x: NdArray, axes: readonly number[], divisor = 1): NdArray {
    if (operation !== "sum" || Math.fround(divisor) !== divisor) unlisted();
    const z = this.#result(x.dtype, keptShape(x.shape, axes)), all = axes.length === x.shape.length;
    let from = this.#dense(x);
    for (const { outer, length, inner } of all ? [{ outer: 1, length: x.size, inner: 1 }] : foldsOf(x.shape, axes)) {
      const wide = from.dtype === "float64" ? 1 : 0, { place } = from;
      const sums = this.#step([operation, outer, length, inner, place], "float64", outer * inner, (z) => {
        if (inner === 1) return void this.operations.push({ code: "sum", wide, n: length, z, x: place, a: outer });
        const y = this.memory.reserve(2 * inner * (1 + Math.ceil(Math.log2(length))));
        this.operations.push({ code: "sumRows", wide, n: inner, z, x: place, y, a: outer, b: length });
      });
      from = { place: sums, dtype: "float64" };
    }
    const sums = this.#widened(from, z.size);
    if (divisor === 1) return this.#rounded(z, sums);
    const y = this.#constant(divisor, x.dtype as DType);
    if (x.dtype === "float64") return this.#rounded(z, this.#both("div", z.size, sums, y, 0));
    // As on the CPU, the sums are rounded before they are divided.
    const { place } = this.#dense(this.#rounded(z, sums));
    this.operations.push({ code: "div", n: z.size, z: place, x: place, xStep: 8, y, pairs: 1 });
    return z;
  }

  #deviations(x: NdArray, axes: readonly number[], divisor: number): NdArray {
    const z = this.#result(x.dtype, keptShape(x.shape, axes)), { place } = this.#dense(x);
    if (z.size > 1) unlisted();
    const squares = this.#step(["squares", place, x.size], "float64", 1, (z) => {
      this.operations.push({ code: "squares", wide: x.dtype === "float64" ? 1 : 0, n: x.size, z, x: place });
    });
    return this.#rounded(z, this.#both("div", 1, squares, this.#constant(divisor)));
  }

  #weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number): NdArray {
    const [{ dtype, shape, size }] = arrays, z = this.#result(dtype, shape);
    const x = this.memory.integers(arrays.map((array) => this.#dense(array).place)),
      y = this.memory.reserve(2 * weights.length + 2);
    [constant, ...weights].forEach((value, i) => this.memory.fill(y + 8 * i, "float64", value));
    const wide = dtype === "float64" ? 1 : 0;
    this.operations.push({ code: "weightedSum", wide, n: size, z: this.#dense(z).place, x, y, a: arrays.length });
    return z;
  }

  #matmul(x: NdArray, y: NdArray): NdArray {
    const [n, depth] = x.shape, m = y.shape[1];
    if (x.dtype !== "float32" || n * depth * m === 0 || !isSmall(n, depth, m)) unlisted();
    const z = this.#result("float32", [n, m]), c = z.data.byteOffset, a = this.#matrix(x), b = this.#matrix(y), { memory } = this;
    if (isByColumn(a, m)) {
      const w = memory.reserve(2 * n + 8);
      const steps = { xStep: a.row, a: a.column, yStep: b.row };
      this.operations.push({ code: "vector", n, z: c, x: a.place, y: b.place, b: depth, w, ...steps });
    } else {
      const job = productRecord(memory, [n, depth, m], a, b, c, { columnParts: 1, threads: 1 });
      this.operations.push({ code: "product", x: job });
    }
    return z;
  }

  #matrix({ data, stride: [row, column], offset }: NdArray): Matrix {
    return { place: this.#place(data) + 4 * offset, row: 4 * row, column: 4 * column };
  }

  #pick(x: NdArray, positions: NdArray): NdArray {
    const from = this.#dense(x), at = this.#dense(positions), z = this.#result(x.dtype, positions.shape);
    const wide = x.dtype === "float64" ? 1 : 0;
    this.operations.push({ code: "pick", wide, n: z.size, z: this.#dense(z).place, x: from.place, y: at.place });
    return z;
  }

  #put(x: NdArray, positions: NdArray, shape: Shape): NdArray {
    const from = this.#dense(x),
      at = this.#dense(positions),
      z = this.#result(x.dtype, shape),
      wide = x.dtype === "float64" ? 1 : 0;
    const to = wide === 1 ? this.#dense(z).place : this.memory.reserve(2 * z.size);
    this.operations.push({ code: "put", wide, n: x.size, z: to, x: from.place, y: at.place, a: 8 * z.size });
    return wide === 1 ? z : this.#rounded(z, to);
  }

  readonly #device: Device<NdArray> = {
    // What a list lacks must not be composed: other operations have other bits.
    ...Object.fromEntries(Object.keys(cpu).map((name) => [name, unlisted])) as unknown as Device<NdArray>,
    elementwise: (...given) => this.#elementwise(...given as Parameters<Device<NdArray>["elementwise"]>),
    reduce: (...given) => this.#reduce(...given),
    deviations: (...given) => this.#deviations(...given),
    crossEntropy: (...given) => this.#crossEntropy(...given),
    logSoftmax: (...given) => this.#logSoftmax(...given),
    weightedSum: (...given) => this.#weightedSum(...given),
    cast: (x, dtype) => this.#rounded(this.#result(dtype, x.shape), this.#widened(this.#dense(x), x.size)),
    matmul: (...given) => this.#matmul(...given),
    pick: (...given) => this.#pick(...given),
    put: (x, positions, shape) => this.#put(x, positions, shape),
  };
}
