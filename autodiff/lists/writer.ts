import { type DType, storages, type TypedArray } from "../dtype.ts";
import { type Listed, type ListMemory, roomFor } from "../kernels/list_memory.ts";
import { isContiguous, type NdArray, view } from "../ndarray.ts";
import type { Shape } from "../shape.ts";
import { viewOf } from "../views.ts";

/** An operation of a list, with places that {@link planned} has still to choose. */
export interface Step extends Listed {
  /** Places that it reads or writes, beside those of its fields. */
  others?: readonly number[];
  /** Stores what it needs beside its fields, once places are chosen. @returns where */
  table?: (chosen: (place: number) => number) => number;
  /** The constant and the weights of a weighted sum. */
  weights?: readonly number[];
}

/** Operations that run one after the other: a chain of them on `n` numbers each, or one alone. */
export interface Unit {
  operations: Step[];
  /** The numbers of each array of a chain; 0: it is none. */
  n: number;
}

/** All places of an operation. */
export function placesOf({ z = 0, x = 0, y = 0, w = 0, others = [] }: Step): number[] {
  return [z, x, y, w, ...others];
}

/** Operations between two acts that lists cannot do, and the storages outside of the lists' memory that they read and fill. */
export interface Passage {
  operations: Step[];
  read: Map<TypedArray, number>;
  filled: Map<TypedArray, number>;
}

/** Room in the lists' memory that is chosen when all operations are known. */
export interface Buffer {
  start: number;
  bytes: number;
}

/** Buffers begin beyond any memory. */
export const firstBuffer = 2 ** 33;

/** Numbers of one dtype, next to each other. */
export interface Numbers {
  place: number;
  dtype: DType;
}

/** What a list cannot do. */
export class Unlisted extends RangeError {}

/** @throws {Unlisted} */
export function unlisted(): never {
  throw new Unlisted();
}

/**
 * Writes a list: finds places for arrays, and for the steps of operations. Steps that several operations need, such as e^-|x|, are
 * listed once, so nothing is filled twice.
 */
export class ListWriter {
  /** Operations since the last act that lists cannot do, and the storages that they read from outside and fill there. */
  operations: Step[] = [];
  #read = new Map<TypedArray, number>();
  #outside = new Map<TypedArray, number>();
  /** All buffers, by their starts. */
  readonly buffers: Buffer[] = [];
  /** Buffers and places of storages outside the memory. */
  readonly #places = new Map<TypedArray, number>();
  /** Storages that lists have filled. */
  readonly #listed = new Set<TypedArray>();
  /** Steps by what they compute. */
  readonly #steps = new Map<string, number>();
  /** Steps of the running operation, where it starts, and the imports before it. */
  #new: string[] = [];
  #start = 0;
  #before = this.#read;
  /** Recorded arrays that the running operation may fill. */
  #free: NdArray[] = [];
  /** Storages that it fills. */
  readonly #filled = new Set<TypedArray>();

  /**
   * @param results the storages that the step fills
   * @param constants storages that never change
   */
  constructor(
    readonly memory: ListMemory,
    readonly results: ReadonlySet<TypedArray>,
    readonly constants: ReadonlySet<TypedArray>,
  ) {}

  /** Begins an operation. @param free recorded arrays that it may fill */
  begin(free: readonly NdArray[]): void {
    this.#start = this.operations.length;
    this.#before = new Map(this.#read);
    this.#free = [...free];
    this.#filled.clear();
    this.#new = [];
  }

  /** Forgets the running operation. */
  undo(): void {
    this.operations.length = this.#start;
    this.#read = this.#before;
    for (const step of this.#new) this.#steps.delete(step);
  }

  /** Brings a result of the running operation to its recorded array. */
  finish(to: NdArray, from: NdArray): void {
    if (!this.#filled.has(from.data)) unlisted();
    if (from.data === to.data) return;
    if (this.#filled.has(to.data) || !isContiguous(to) || to.offset !== 0 || !this.#fillable(to.data)) unlisted();
    this.#filled.add(to.data);
    this.copy(this.place(to.data), from);
  }

  /** Ends an operation that is listed. */
  end(): void {
    for (const data of this.#filled) {
      this.#listed.add(data);
      if (!this.memory.holds(data) && this.results.has(data)) this.#outside.set(data, this.place(data));
    }
  }

  /** What is listed since the last passage. */
  passage(): Passage {
    const passage = { operations: this.operations, read: this.#read, filled: this.#outside };
    [this.operations, this.#read, this.#outside] = [[], new Map(), new Map()];
    return passage;
  }

  /** Whether a list may fill a storage. */
  #fillable(data: TypedArray): boolean {
    return this.memory.holds(data) || this.results.has(data);
  }

  /** Room for elements of four bytes, and for a vector that may be read or written past them. */
  reserve(elements: number): number {
    const last = this.buffers.at(-1), start = last === undefined ? firstBuffer : last.start + last.bytes;
    this.buffers.push({ start, bytes: roomFor(elements) });
    return start;
  }

  /** The place of a storage. */
  place(data: TypedArray): number {
    const { memory, constants } = this;
    if (memory.holds(data)) return data.byteOffset;
    let found = this.#places.get(data);
    if (found === undefined) {
      const elements = data.BYTES_PER_ELEMENT / 4 * data.length;
      found = this.results.has(data) ? this.reserve(elements) : constants.has(data) ? memory.copied(data) : memory.imported(data);
      this.#places.set(data, found);
    }
    if (!constants.has(data) && !this.#listed.has(data) && !this.#filled.has(data)) this.#read.set(data, found);
    return found;
  }

  /** The elements in row-major order. */
  dense(x: NdArray): Numbers {
    const dtype = x.dtype as DType, bytes = dtype === "float64" ? 8 : 4;
    if (x.size === 0) unlisted();
    if (isContiguous(x)) return { place: this.place(x.data) + bytes * x.offset, dtype };
    const start = this.place(x.data),
      place = this.step(["copy", dtype, start, x.shape, x.stride, x.offset], dtype, x.size, (z) => {
        this.copy(z, x);
      });
    return { place, dtype };
  }

  /** Lists a copy in row-major order. */
  copy(z: number, x: NdArray): void {
    const wide = x.dtype === "float64" ? 1 : 0, bytes = wide === 1 ? 8 : 4, place = this.place(x.data) + bytes * x.offset;
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
  step(name: readonly unknown[], dtype: DType, size: number, list: (place: number) => void): number {
    const key = name.join();
    let place = this.#steps.get(key);
    if (place === undefined) {
      place = this.reserve(dtype === "float64" ? 2 * size : size);
      list(place);
      this.#steps.set(key, place);
      this.#new.push(key);
    }
    return place;
  }

  /** An operation on float64 numbers. */
  wide(code: Listed["code"], n: number, x: number, fields: Partial<Listed> = {}): number {
    return this.step([code, n, x, ...Object.entries(fields)], "float64", n, (z) => {
      this.operations.push({ code, wide: 1, n, z, x, xStep: 16, ...fields });
    });
  }

  /** A function of float64 numbers, computed in place. */
  mapped(code: Listed["code"], n: number, x: number): number {
    return this.step([code, n, x], "float64", n, (z) => {
      this.operations.push({ code: "copy", wide: 1, z, x, yStep: 8, a: 1, b: n }, { code, n, z });
    });
  }

  /** Numbers as float64. */
  widened({ place, dtype }: Numbers, n: number): number {
    return dtype === "float64" ? place : this.wide(dtype === "float32" ? "widen" : "whole", n, place);
  }

  /** Numbers in an array of a dtype; from float64. */
  rounded(z: NdArray, from: number): NdArray {
    const { place: to } = this.dense(z);
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
  constant(value: number, dtype: DType = "float64"): number {
    return this.memory.constant(dtype, value);
  }

  /** A result: a recorded array if one of the shape is left. */
  result(dtype: string, shape: Shape): NdArray {
    if (dtype === "int32") unlisted();
    const size = shape.reduce((product, length) => product * length, 1);
    const place = this.#free.findIndex(({ data }) =>
      data.length === size && this.#fillable(data) && (data instanceof Float64Array) === (dtype === "float64")
    );
    const [found] = place < 0 ? [] : this.#free.splice(place, 1);
    const z = found === undefined ? this.#own(dtype as DType, shape) : viewOf(found, shape, undefined, 0);
    this.#filled.add(z.data);
    return z;
  }

  /** An array that is only a buffer. */
  #own(dtype: DType, shape: Shape): NdArray {
    const z = view(new storages[dtype](0), shape);
    this.#places.set(z.data, this.reserve(dtype === "float64" ? 2 * z.size : z.size));
    return z;
  }

  /** An operation on float64 numbers x and y; a step of 0 repeats y. */
  both(code: Listed["code"], n: number, x: number, y: number, yStep = 16): number {
    return this.wide(code, n, x, { y, yStep, pairs: yStep === 0 ? 1 : 0 });
  }

  /** An operation on rows of float64 numbers, with `size` results. */
  rows(code: Listed["code"], size: number, x: number, fields: Partial<Listed>): number {
    return this.step([code, x, ...Object.entries(fields)], "float64", size, (z) => {
      this.operations.push({ code, z, x, ...fields });
    });
  }
}
