import { cpuOf } from "./devices/cpu_of.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { Entry, Forward, Guard, Leaf } from "./entries.ts";
import type { ListRoom } from "./kernels/list_room.ts";
import { mostKept } from "./lists/most_kept.ts";
import { type NdArray, supplied, type Supply, view } from "./ndarray.ts";
import { type AnyArray, isRemote } from "./remote_array.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** The recording of a step, which ends early if the step does what a replay could not. */
export class Recorder implements Supply {
  readonly entries: Entry[] = [];
  /** Why the step cannot be replayed. */
  refused: string | null = null;
  #made: NdArray[] | null = null;
  /** Storages that decisions have read. */
  readonly decisive = new Set<TypedArray>();
  /** The storages of results. */
  readonly #results = new Set<TypedArray>();

  constructor(readonly changing: ReadonlySet<object> | null, readonly room: ListRoom | null) {}

  next(dtype: DType, shape: Shape): NdArray | null {
    // What is made between operations is a constant.
    if (this.#made === null && this.room?.isShared) return null;
    const array = sizeOf(shape) > mostKept ? null : this.room?.array(dtype, shape) ?? null;
    if (array !== null) this.made(array);
    return array;
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
    if (this.#made !== null) return primitive.forward(cpuOf(primitive), inputs, options, shape, save);
    if (this.room?.isShared && !inputs.some((input) => isRemote(input) || this.changes(input))) {
      return supplied(null, () => primitive.forward(cpuOf(primitive), inputs, options, shape, save));
    }
    const made: NdArray[] = this.#made = [];
    let saved: AnyArray | null = null;
    try {
      const output = this.#kept(
        primitive.forward(cpuOf(primitive), inputs, options, shape, (array) => save(saved = this.#kept(array, inputs))),
        inputs,
      );
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

  /** An array, in the room unless it is a view of an input. */
  #kept(array: AnyArray, inputs: readonly AnyArray[]): AnyArray {
    const { room } = this;
    if (room === null || isRemote(array) || room.holds(array.data) || array.data.length > mostKept) return array;
    if (inputs.some((input) => !isRemote(input) && input.data === array.data)) return array;
    const copy = room.array(array.dtype as DType, [array.data.length]);
    if (copy === null) return array;
    copy.data.set(array.data);
    return view(copy.data, array.shape, array.stride, array.offset);
  }

  /** Runs an operation that reads what the numbers in its inputs name: a replay could not do it, but a trace follows it. */
  lookup<T extends { array: AnyArray }>(_name: string, _inputs: readonly AnyArray[], _options: unknown, find: () => T): T {
    return find();
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
  if (unfilled !== null && !isRemote(array) && unfilled.has(array.data)) readUnfilled = true;
  if (recorder === null || isRemote(array) || !recorder.changes(array)) return false;
  if (deciding === 0) recorder.refuse("it reads values while it computes");
  else recorder.decisive.add(array.data);
  return true;
}

/** Runs an operation that reads the numbers of its inputs and has no primitive of its own. */
export function lookup<T extends { array: AnyArray }>(
  name: string,
  inputs: readonly { array: AnyArray }[],
  options: unknown,
  find: () => T,
): T {
  return recorder === null ? find() : recorder.lookup(name, inputs.map(({ array }) => array), options, find);
}

/** Notes that a program uses what is no tensor and may differ from step to step, such as a column of texts. */
export function noteUse(what: object): void {
  if (recorder?.changing?.has(what)) recorder.refuse("it reads values while it computes");
}

/** Notes a draw of a random number. */
export function noteDraw(): void {
  recorder?.refuse("it draws random numbers");
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

/** Storages that a replay leaves as they were, while it decides; whether a decision has read one. */
let unfilled: ReadonlySet<TypedArray> | null = null, readUnfilled = false;

/** Whether a decision turns out as recorded, and from numbers of this replay, which `without` are not. */
export function isDecidedAgain({ decide, decided }: Guard, without: ReadonlySet<TypedArray>): boolean {
  [unfilled, readUnfilled] = [without, false];
  try {
    return decide() === decided && !readUnfilled;
  } finally {
    unfilled = null;
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

/** Runs `compute` while a recorder notes its operations. */
export function recordedBy(own: Recorder, compute: () => void): void {
  const before = recorder;
  recorder = own;
  try {
    supplied(own, compute);
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
