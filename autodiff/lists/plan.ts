/** Where the arrays of lists are: those that are not needed at the same time share room. @module */
import { dtypeOf, type TypedArray } from "../dtype.ts";
import type { ListMemory } from "../kernels/list_memory.ts";
import { chainMakers } from "./chains_in_use.ts";
import { mostKept } from "./most_kept.ts";
import { type Buffer, type Passage, placesOf, type Step, type Unit } from "./writer.ts";

/** Numbers to copy to the lists' memory, or from there. */
export interface Transfer {
  from: TypedArray;
  to: TypedArray;
}

/** What the kernels run between two other acts, what is copied before it, and what after it. */
export interface Stretch {
  imports: readonly Transfer[];
  runs: readonly (() => void)[];
  exports: readonly Transfer[];
}

/** A buffer from its first use to its last, counted in units. What only one chain uses needs no room. */
interface Life {
  buffer: Buffer;
  first: number;
  last: number;
  isInside: boolean;
  /** Where it is in the room of all. */
  place: number;
}

/**
 * Chooses places for buffers, and stores the lists.
 * @param wanted whether a storage outside of lists is read there
 */
export function planned(
  passages: readonly Passage[],
  buffers: readonly Buffer[],
  memory: ListMemory,
  wanted: (data: TypedArray) => boolean,
): Stretch[] {
  const lives = new Map<Buffer, Life>(), rooms = new Map<Unit, Buffer>(), bufferAt = (place: number) => found(buffers, place);
  const use = (buffer: Buffer | null, time: number, isInside = false) => {
    const life = buffer && lives.get(buffer);
    if (buffer === null) return;
    if (!life) return void lives.set(buffer, { buffer, first: time, last: time, isInside, place: 0 });
    life.isInside &&= isInside && life.last === time;
    life.last = time;
  };
  const makers = chainMakers();
  let time = 0;
  const all = passages.map(({ operations, read, filled }) => {
    const units = makers === null ? alone(operations) : makers.unitsOf(operations, bufferAt, placesOf, mostKept),
      exported = [...filled].filter(([data]) => wanted(data));
    for (const place of read.values()) use(bufferAt(place), time);
    for (const unit of units) {
      for (const operation of unit.operations) for (const place of placesOf(operation)) use(bufferAt(place), time, unit.n > 0);
      if (unit.n > 0) {
        const room = { start: 0, bytes: makers!.roomOf(unit) };
        rooms.set(unit, room);
        use(room, time);
      }
      time++;
    }
    for (const [, place] of exported) use(bufferAt(place), time - 1);
    return { units, read, exported };
  });
  const base = memory.share(settle([...lives.values()].filter(({ isInside }) => !isInside)));
  const chosen = (place: number) => {
    const buffer = bufferAt(place), life = buffer && lives.get(buffer);
    return life ? base + life.place + place - life.buffer.start : place;
  };
  const run = (units: readonly Unit[]) => {
    const [{ n }] = units;
    if (n === 0) {
      const [from, end] = memory.list(units.flatMap(({ operations }) => operations.map((one) => placed(one, chosen))));
      return () => memory.run(from, end);
    }
    const isStored = (place: number) => !lives.get(bufferAt(place)!)!.isInside,
      room = base + lives.get(rooms.get(units[0])!)!.place;
    return memory.instance(makers!.moduleOf(units[0], room, chosen, isStored, memory.machine.shared));
  };
  return all.map(({ units, read, exported }) => ({
    imports: [...read].map(([from, place]) => ({ from, to: memory.at(dtypeOf(from), chosen(place), from.length) })),
    runs: together(units).map(run),
    exports: exported.map(([to, place]) => ({ from: memory.at(dtypeOf(to), chosen(place), to.length), to })),
  }));
}

/** The buffer at a place; `null` if it is in the memory. */
function found(buffers: readonly Buffer[], place: number): Buffer | null {
  if (buffers.length === 0 || place < buffers[0].start) return null;
  let low = 0;
  for (let high = buffers.length; high - low > 1;) {
    const middle = (low + high) >> 1;
    if (buffers[middle].start <= place) low = middle;
    else high = middle;
  }
  return buffers[low];
}

/** Gives each life the first room that no other has at the same time. @returns the bytes that all need */
function settle(lives: readonly Life[]): number {
  const settled: Life[] = [];
  let bytes = 0;
  for (const life of lives) {
    // Lives come in the order of their beginnings; `settled` is by place.
    for (const other of settled) {
      if (other.last < life.first) continue;
      if (life.place + life.buffer.bytes <= other.place) break;
      life.place = Math.max(life.place, other.place + other.buffer.bytes);
    }
    const at = settled.findIndex(({ place }) => place > life.place);
    settled.splice(at < 0 ? settled.length : at, 0, life);
    bytes = Math.max(bytes, life.place + life.buffer.bytes);
  }
  return bytes;
}

function alone(operations: readonly Step[]): Unit[] {
  return operations.map((one) => ({ operations: [one], n: 0 }));
}

/** Units that the kernels run in one call: neighbours that are no chains. */
function together(units: readonly Unit[]): Unit[][] {
  const calls: Unit[][] = [];
  for (const unit of units) {
    const last = calls.at(-1);
    if (unit.n === 0 && last !== undefined && last[0].n === 0) last.push(unit);
    else calls.push([unit]);
  }
  return calls;
}

/** An operation at the chosen places. */
function placed(operation: Step, chosen: (place: number) => number) {
  const { code, others: _others, weights: _weights, table, ...fields } = operation, { z = 0, x = 0, y = 0, w = 0 } = fields;
  return { code, ...fields, z: chosen(z), x: table === undefined ? chosen(x) : table(chosen), y: chosen(y), w: chosen(w) };
}
