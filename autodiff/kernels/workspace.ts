import type { StepMemory } from "../running_step.ts";
import { records } from "./records.ts";
import { firstPlace } from "./memory_map.ts";
import type { DType, TypedArray } from "../dtype.ts";
import { copyArray, type NdArray } from "../ndarray.ts";

/** An unmanaged class of the module: numbers, and places of other records. */
export type RecordName = keyof typeof records;

/** A number for each field of a record. */
export type Fields<Name extends RecordName> = Record<(typeof records)[Name][number], number>;

/**
 * WebAssembly memory, filled from the front: first the results that a training step keeps until its end, then what one kernel
 * needs. Places are in bytes.
 */
export class Workspace implements StepMemory {
  readonly memory: WebAssembly.Memory;
  /** The end of the step's results, and the end of what the running kernel has reserved. */
  #kept = firstPlace;
  #end = firstPlace;
  #inStep = false;
  readonly #shared: boolean;
  /** The current buffer; `#buffers` has all earlier ones too, because shared memory gets a new buffer when it grows. */
  buffer: ArrayBufferLike;
  #bytes: number;
  readonly #buffers = new WeakSet<ArrayBufferLike>();

  /**
   * @param shared whether threads share the memory
   * @param stepBytes the most bytes that a step may keep here; further results are garbage-collected by the runtime
   */
  constructor(shared: boolean, readonly stepBytes: number) {
    this.#shared = shared;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
    this.buffer = this.memory.buffer;
    this.#bytes = this.buffer.byteLength;
    this.#buffers.add(this.buffer);
  }

  /** Bytes taken from the system; they are never freed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins a kernel: places reserved by the previous one become invalid, except those it kept. */
  clear(): void {
    this.#end = this.#kept;
  }

  /**
   * Begins a step: results stay here until its end. The returned function ends it. Only shared memory can serve, because arrays
   * are detached from private memory when it grows.
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

  /** A kernel's result, which it must reserve first: in a step the place itself, else a copy. */
  keep(place: number, elements: number): Float32Array {
    return this.#hasRoom(place, 4 * elements)
      ? this.#keepUpTo(this.#array(Float32Array, place, elements))
      : this.floats(place, elements).slice();
  }

  /** Like {@link keep}, for int32. */
  keepInts(place: number, elements: number): Int32Array {
    return this.#hasRoom(place, 4 * elements)
      ? this.#keepUpTo(this.#array(Int32Array, place, elements))
      : this.ints(place, elements).slice();
  }

  /**
   * The arrays of the last step and of this one so far, in order of creation. A step that does the same as the one before finds
   * its arrays again and creates none.
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

  /** In a step, an array that stays until its end, with arbitrary contents; `null` outside steps and when there is no room. */
  allocate(dtype: DType, size: number): TypedArray | null {
    if (!this.#hasRoom(this.#end, 8 * size)) return null;
    const place = this.reserve(dtype === "float64" ? 2 * size : size);
    const type = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Float64Array;
    // A kernel may be running, so its reserved places are kept too.
    this.#kept = this.#end;
    return this.#array<TypedArray>(type, place, size);
  }

  /** Whether an array is in this memory. */
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

  /** Reserves room for elements of four bytes, and for a panel that may be read past them. */
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

  /** The place of numbers; copies them if they are not in this memory. */
  store(values: ArrayLike<number>): number {
    if (this.holds(values)) return values.byteOffset;
    const place = this.reserve(values.length);
    this.floats(place, values.length).set(values);
    return place;
  }

  /**
   * A matrix's place and strides in bytes. Copies what it needs of its storage, or only the matrix if that is much smaller. Its layout,
   * on which sums may depend, stays the same whatever else is in the storage.
   */
  matrix(x: NdArray): { place: number; row: number; column: number } {
    const { shape: [rows, columns], stride: [row, column], offset, size } = x, data: TypedArray = x.data;
    const given = { row: 4 * row, column: 4 * column }, whole = data.length <= 2 * size || this.holds(data);
    if (whole) return { place: this.store(data) + 4 * offset, ...given };
    const span = (rows - 1) * row + (columns - 1) * column + 1;
    if (row > 0 && column > 0 && span <= 2 * size) return { place: this.store(x.data.subarray(offset, offset + span)), ...given };
    const copy = copyArray(x);
    return { place: this.store(copy.data), row: 4 * copy.stride[0], column: 4 * copy.stride[1] };
  }

  zeros(elements: number): number {
    const place = this.reserve(elements);
    this.floats(place, elements).fill(0);
    return place;
  }

  /** A table of offsets: `at` returns elements, the table has bytes; negative offsets stay negative. */
  offsets(count: number, at: (i: number) => number): number {
    const place = this.reserve(count), table = this.ints(place, count);
    for (let i = 0; i < count; i++) table[i] = 4 * at(i);
    return place;
  }

  /** Like {@link store}, for int32. */
  integers(values: ArrayLike<number>): number {
    if (this.holds(values)) return values.byteOffset;
    const place = this.reserve(values.length);
    this.ints(place, values.length).set(values);
    return place;
  }

  /** Stores a record of the module. */
  record<Name extends RecordName>(name: Name, fields: Fields<Name>): number {
    return this.integers(records[name].map((field) => fields[field as keyof Fields<Name>]));
  }

  /** A view of the memory, valid until the next reservation. */
  floats(place: number, elements: number): Float32Array {
    return new Float32Array(this.buffer, place, elements);
  }

  /** Like {@link floats}, for int32. */
  ints(place: number, elements: number): Int32Array {
    return new Int32Array(this.buffer, place, elements);
  }
}
