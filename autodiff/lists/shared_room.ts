/** Long arrays that are not needed at the same time share room, and chains are one pass. @module */
import type { ListMemory } from "../kernels/list_memory.ts";
import { moduleOf, roomOf } from "./chain_module.ts";
import { unitsOf } from "./chains.ts";
import type { Plan, Planned } from "./plan.ts";
import type { Buffer, Step, Unit } from "./writer.ts";

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
 * A plan of all passages.
 * @param most numbers of an array that is short
 */
export function planned(
  passages: readonly Planned[],
  buffers: readonly Buffer[],
  memory: ListMemory,
  placesOf: (operation: Step) => number[],
  most: number,
): Plan {
  const lives = new Map<Buffer, Life>(), rooms = new Map<Unit, Buffer>(), bufferAt = (place: number) => found(buffers, place);
  const use = (buffer: Buffer | null, time: number, isInside = false) => {
    const life = buffer && lives.get(buffer);
    if (buffer === null) return;
    if (!life) return void lives.set(buffer, { buffer, first: time, last: time, isInside, place: 0 });
    life.isInside &&= isInside && life.last === time;
    life.last = time;
  };
  let time = 0;
  const all = passages.map(({ operations, read, exported }) => {
    const units = unitsOf(operations, bufferAt, placesOf, most);
    for (const place of read) use(bufferAt(place), time);
    for (const unit of units) {
      for (const operation of unit.operations) for (const place of placesOf(operation)) use(bufferAt(place), time, unit.n > 0);
      if (unit.n > 0) {
        const room = { start: 0, bytes: roomOf(unit) };
        rooms.set(unit, room);
        use(room, time);
      }
      time++;
    }
    for (const place of exported) use(bufferAt(place), time - 1);
    return units;
  });
  const base = memory.share(settle([...lives.values()].filter(({ isInside }) => !isInside)));
  const chosen = (place: number) => {
    const buffer = bufferAt(place), life = buffer && lives.get(buffer);
    return life ? base + life.place + place - life.buffer.start : place;
  };
  const isStored = (place: number) => !lives.get(bufferAt(place)!)!.isInside;
  const call = (units: readonly Unit[]) => {
    if (units[0].n === 0) return units.flatMap(({ operations }) => operations);
    return moduleOf(units[0], base + lives.get(rooms.get(units[0])!)!.place, chosen, isStored, memory.machine.shared);
  };
  return { chosen, calls: all.map((units) => together(units).map(call)) };
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
