import { type DType, dtypeOf, storages, type TypedArray } from "../dtype.ts";
import { type NdArray, view } from "../ndarray.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Machine } from "./machine.ts";
import { firstPlace, fixedMemory } from "./memory_map.ts";
import { codes, records } from "./records.ts";
import type { Fields } from "./workspace.ts";

/** An operation of a list: its code, and the fields that are not 0. */
export type Listed = Partial<Omit<Fields<"Operation">, "code">> & { code: (typeof codes)[number] };

/** Numbers of four bytes from an operation to the next. */
const operationLength = 28;

/** Bytes for elements of four bytes, and for a vector that may be read or written past them. */
export function roomFor(elements: number): number {
  return Math.ceil((4 * elements + 64) / 64) * 64;
}

/** A part of the memory that is free from one place to another. */
export interface Part {
  from: number;
  readonly end: number;
}

/** The memory is full. */
export class NoRoom extends Error {}

/** Memory of fixed size for the arrays of recorded steps, and instances of the kernels and of what runs lists of them. */
export class ListMemory {
  readonly #buffer: ArrayBuffer;
  readonly #run: (from: number, end: number) => void;
  readonly memory: WebAssembly.Memory;
  /** The kernels' functions in it. */
  readonly kernels: Machine["exports"];
  #end = firstPlace;
  /** Where constants are. */
  readonly #constants = new Map<string, number>();
  readonly #copies = new WeakMap<TypedArray, number>();
  readonly #imports = new WeakMap<TypedArray, number>();
  /** The room that lists share, each for as long as it runs. */
  #shared = { place: 0, bytes: 0 };

  /**
   * @param lists the module that runs lists
   * @param bytes its size; runtimes collect garbage by the sizes of such memories, however little is used
   */
  constructor(readonly machine: Machine, lists: WebAssembly.Module, bytes: number) {
    const memory = this.memory = fixedMemory(bytes, machine.shared), env = { memory };
    this.#buffer = memory.buffer as ArrayBuffer;
    this.kernels = machine.exportsIn(memory);
    const { exports } = new WebAssembly.Instance(lists, { env, kernels: this.kernels });
    this.#run = exports.runList as (from: number, end: number) => void;
  }

  /** Whether an array is in this memory. */
  holds(data: TypedArray): boolean {
    return data.buffer === this.#buffer;
  }

  /** A part of the memory that recordings use in turn; `null` if there is no room. */
  part(bytes: number): Part | null {
    const from = this.#end, end = from + Math.ceil(bytes / 64) * 64;
    if (end > this.#buffer.byteLength) return null;
    this.#end = end;
    return { from, end };
  }

  /**
   * The place of room for elements of four bytes, and for a vector that may be read or written past them.
   * @throws {NoRoom} if the memory is full
   */
  reserve(elements: number, within?: Part): number {
    const place = within?.from ?? this.#end, end = place + roomFor(elements);
    if (end > (within?.end ?? this.#buffer.byteLength)) throw new NoRoom();
    if (within === undefined) this.#end = end;
    else within.from = end;
    return place;
  }

  /** An array of zeros; `null` if there is no room. */
  array(dtype: DType, shape: Shape, within?: Part): NdArray | null {
    const size = sizeOf(shape);
    try {
      const place = this.reserve(dtype === "float64" ? 2 * size : size, within);
      return view(new storages[dtype](this.#buffer, place, size), shape);
    } catch (error) {
      if (error instanceof NoRoom) return null;
      throw error;
    }
  }

  /** Numbers at a place. */
  at(dtype: DType, place: number, size: number): TypedArray {
    return new storages[dtype](this.#buffer, place, size);
  }

  /** Room of so many bytes that all lists share: what is there is gone when another list runs. */
  share(bytes: number): number {
    if (bytes > this.#shared.bytes) this.#shared = { place: this.reserve(Math.ceil(bytes / 4)), bytes };
    return this.#shared.place;
  }

  /** The place of a number that never changes. */
  constant(dtype: DType, value: number): number {
    const key = `${dtype} ${value} ${1 / value}`;
    let place = this.#constants.get(key);
    if (place === undefined) {
      this.#constants.set(key, place = this.reserve(2));
      this.at(dtype, place, 1)[0] = value;
    }
    return place;
  }

  /** The place of a copy of numbers that never change. */
  copied(data: TypedArray): number {
    let place = this.#copies.get(data);
    if (place === undefined) {
      this.#copies.set(data, place = this.reserve(data.BYTES_PER_ELEMENT / 4 * data.length));
      this.at(dtypeOf(data), place, data.length).set(data);
    }
    return place;
  }

  /** The place of numbers from elsewhere, which each list that reads them brings there. */
  imported(data: TypedArray): number {
    let place = this.#imports.get(data);
    if (place === undefined) this.#imports.set(data, place = this.reserve(data.BYTES_PER_ELEMENT / 4 * data.length));
    return place;
  }

  /** Stores float64 numbers. */
  numbers(values: readonly number[]): number {
    const place = this.reserve(2 * values.length);
    new Float64Array(this.#buffer, place, values.length).set(values);
    return place;
  }

  /** Stores numbers of four bytes. */
  integers(values: readonly number[]): number {
    const place = this.reserve(values.length);
    new Int32Array(this.#buffer, place, values.length).set(values);
    return place;
  }

  /** Stores a record of the module. */
  record(name: "MatrixProduct", fields: Fields<"MatrixProduct">): number {
    return this.integers(records[name].map((field) => fields[field]));
  }

  /** Stores a list. @returns its place and its end */
  list(operations: readonly Listed[]): [from: number, end: number] {
    const place = this.reserve(operationLength * operations.length);
    const numbers = new Int32Array(this.#buffer, place, operationLength * operations.length);
    operations.forEach(({ code, ...fields }, i) => {
      const all = { ...fields, code: codes.indexOf(code) } as Record<string, number>;
      records.Operation.forEach((field, k) => numbers[operationLength * i + k] = all[field] ?? 0);
    });
    return [place, place + 4 * numbers.length];
  }

  /** The function `run` of a module for this memory. */
  instance(module: WebAssembly.Module): () => void {
    const { memory, kernels } = this;
    return new WebAssembly.Instance(module, { env: { memory }, kernels }).exports.run as () => void;
  }

  /** Runs a list. */
  run(from: number, end: number): void {
    this.#run(from, end);
  }
}
