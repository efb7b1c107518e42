import { cpu } from "./devices/cpu.ts";
import type { Device } from "./device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { contiguousData, isContiguous, type NdArray, supplied, type Supply } from "./ndarray.ts";
import { type AnyArray, isRemote } from "./remote_array.ts";
import { sameShape, type Shape } from "./shape.ts";

/** What a recording needs of a primitive. */
interface Forward<Options> {
  name: string;
  forward(
    device: Device<AnyArray>,
    inputs: readonly AnyArray[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray;
}

/** An operation on arrays that stay: running it again refills its results. */
interface Operation {
  // deno-lint-ignore no-explicit-any
  primitive: Forward<any>;
  inputs: readonly NdArray[];
  options: unknown;
  shape: Shape;
  output: NdArray;
  /** The array that `forward` saved for the gradient. */
  saved: NdArray | null;
  /** The arrays that `forward` allocated, in order. */
  made: readonly NdArray[];
}

/** A decision on values, which must turn out as it did when the step was recorded. */
interface Guard {
  decide: () => unknown;
  decided: unknown;
}

/** A tensor with a gradient. */
export interface Leaf {
  grad: { array: AnyArray } | null;
}

/** A gradient that is added to a leaf's. */
interface Accumulation {
  leaf: Leaf;
  from: NdArray;
  add: () => void;
}

type Entry = Operation | Guard | Accumulation;

/** The recording of a step, which ends early if the step does what a replay could not. */
class Recorder implements Supply {
  readonly entries: Entry[] = [];
  /** Why the step cannot be replayed. */
  refused: string | null = null;
  #made: NdArray[] | null = null;
  /** The storages of results. */
  readonly #results = new Set<TypedArray>();

  constructor(readonly changing: ReadonlySet<TypedArray> | null) {}

  next(): null {
    return null;
  }

  made(array: NdArray): void {
    this.#made?.push(array);
  }

  /** Runs an operation, and records it unless it is part of another. */
  run<Options>(
    primitive: Forward<Options>,
    inputs: readonly AnyArray[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray {
    if (this.#made !== null) return primitive.forward(cpu as Device<AnyArray>, inputs, options, shape, save);
    const made: NdArray[] = this.#made = [];
    let saved: AnyArray | null = null;
    try {
      const output = primitive.forward(cpu as Device<AnyArray>, inputs, options, shape, (array) => save(saved = array));
      if (isRemote(output) || inputs.some(isRemote)) return this.refuse("it computes on a device"), output;
      const arrays = inputs as readonly NdArray[];
      // What depends on constants alone is one; a view of an input changes with it.
      if (!arrays.some((array) => this.changes(array))) return output;
      if (made.length > 0 || saved !== null || !arrays.some(({ data }) => data === output.data)) {
        this.entries.push({ primitive, inputs: arrays, options, shape, output, saved, made });
        for (const { data } of [output, ...made]) this.#results.add(data);
        if (saved !== null) this.#results.add((saved as NdArray).data);
      }
      return output;
    } finally {
      this.#made = null;
    }
  }

  written(): void {
    this.refuse("it writes to tensors");
  }

  refuse(why: string): void {
    this.refused ??= why;
  }

  /** Whether an array's values differ from step to step. */
  changes({ data }: NdArray): boolean {
    return this.changing === null || this.changing.has(data) || this.#results.has(data);
  }
}

let recorder: Recorder | null = null;

/** The running recording. */
export function recording(): Recorder | null {
  return recorder;
}

/**
 * Notes that a program reads numbers: what depends on them cannot be replayed.
 * @returns whether these are numbers of a recorded step
 */
export function noteRead(array: AnyArray): boolean {
  if (recorder === null || isRemote(array) || !recorder.changes(array)) return false;
  if (deciding === 0) recorder.refuse("it reads values while it computes");
  return true;
}

/** Notes a draw of a random number. */
export function noteDraw(): void {
  recorder?.refuse("it draws random numbers");
}

/** Notes a write to numbers, which a replay would not make. */
export function noteChange(): void {
  recorder?.written();
}

/** Adds a gradient to a leaf's by `add`, which a replay does again. */
export function accumulated(leaf: Leaf, from: AnyArray, add: () => void): void {
  if (!isRemote(from)) recorder?.entries.push({ leaf, from, add });
  add();
}

/** Checks numbers; where they change, a replay checks them again. */
export function checked(array: AnyArray, check: () => void): void {
  check();
  if (recorder === null || isRemote(array) || !recorder.changes(array)) return;
  recorder.entries.push({ decide: () => check(), decided: undefined });
}

let deciding = 0;

/**
 * A decision on values, such as `decided(() => x.value > 0)`. A recorded step makes it again, and is not replayed if it turns out
 * otherwise.
 */
export function decided<T extends boolean | number | string>(decide: () => T): T {
  deciding++;
  try {
    const found = decide();
    recorder?.entries.push({ decide, decided: found });
    return found;
  } finally {
    deciding--;
  }
}

/** Reads values that have no part in what is computed next, such as those of a report. */
export function observed<T>(read: () => T): T {
  deciding++;
  try {
    return read();
  } finally {
    deciding--;
  }
}

/** A recorded step: a list of operations on arrays that stay. */
export class Tape {
  readonly #entries: readonly Entry[];
  /** Numbers of entries at which parts end. */
  readonly #ends: readonly number[];
  readonly #refill = new Refill();

  constructor(entries: readonly Entry[], ends: readonly number[]) {
    this.#entries = entries;
    this.#ends = ends;
  }

  /** The numbers that it keeps. */
  get numbers(): number {
    return this.#entries.reduce(
      (sum, entry) => "primitive" in entry ? entry.made.reduce((sum, { size }) => sum + size, sum + entry.output.size) : sum,
      0,
    );
  }

  /** The number of recorded operations. */
  get length(): number {
    return this.#entries.length;
  }

  /** The storages that it reads and does not write. */
  get sources(): Set<TypedArray> {
    const found = new Set<TypedArray>(), results = new Set<TypedArray>();
    for (const entry of this.#entries) {
      if (!("primitive" in entry)) continue;
      for (const { data } of entry.inputs) if (!results.has(data)) found.add(data);
      for (const { data } of [entry.output, ...entry.made]) results.add(data);
      if (entry.saved !== null) results.add(entry.saved.data);
    }
    return found;
  }

  /** The leaves whose gradients it adds to. */
  get leaves(): Set<Leaf> {
    return new Set(this.#entries.flatMap((entry) => "leaf" in entry ? [entry.leaf] : []));
  }

  /** Whether it decides after it has changed a gradient: then a replay could not be left. */
  get decidesLate(): boolean {
    const first = this.#entries.findIndex((entry) => "leaf" in entry);
    return first >= 0 && this.#entries.slice(first).some((entry) => "decide" in entry);
  }

  /** Runs a part again. @returns whether every decision turned out as recorded */
  replay(part: number): boolean {
    return supplied(this.#refill, () => this.#run(part === 0 ? 0 : this.#ends[part - 1], this.#ends[part]));
  }

  #run(start: number, end: number): boolean {
    for (let i = start; i < end; i++) {
      const entry = this.#entries[i];
      if ("primitive" in entry) this.#refill.run(entry);
      else if ("decide" in entry) {
        if (supplied(null, entry.decide) !== entry.decided) return false;
      } else supplied(null, entry.add);
    }
    return true;
  }

  /** Whether another recording of the step has the same operations, options and constants. */
  agrees(other: Tape): boolean {
    if (this.length !== other.length || `${this.#ends}` !== `${other.#ends}`) return false;
    const twins = new Map<TypedArray, TypedArray>();
    return this.#entries.every((entry, i) => {
      const twin = other.#entries[i];
      if ("primitive" in entry) return "primitive" in twin && sameOperation(entry, twin, twins);
      if ("decide" in entry) return "decide" in twin && entry.decided === twin.decided;
      return "leaf" in twin && entry.leaf === twin.leaf;
    });
  }

  /** The first operation that finds other numbers than that of another recording, or is another; `null` if there is none. */
  difference(other: Tape): string | null {
    // The other may be of fewer parts.
    const length = this.#ends[other.#ends.length - 1];
    for (let i = 0; i < Math.max(length, other.length); i++) {
      const a = this.#entries[i],
        b = other.#entries[i],
        named = a !== undefined && "primitive" in a ? a.primitive.name : "a decision";
      const place = `operation ${i + 1}, ${named},`;
      if (a === undefined || b === undefined) return `${other.length} operations instead of ${length}`;
      if ("primitive" in a !== "primitive" in b || "decide" in a !== "decide" in b) return `${place} is another`;
      if ("primitive" in a && "primitive" in b) {
        if (a.primitive !== b.primitive || !sameShape(a.shape, b.shape)) return `${place} is ${b.primitive.name}`;
        if (!sameBits(contiguousData(a.output), contiguousData(b.output))) return `${place} gives other numbers`;
      }
    }
    return null;
  }
}

function sameOperation(a: Operation, b: Operation, twins: Map<TypedArray, TypedArray>): boolean {
  const same = a.primitive === b.primitive && a.inputs.length === b.inputs.length && sameShape(a.shape, b.shape) &&
    sameOptions(a.options, b.options) && a.made.length === b.made.length &&
    a.inputs.every((x, i) => sameInput(x, b.inputs[i], twins));
  for (const [x, y] of [[a.output, b.output], [a.saved, b.saved], ...a.made.map((x, i) => [x, b.made[i]])]) {
    if (x !== null && y !== null && x !== undefined && y !== undefined) twins.set(x.data, y.data);
  }
  return same;
}

/** Whether inputs are the same storage, results of the same operation, or constants with the same bits. */
function sameInput(x: NdArray, y: NdArray, twins: Map<TypedArray, TypedArray>): boolean {
  if (!sameShape(x.shape, y.shape) || !sameShape(x.stride, y.stride) || x.offset !== y.offset || x.dtype !== y.dtype) {
    return false;
  }
  if (x.data === y.data) return true;
  const twin = twins.get(x.data);
  if (twin !== undefined) return twin === y.data;
  return sameBits(x.data, y.data);
}

function sameOptions(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || a.constructor !== b.constructor) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => sameOptions((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

/** Whether numbers are equal bit by bit, except that all NaN are. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));
}

/** Hands an operation the arrays that it allocated before. */
class Refill implements Supply {
  #made: readonly NdArray[] = [];
  #next = 0;
  #saved: AnyArray | null = null;
  readonly #save = (array: AnyArray): void => void (this.#saved = array);

  next(dtype: DType, shape: Shape): NdArray {
    const found = this.#made[this.#next++];
    if (found === undefined || found.dtype !== dtype || !sameShape(found.shape, shape)) {
      throw new RangeError("Cannot replay a step: an operation allocates other arrays than before");
    }
    return found;
  }

  run({ primitive, inputs, options, shape, output, saved, made }: Operation): void {
    this.#made = made;
    this.#next = 0;
    this.#saved = null;
    const found = primitive.forward(cpu as Device<AnyArray>, inputs, options, shape, this.#save) as NdArray;
    if (found.data !== output.data) refill(output, found);
    if (saved !== null && this.#saved !== null && (this.#saved as NdArray).data !== saved.data) {
      refill(saved, this.#saved as NdArray);
    }
  }
}

function refill(to: NdArray, from: NdArray): void {
  if (!isContiguous(to) || !isContiguous(from) || to.size !== from.size) {
    throw new RangeError("Cannot replay a step: an operation returns other arrays than before");
  }
  to.data.set(from.data.length === from.size ? from.data : from.data.subarray(from.offset, from.offset + from.size), to.offset);
}

/**
 * Records a step in parts.
 * @param changing storages that differ from step to step, such as parameters; `null`: any may
 * @returns the tape, or why there is none
 */
export function recordTape(changing: ReadonlySet<TypedArray> | null, compute: (endPart: () => void) => void): Tape | string {
  const own = new Recorder(changing), ends: number[] = [], before = recorder;
  recorder = own;
  try {
    supplied(own, () => compute(() => void ends.push(own.entries.length)));
    return own.refused ?? new Tape(own.entries, ends);
  } finally {
    recorder = before;
  }
}

/** Runs `compute` as if nothing were recorded. */
export function aside<T>(compute: () => T): T {
  const before = recorder;
  recorder = null;
  try {
    return supplied(null, compute);
  } finally {
    recorder = before;
  }
}
