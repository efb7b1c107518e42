import { records } from "./module.ts";
import { controlBytes } from "./thread_pool.ts";
import type { TypedArray } from "../ndarray.ts";

/** What the module calls an unmanaged class: numbers, and places of other records. */
export type RecordName = keyof typeof records;

/** A number for every field of a record. */
export type Fields<Name extends RecordName> = Record<(typeof records)[Name][number], number>;

/** A region of WebAssembly memory that is filled from the front and emptied at once. Places are in bytes. */
export class Workspace {
  readonly memory: WebAssembly.Memory;
  #end = 0;

  /** @param shared whether other threads may see it */
  constructor(shared: boolean) {
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
  }

  /** Empties it; places handed out before are no longer valid. */
  clear(): void {
    this.#end = controlBytes;
  }

  /** Room for so many elements of four bytes, and for a panel that is read past them. */
  reserve(elements: number): number {
    const place = this.#end, end = place + Math.ceil((4 * elements + 64) / 64) * 64;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    this.#end = end;
    return place;
  }

  /** A copy of numbers. */
  store(values: ArrayLike<number>): number {
    const place = this.reserve(values.length);
    this.floats(place, values.length).set(values);
    return place;
  }

  zeros(elements: number): number {
    const place = this.reserve(elements);
    this.floats(place, elements).fill(0);
    return place;
  }

  /** A table of offsets, given in elements and stored in bytes; negative ones stay negative. */
  offsets(count: number, at: (i: number) => number): number {
    const place = this.reserve(count), table = new Int32Array(this.memory.buffer, place, count);
    for (let i = 0; i < count; i++) table[i] = 4 * at(i);
    return place;
  }

  /** Whole numbers as they are. */
  integers(values: ArrayLike<number>): number {
    const place = this.reserve(values.length);
    new Int32Array(this.memory.buffer, place, values.length).set(values);
    return place;
  }

  /** A record of the module. */
  record<Name extends RecordName>(name: Name, fields: Fields<Name>): number {
    return this.integers(records[name].map((field) => fields[field as keyof Fields<Name>]));
  }

  /** A window on the memory, valid until the next reservation. */
  floats(place: number, elements: number): Float32Array {
    return new Float32Array(this.memory.buffer, place, elements);
  }

  /** As {@link floats}, of whole numbers. */
  ints(place: number, elements: number): Int32Array {
    return new Int32Array(this.memory.buffer, place, elements);
  }

  /** The elements of an array of four bytes each. */
  storeArray(values: TypedArray): number {
    return values instanceof Int32Array ? this.integers(values) : this.store(values);
  }
}
