/**
 * A chain of operations as a WebAssembly module of its own: one pass, whose numbers stay in registers, two at a time. It has the bits
 * of `kernels/assembly/`: arithmetic is float64, and results are rounded to the dtype of their array.
 *
 * Functions such as e^x are kernels, which work on many numbers in place. So a chain goes block by block: a pass up to each function
 * and one after the last. What a later pass needs waits in a near cache.
 * @module
 */
import { functions, readsOf } from "./chains.ts";
import type { Step, Unit } from "./writer.ts";

/** Numbers in a block, and bytes of a block of float64 numbers and one more. */
const blockLength = 512, blockBytes = 8 * blockLength + 64;

/** The bytes that a chain needs while it runs. */
export function roomOf({ operations }: Unit): number {
  return blockBytes * (1 + Math.max(-1, ...waiting(operations).values()));
}

/** The results that a later pass than their own needs, each with the number of a block that is free until it is needed last. */
function waiting(operations: readonly Step[]): Map<number, number> {
  const lives = new Map<number, { made: number; last: number }>(), blocks = new Map<number, number>(), ends: number[] = [];
  let pass = 0;
  for (const operation of operations) {
    for (const { place } of readsOf(operation)) {
      const life = lives.get(place);
      if (life !== undefined) life.last = pass;
    }
    const life = lives.get(operation.z!);
    if (!isFunction(operation)) lives.set(operation.z!, { made: pass, last: pass });
    else life!.last = ++pass;
  }
  for (const [place, { made, last }] of lives) {
    if (made === last) continue;
    const free = ends.findIndex((end) => end < made), block = free < 0 ? ends.length : free;
    ends[block] = last;
    blocks.set(place, block);
  }
  return blocks;
}

function isFunction({ code }: Step): boolean {
  return functions.includes(code as "exp");
}

/** Instructions on two float64 numbers, and conversions. */
const instructions = {
  ...{ load: 0, splat32: 9, splat64: 10, store: 11, constant: 12, store64: 91, load64: 93, demote: 94, promote: 95, whole: 254 },
  ...{ and: 78, andnot: 79, bitselect: 82, equal: 71, notEqual: 72, less: 73, greater: 74, lessEqual: 75 },
  ...{ abs: 236, neg: 237, sqrt: 239, add: 240, sub: 241, mul: 242, div: 243, minimum: 244, maximum: 245 },
};

type Code = (number | readonly number[])[];

function v(name: keyof typeof instructions, ...more: number[]): number[] {
  return [253, ...natural(instructions[name]), ...more];
}

/** A whole number from 0 in LEB128. */
function natural(x: number): number[] {
  return x > 127 ? [x % 128 + 128, ...natural(Math.floor(x / 128))] : [x];
}

/** Puts a whole number from 0 on the stack; digits of LEB128 have a sign. */
function whole(x: number): number[] {
  const digits = natural(x), last = digits.pop()!;
  return [65, ...digits, ...last < 64 ? [last] : [last + 128, 0]];
}

function get(local: number): number[] {
  return [32, ...natural(local)];
}

function set(local: number): number[] {
  return [33, ...natural(local)];
}

/** A place beside the address on the stack. */
function from(place: number): number[] {
  return [0, ...natural(place)];
}

function repeated(x: number): number[] {
  const bytes = new Uint8Array(Float64Array.of(x).buffer);
  return v("constant", ...bytes, ...bytes);
}

/** Bytes of float64 numbers before a block, within it, in it, and before a pair; of float32 numbers before a pair. */
const [start, near, length, wide, narrow] = [0, 1, 2, 3, 4], firstPair = 5;

/** How an array holds numbers. */
type Kind = "wide" | "narrow" | "whole";

/** The code of a block. */
class Block {
  /** What comes before all blocks: loads of repeated numbers. */
  readonly before: Code = [];
  readonly code: Code = [];
  pairs = 0;
  #pass: Code = [];
  /** Locals of places in this pass; of repeated numbers. */
  #here = new Map<number, number>();
  readonly #repeated = new Map<number, number>();
  /** Rooms of results that a later pass needs. */
  readonly #rooms = new Map<number, number>();

  constructor(
    readonly operations: readonly Step[],
    room: number,
    readonly chosen: (place: number) => number,
    readonly isStored: (place: number) => boolean,
  ) {
    for (const [place, block] of waiting(operations)) this.#rooms.set(place, room + block * blockBytes);
    for (const operation of operations) {
      if (isFunction(operation)) this.#function(operation);
      else this.#operation(operation);
    }
    this.#end();
  }

  #operation({ code, wide: isWide, z, x, xStep, y, yStep, w, wStep, others, weights }: Step): void {
    const kind = isWide ? "wide" : "narrow", one = repeated(1), zero = repeated(0);
    const a = () => get(this.#value(x!, kind, xStep === 0)), b = () => get(this.#value(y!, kind, yStep === 0));
    const c = () => get(this.#value(w!, "wide", wStep === 0));
    const truth = (name: "greater" | "less", x: number[]) => [...x, ...zero, ...v(name), ...one, ...v("and")];
    switch (code) {
      case "copy":
        return this.#put(z!, "wide", get(this.#value(x!, "wide")));
      case "widen":
        return this.#put(z!, "wide", get(this.#value(x!, "narrow")));
      case "whole":
        return this.#put(z!, "wide", get(this.#value(x!, "whole")));
      case "narrow":
        return this.#put(z!, "narrow", get(this.#value(x!, "wide")));
      case "equal":
      case "notEqual":
      case "less":
      case "lessEqual":
        return this.#put(z!, kind, a(), b(), v(code), one, v("and"));
      case "neg":
      case "sqrt":
      case "abs":
        return this.#put(z!, kind, a(), v(code));
      case "decay":
        return this.#put(z!, kind, a(), v("abs"), v("neg"));
      case "sign":
        return this.#put(z!, kind, truth("greater", a()), truth("less", a()), v("sub"));
      case "relu":
        return this.#put(z!, kind, a(), a(), zero, v("lessEqual"), v("andnot"));
      case "gate":
        return this.#put(z!, kind, a(), b(), zero, v("lessEqual"), v("andnot"));
      case "finite":
        return this.#put(z!, kind, a(), a(), v("abs"), repeated(Infinity), v("equal"), v("andnot"));
      case "sigmoidSlope":
        return this.#put(z!, kind, a(), b(), one, b(), v("sub"), v("mul"), v("mul"));
      case "where":
        return this.#put(z!, kind, a(), b(), c(), zero, v("notEqual"), v("bitselect"));
      case "logistic":
        return this.#put(z!, kind, c(), one, a(), zero, v("less"), v("bitselect"), one, c(), v("add"), v("div"));
      case "weightedSum":
        return this.#put(
          z!,
          kind,
          repeated(weights![0]),
          ...others!.flatMap((place, i) => [repeated(weights![i + 1]), get(this.#value(place, kind)), v("mul"), v("add")]),
        );
      default:
        return this.#put(z!, kind, a(), b(), v(code as "add"));
    }
  }

  /** The local of the numbers of a place. */
  #value(place: number, kind: Kind, repeats = false): number {
    const known = repeats ? this.#repeated : this.#here, found = known.get(place);
    if (found !== undefined) return found;
    const local = this.#local(), room = this.#rooms.get(place), there = from(this.chosen(place));
    const code = repeats ? this.before : this.#pass;
    known.set(place, local);
    if (repeats) code.push(whole(0), v(kind === "wide" ? "splat64" : "splat32", ...there));
    else if (room !== undefined) code.push(get(near), v("load", ...from(room)));
    else if (kind === "wide") code.push(get(wide), v("load", ...there));
    else code.push(get(narrow), v("load64", ...there));
    if (kind === "narrow" && room === undefined) code.push(v("promote"));
    if (kind === "whole") code.push(v("whole"));
    code.push(set(local));
    return local;
  }

  /** Makes what is on the stack the numbers of a place. */
  #put(z: number, kind: Kind, ...code: number[][]): void {
    const local = this.#local(), pass = this.#pass;
    pass.push(...code);
    if (kind === "narrow") {
      pass.push(v("demote"), set(local));
      if (this.isStored(z)) pass.push(get(narrow), get(local), v("store64", ...from(this.chosen(z)), 0));
      pass.push(get(local), v("promote"));
    }
    pass.push(set(local));
    if (kind === "wide" && this.isStored(z)) pass.push(get(wide), get(local), v("store", ...from(this.chosen(z))));
    this.#here.set(z, local);
    this.#wait(z);
  }

  /** Stores the numbers of a place for later passes. */
  #wait(place: number): void {
    const room = this.#rooms.get(place);
    if (room !== undefined) this.#pass.push(get(near), get(this.#here.get(place)!), v("store", ...from(room)));
  }

  #local(): number {
    return firstPair + this.pairs++;
  }

  #function({ code, z }: Step): void {
    this.#end();
    this.code.push(whole(this.#rooms.get(z!)!), get(length), whole(3), 118, [16, functions.indexOf(code as "exp")]);
    if (this.isStored(z!)) {
      this.#pass.push(get(wide), get(this.#value(z!, "wide")), v("store", ...from(this.chosen(z!))));
    }
  }

  /** Ends a pass. */
  #end(): void {
    if (this.#pass.length > 0) {
      this.code.push(
        whole(0),
        set(near),
        [3, 64],
        get(start),
        get(near),
        106,
        [34, wide],
        whole(1),
        118,
        set(narrow),
        ...this.#pass,
      );
      this.code.push(get(near), whole(16), 106, [34, near], get(length), 73, [13, 0], 11);
    }
    this.#pass = [];
    this.#here.clear();
  }
}

/**
 * The module of a chain. It imports `memory`, and the kernels of its functions, and exports `run`.
 * @param room where it has {@link roomOf} bytes
 * @param chosen the place of an array
 * @param isStored whether a result is needed after the chain
 * @param shared whether threads share the memory
 */
export function moduleOf(
  { operations, n }: Unit,
  room: number,
  chosen: (place: number) => number,
  isStored: (place: number) => boolean,
  shared: boolean,
): WebAssembly.Module {
  const block = new Block(operations, room, chosen, isStored), bytes = operations.some(isFunction) ? 8 * blockLength : 8 * n;
  const body: Code = [
    ...[2, [5, 127], natural(block.pairs), 123],
    ...block.before,
    // A loop over blocks; the last may be shorter.
    ...[[3, 64], whole(bytes), whole(8 * n), get(start), 107, whole(bytes), whole(8 * n), get(start), 107, 73, 27, set(length)],
    ...block.code,
    ...[get(start), whole(bytes), 106, [34, start], whole(8 * n), 73, [13, 0], 11, 11],
  ];
  const flat = body.flat(), names = functions.flatMap((name) => [...text("kernels"), ...text(`${name}Each`), 0, 1]);
  const limits = [shared ? 3 : 1, ...natural(16), ...natural(65536)];
  return new WebAssembly.Module(Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [2, 96, 0, 0, 96, 2, 127, 127, 0]),
    ...section(2, [functions.length + 1, ...text("env"), ...text("memory"), 2, ...limits, ...names]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("run"), 0, functions.length]),
    ...section(10, [1, ...natural(flat.length), ...flat]),
  ]));
}

function section(id: number, bytes: number[]): number[] {
  return [id, ...natural(bytes.length), ...bytes];
}

function text(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)];
}
