import type { Card, Memory, Pass } from "./api.ts";
import { type Each, joined, type Stored, typeOf } from "./elementwise.ts";
import { type Call, type Compiler, dispatchOf, mostNumbers, numberBytes } from "./kernel.ts";
import { type Block, type Buffer, lend, type Pool } from "./memory.ts";

/** What a training step did: its work, and the buffers at its edges. */
export interface Noted {
  /** Up to what is told. */
  forward: readonly (Call | Each)[];
  /** From the slopes to the gradient. */
  backward: readonly (Call | Each)[];
  /** The update, whose real numbers differ from step to step. */
  update: readonly (Call | Each)[];
  features: Buffer;
  slopes: Buffer;
  told: readonly Buffer[];
  /** The parameters and the optimizer's arrays, before and after the step. */
  before: readonly Buffer[];
  after: readonly Buffer[];
}

/** A call with all that the card needs: its bindings in steps of either turn, and where its numbers are. */
interface Ready {
  pipeline: object;
  bindings: readonly object[];
  numbers: readonly [number];
  groups: readonly [number, number];
}

interface Place {
  block: Block;
  start: number;
}

/** Elements in a buffer begin at a multiple of this. */
export const alignment = 256;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** The arrays of an optimizer, twice: a step reads those whose turn it is, and writes the others, so that nothing is copied. */
export class Turns {
  /** Which arrays hold the numbers now. */
  now = 1;
  readonly blocks: readonly Block[][];

  constructor(pool: Pool, arrays: readonly Buffer[]) {
    this.blocks = [0, 1].map(() => arrays.map(({ size }) => pool.take(4 * size)));
  }

  /** Has a step write its results to the other arrays, whose turn is next. */
  take(after: readonly Buffer[]): void {
    this.now = 1 - this.now;
    after.forEach((buffer, i) => lend(this.blocks[this.now][i], buffer));
  }
}

/**
 * A training step as two lists of calls, whose pipelines, bindings and numbers were made once. What differs from step to step (its
 * features, slopes, and the real numbers of the update) is one array of bytes. It goes to two arenas in turns, because a step
 * still reads its features when the next ones are there.
 */
export class Program {
  readonly bytes: ArrayBuffer;
  /** The arena where the bytes are to be; `null` if they are there. */
  unsent: Memory | null = null;
  readonly #arenas: readonly Block[];
  readonly #lists: { forward: readonly Ready[]; backward: readonly Ready[] };
  readonly #held: Block[] = [];
  readonly #places: readonly Map<Buffer, Place>[] = [new Map(), new Map()];
  readonly #slopesAt: number;
  /** Real numbers of all later calls, in order; from `#updateFrom` on they are the update's. */
  readonly #reals: number[];
  readonly #updateFrom: number;
  /** Where the update's numbers go: from place `from` of them all. */
  readonly #changing: { from: number; to: Float32Array }[] = [];

  /** @param noted a step that {@link isReplayable} */
  constructor(
    card: Card,
    compiler: Compiler,
    readonly pool: Pool,
    mostArrays: number,
    readonly noted: Noted,
    readonly turns: Turns,
  ) {
    const { forward, backward, update, features, slopes, told, before, after } = noted, later = [...backward, ...update];
    const kept = new Set([...told, ...after]), readers = new Map<Buffer, number>();
    for (const input of [...forward, ...later].flatMap(({ inputs }) => inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
    const isStored: Stored = (output, within) => kept.has(output) || (readers.get(output) ?? 0) > within;
    const [first, second] = [forward, later].map((work) =>
      joined<never>(work, mostArrays, isStored).filter(({ outputs }) => outputs.length > 0)
    );
    this.#slopesAt = aligned(4 * features.size);
    const numbersAt = this.#slopesAt + aligned(4 * slopes.size), fixed = new ArrayBuffer(Math.max(1, first.length) * numberBytes);
    this.bytes = new ArrayBuffer(numbersAt + second.length * numberBytes);
    this.#arenas = [0, 1].map(() => this.#taken(this.bytes.byteLength));
    first.forEach((call, i) => writeNumbers(call, fixed, i * numberBytes));
    this.#reals = realsOf(later);
    this.#updateFrom = realsOf(backward).length;
    let from = 0;
    second.forEach((call, i) => {
      const to = writeNumbers(call, this.bytes, numbersAt + i * numberBytes);
      if (from + to.length > this.#updateFrom) this.#changing.push({ from, to });
      from += to.length;
    });
    this.#places.forEach((places, turn) => {
      places.set(features, { block: this.#arenas[turn], start: 0 });
      places.set(slopes, { block: this.#arenas[1 - turn], start: this.#slopesAt });
      before.forEach((buffer, i) => places.set(buffer, { block: turns.blocks[turn][i], start: 0 }));
      after.forEach((buffer, i) => places.set(buffer, { block: turns.blocks[1 - turn][i], start: 0 }));
    });
    this.#place([...first, ...second], new Set(told));
    const block = this.#taken(fixed.byteLength),
      ready = (list: readonly Call[], numbers: readonly Block[], start: number) =>
        list.map(({ kernel, inputs, outputs, groups }, i): Ready => {
          const { pipeline, layout } = compiler.compiled(kernel);
          const bindings = this.#places.map((places, turn) => {
            const resources = [...inputs, ...outputs].map((buffer) => ({ ...places.get(buffer)!, size: 4 * buffer.size }));
            const entries = [{ block: numbers[turn], start: 0, size: numberBytes }, ...resources].map((
              { block: { memory }, start, size },
              binding,
            ) => ({ binding, resource: { buffer: memory, offset: start, size } }));
            return card.createBindGroup({ layout, entries });
          });
          return { pipeline, bindings, numbers: [start + i * numberBytes], groups: dispatchOf(groups) };
        });
    card.queue.writeBuffer(block.memory, 0, fixed, 0, fixed.byteLength);
    this.#lists = {
      forward: ready(first, [block, block], 0),
      backward: ready(second, this.#arenas.toReversed(), numbersAt),
    };
  }

  /** Lends the memory of what is told to buffers that can be read. */
  lendTold(to: readonly Buffer[]): void {
    to.forEach((buffer, i) => lend(this.#places[0].get(this.noted.told[i])!.block, buffer));
  }

  /** Puts features among the bytes. */
  setFeatures(values: ArrayLike<number>): void {
    new Float32Array(this.bytes, 0, this.noted.features.size).set(values);
    this.unsent = this.#arenas[this.turns.now].memory;
  }

  /** Puts slopes, and the update's numbers, among the bytes. */
  setSlopes(values: ArrayLike<number>, update: readonly (Call | Each)[]): void {
    new Float32Array(this.bytes, this.#slopesAt, this.noted.slopes.size).set(values);
    realsOf(update).forEach((real, i) => this.#reals[this.#updateFrom + i] = real);
    for (const { from, to } of this.#changing) for (let i = 0; i < to.length; i++) to[i] = this.#reals[from + i];
    this.unsent = this.#arenas[1 - this.turns.now].memory;
  }

  /** Adds a list's calls, for a step of a turn; returns their number. */
  encode(pass: Pass, part: "forward" | "backward", turn: number): number {
    const list = this.#lists[part];
    let last: object | null = null;
    for (const { pipeline, bindings, numbers, groups } of list) {
      if (pipeline !== last) pass.setPipeline(last = pipeline);
      pass.setBindGroup(0, bindings[turn], numbers);
      pass.dispatchWorkgroups(groups[0], groups[1]);
    }
    return list.length;
  }

  /** Gives its memory back, and that of its turns. */
  end(): void {
    for (const block of [...this.#held.splice(0), ...this.turns.blocks.flatMap((blocks) => blocks.splice(0))]) block.leave();
  }

  #taken(bytes: number): Block {
    const block = this.pool.take(bytes);
    this.#held.push(block);
    return block;
  }

  /** Finds memory for results, used again after their last reader, except for what is told. */
  #place(calls: readonly Call[], told: ReadonlySet<Buffer>): void {
    const [places, others] = this.#places, last = new Map<Buffer, number>(), free: Block[] = [];
    calls.forEach(({ inputs, outputs }, i) => [...inputs, ...outputs].forEach((buffer) => last.set(buffer, i)));
    const own = new Set<Buffer>(),
      put = (buffer: Buffer, place: Place) => [places, others].forEach((all) => all.set(buffer, place));
    calls.forEach(({ inputs, outputs }, i) => {
      for (const buffer of inputs) {
        if (places.has(buffer)) continue;
        // A constant, which stays.
        const { lease: { block }, start } = buffer;
        block!.users++;
        this.#held.push(block!);
        put(buffer, { block: block!, start });
      }
      for (const buffer of outputs) {
        if (places.has(buffer)) continue;
        const fits = free.findIndex(({ memory: { size } }) => size >= 4 * buffer.size && size <= 8 * buffer.size + alignment);
        put(buffer, { block: fits < 0 ? this.#taken(4 * buffer.size) : free.splice(fits, 1)[0], start: 0 });
        own.add(buffer);
      }
      for (const buffer of new Set([...inputs, ...outputs])) {
        if (last.get(buffer) === i && own.has(buffer) && !told.has(buffer)) free.push(places.get(buffer)!.block);
      }
    });
  }
}

/** Whether all that a step reads is there before, and its update gives its own results. */
export function isReplayable({ forward, backward, update, features, slopes, told, before, after }: Noted): boolean {
  const known = new Set([features, slopes, ...before]), results = new Set(update.flatMap(({ outputs }) => outputs));
  if (before.length !== after.length || new Set(after).size < after.length || !after.every((one) => results.has(one))) {
    return false;
  }
  for (const { inputs, outputs } of [...forward, ...backward, ...update]) {
    if (inputs.some((one) => !known.has(one) && (one.lease.block === null || one.step !== null))) return false;
    for (const output of outputs) known.add(output);
  }
  const made = new Set(forward.flatMap(({ outputs }) => outputs));
  return told.every((one) => made.has(one));
}

/** Writes a call's numbers; returns the real ones in place. */
export function writeNumbers({ wholes, reals }: Call, bytes: ArrayBuffer, at: number): Float32Array {
  new Uint32Array(bytes, at, mostNumbers).set(wholes);
  const to = new Float32Array(bytes, at + 4 * mostNumbers, reals.length);
  to.set(reals);
  return to;
}

/** The real numbers of work, in the order in which calls have them. */
function realsOf(work: readonly (Call | Each)[]): number[] {
  return work.flatMap((one) =>
    "formula" in one
      ? one.operands.flatMap((operand) => "number" in operand && typeOf(operand.dtype) !== "i32" ? [operand.number] : [])
      : one.reals
  );
}

/** Whether a step did the same as another, with the same constants, up to the real numbers of the update. */
export function agree(a: Noted, b: Noted): boolean {
  const twins = new Map<Buffer, Buffer>();
  const same = (a: readonly Buffer[], b: readonly Buffer[]) =>
    a.length === b.length && a.every((buffer, i) => {
      if (!twins.has(buffer)) twins.set(buffer, b[i]);
      return twins.get(buffer) === b[i] && buffer.size === b[i].size;
    });
  const work = ({ forward, backward, update }: Noted) => [...forward, ...backward, ...update];
  const edges = ({ features, slopes, told, before, after }: Noted) => [features, slopes, ...told, ...before, ...after];
  // What neither is at an edge nor was made in the step is a constant; another one would be a state of the model.
  const own = new Set([...edges(a), ...work(a).flatMap(({ outputs }) => outputs)]);
  for (const one of work(a).flatMap(({ inputs }) => inputs)) if (!own.has(one)) twins.set(one, one);
  return same(edges(a), edges(b)) &&
    (["forward", "backward", "update"] as const).every((list) =>
      a[list].length === b[list].length && a[list].every((one, i) => {
        const other = b[list][i];
        return textOf(one, list === "update") === textOf(other, list === "update") && same(one.inputs, other.inputs) &&
          same(one.outputs, other.outputs);
      })
    );
}

/** All of a work but its buffers. */
function textOf(work: Call | Each, isUpdate: boolean): string {
  if (!("formula" in work)) return `${work.kernel.key};${work.wholes};${isUpdate ? "" : work.reals};${work.groups}`;
  const operands = work.operands.map((one) =>
    "number" in one ? isUpdate ? "" : one.number : `${one.dtype} ${one.stride} ${one.offset}`
  );
  return `${work.formula};${work.names};${work.dtype};${work.shape};${operands.join("; ")}`;
}
