import type { StepMemory } from "../running_step.ts";
import { records } from "./records.ts";
import { firstPlace } from "./memory_map.ts";
import type { DType, TypedArray } from "../dtype.ts";
import { copyArray, type NdArray } from "../ndarray.ts";

/** What the module calls an unmanaged class: numbers, and places of other records. */
export type RecordName = keyof typeof records;

/** A number for every field of a record. */
export type Fields<Name extends RecordName> = Record<(typeof records)[Name][number], number>;

/**
 * WebAssembly memory that is filled from the front: first what a training step keeps until it ends, then what one kernel needs.
 * Places are in bytes.
 */
export class Workspace implements StepMemory {
  readonly memory: WebAssembly.Memory;
  /** Where the step's results end, and what the kernel at work has reserved. */
  #kept = firstPlace;
  #end = firstPlace;
  #inStep = false;
  readonly #shared: boolean;
  /** The memory as it is now, and every buffer by which it was ever seen: a shared one gets a new object as it grows. */
  buffer: ArrayBufferLike;
  #bytes: number;
  readonly #buffers = new WeakSet<ArrayBufferLike>();

  /**
   * @param shared whether other threads may see it
   * @param stepBytes what a step may keep here; further results are the runtime's, which frees them as soon as nobody needs them
   */
  constructor(shared: boolean, readonly stepBytes: number) {
    this.#shared = shared;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
    this.buffer = this.memory.buffer;
    this.#bytes = this.buffer.byteLength;
    this.#buffers.add(this.buffer);
  }

  /** Bytes taken from the system, which are not given back. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins a kernel: places that the one before reserved are no longer valid, but for what it kept. */
  clear(): void {
    this.#end = this.#kept;
  }

  /**
   * Begins a step, until whose end results stay here; the function that is returned ends it. Memory of one's own cannot serve,
   * because arrays lose it when it grows.
   */
  beginStep(): (() => void) | null {
    if (this.#inStep || !this.#shared) return null;
    this.#inStep = true;
    return () => {
      this.#inStep = false;
      this.#kept = this.#end = firstPlace;
      this.#count = 0;
    };
  }

  /** A kernel's result, which it reserved first: in a step the place itself, else a copy. */
  keep(place: number, elements: number): Float32Array {
    return this.#hasRoom(place, 4 * elements)
      ? this.#keepUpTo(this.#array(Float32Array, place, elements))
      : this.floats(place, elements).slice();
  }

  /** As {@link keep}, of whole numbers. */
  keepInts(place: number, elements: number): Int32Array {
    return this.#hasRoom(place, 4 * elements)
      ? this.#keepUpTo(this.#array(Int32Array, place, elements))
      : this.ints(place, elements).slice();
  }

  /**
   * The arrays of the last step and of this one so far, in the order of their making: a step that does the same as the one
   * before finds its arrays again, and makes none.
   */
  readonly #made: TypedArray[] = [];
  #count = 0;

  #array<T extends TypedArray>(
    type: new (buffer: ArrayBuffer, place: number, length: number) => T,
    place: number,
    length: number,
  ): T {
    const found = this.#made[this.#count];
    if (found instanceof type && found.byteOffset === place && found.length === length) {
      this.#count++;
      return found;
    }
    return this.#made[this.#count++] = new type(this.buffer as ArrayBuffer, place, length);
  }

  /** In a step, numbers that stay until it ends, whatever they are, as long as there is room; else `null`. */
  allocate(dtype: DType, size: number): TypedArray | null {
    if (!this.#hasRoom(this.#end, 8 * size)) return null;
    const place = this.reserve(dtype === "float64" ? 2 * size : size);
    const type = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Float64Array;
    // A kernel may be at work, so what it has reserved is kept as well.
    this.#kept = this.#end;
    return this.#array<TypedArray>(type, place, size);
  }

  /** Whether an array lies here. */
  holds(values: ArrayLike<number>): values is TypedArray {
    return ArrayBuffer.isView(values) && (values.buffer === this.buffer || this.#buffers.has(values.buffer));
  }

  #hasRoom(place: number, bytes: number): boolean {
    return this.#inStep && place + bytes <= this.stepBytes;
  }

  #keepUpTo<T extends TypedArray>(values: T): T {
    this.#kept = this.#end = Math.max(this.#kept, Math.ceil((values.byteOffset + values.byteLength + 64) / 64) * 64);
    return values;
  }

  /** Room for so many elements of four bytes, and for a panel that is read past them. */
  reserve(elements: number): number {
    const place = this.#end, end = place + Math.ceil((4 * elements + 64) / 64) * 64;
    if (end > this.#bytes) this.#grow(end - this.#bytes);
    this.#end = end;
    return place;
  }

  #grow(bytes: number): void {
    this.memory.grow(Math.ceil(bytes / 65536));
    this.buffer = this.memory.buffer;
    this.#bytes = this.buffer.byteLength;
    this.#buffers.add(this.buffer);
  }

  /** Where numbers lie: a copy, if they are not here. */
  store(values: ArrayLike<number>): number {
    if (this.holds(values)) return values.byteOffset;
    const place = this.reserve(values.length);
    this.floats(place, values.length).set(values);
    return place;
  }

  /** Where a matrix lies, with its strides in bytes: its storage, or a copy of it, or of the matrix alone if that is much less. */
  matrix(x: NdArray): { place: number; row: number; column: number } {
    const whole = x.data.length <= 2 * x.size || this.holds(x.data);
    const { data, offset, stride: [row, column] } = whole ? x : copyArray(x);
    return { place: this.store(data) + 4 * offset, row: 4 * row, column: 4 * column };
  }

  zeros(elements: number): number {
    const place = this.reserve(elements);
    this.floats(place, elements).fill(0);
    return place;
  }

  /** A table of offsets, given in elements and stored in bytes; negative ones stay negative. */
  offsets(count: number, at: (i: number) => number): number {
    const place = this.reserve(count), table = this.ints(place, count);
    for (let i = 0; i < count; i++) table[i] = 4 * at(i);
    return place;
  }

  /** As {@link store}, of whole numbers. */
  integers(values: ArrayLike<number>): number {
    if (this.holds(values)) return values.byteOffset;
    const place = this.reserve(values.length);
    this.ints(place, values.length).set(values);
    return place;
  }

  /** A record of the module. */
  record<Name extends RecordName>(name: Name, fields: Fields<Name>): number {
    return this.integers(records[name].map((field) => fields[field as keyof Fields<Name>]));
  }

  /** A window on the memory, valid until the next reservation. */
  floats(place: number, elements: number): Float32Array {
    return new Float32Array(this.buffer, place, elements);
  }

  /** As {@link floats}, of whole numbers. */
  ints(place: number, elements: number): Int32Array {
    return new Int32Array(this.buffer, place, elements);
  }
}
