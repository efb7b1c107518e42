import type { DType, TypedArray } from "../dtype.ts";
import { storages } from "../dtype.ts";
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
  #end = firstPlace;

  /**
   * @param lists the module that runs lists
   * @param bytes its size; runtimes collect garbage by the sizes of such memories, however little is used
   */
  constructor(readonly machine: Machine, lists: WebAssembly.Module, bytes: number) {
    const memory = fixedMemory(bytes, machine.shared), env = { memory };
    this.#buffer = memory.buffer as ArrayBuffer;
    const { exports } = new WebAssembly.Instance(lists, { env, kernels: machine.exportsIn(memory) });
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
    const place = within?.from ?? this.#end, end = place + Math.ceil((4 * elements + 64) / 64) * 64;
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

  /** Stores a number. */
  fill(place: number, dtype: DType, value: number): void {
    new storages[dtype](this.#buffer, place, 1)[0] = value;
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

  /** Runs a list. */
  run(from: number, end: number): void {
    this.#run(from, end);
  }
}
