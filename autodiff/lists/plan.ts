/** Lists in the lists' memory, with places for their arrays. @module */
import { dtypeOf, type TypedArray } from "../dtype.ts";
import type { ListMemory } from "../kernels/list_memory.ts";
import { chainMakers } from "./chains_in_use.ts";
import { mostKept } from "./most_kept.ts";
import { type Buffer, firstBuffer, type Passage, placesOf, type Step } from "./writer.ts";

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

/** Operations, and the places of storages that are read elsewhere after them. */
export interface Planned {
  operations: readonly Step[];
  read: readonly number[];
  exported: readonly number[];
}

/** Where arrays are, and for each passage what the kernels run: lists, and modules of chains. */
export interface Plan {
  chosen: (place: number) => number;
  calls: readonly (readonly (readonly Step[] | WebAssembly.Module)[])[];
}

/**
 * Chooses places for buffers, and stores the lists.
 * @param wanted whether a storage outside of lists is read there
 */
export function stored(
  passages: readonly Passage[],
  buffers: readonly Buffer[],
  memory: ListMemory,
  wanted: (data: TypedArray) => boolean,
): Stretch[] {
  const exports = passages.map(({ filled }) => [...filled].filter(([data]) => wanted(data)));
  const all = passages.map(({ operations, read }, i) => (
    { operations, read: [...read.values()], exported: exports[i].map(([, place]) => place) }
  ));
  const makers = passages.some(({ filled }) => filled.size > 0) ? chainMakers() : null;
  const { chosen, calls } = makers?.planned(all, buffers, memory, placesOf, mostKept) ?? inOrder(all, buffers, memory);
  return passages.map(({ read }, i) => ({
    imports: [...read].map(([from, place]) => ({ from, to: memory.at(dtypeOf(from), chosen(place), from.length) })),
    runs: calls[i].map((call) => {
      if (call instanceof WebAssembly.Module) return memory.instance(call);
      const [from, end] = memory.list(call.map((one) => placed(one, chosen)));
      return () => memory.run(from, end);
    }),
    exports: exports[i].map(([to, place]) => ({ from: memory.at(dtypeOf(to), chosen(place), to.length), to })),
  }));
}

/** Buffers one after the other. */
function inOrder(all: readonly Planned[], buffers: readonly Buffer[], memory: ListMemory): Plan {
  const last = buffers.at(-1), base = last === undefined ? 0 : memory.share(last.start + last.bytes - firstBuffer) - firstBuffer;
  return {
    chosen: (place) => place < firstBuffer ? place : base + place,
    calls: all.map(({ operations }) => [operations]),
  };
}

/** An operation at the chosen places. */
function placed(operation: Step, chosen: (place: number) => number) {
  const { code, others: _others, weights: _weights, table, ...fields } = operation, { z = 0, x = 0, y = 0, w = 0 } = fields;
  return { code, ...fields, z: chosen(z), x: table === undefined ? chosen(x) : table(chosen), y: chosen(y), w: chosen(w) };
}
