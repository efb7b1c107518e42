import type { TypedArray } from "./dtype.ts";
import type { Entry } from "./entries.ts";
import type { ListMemory } from "./kernels/list_memory.ts";
import { foreign, type Import, Listing } from "./listing.ts";

/** Where the lists of a recorded step are, and storages that never change. */
export interface ListPlace {
  memory: ListMemory;
  constants: ReadonlySet<TypedArray>;
}

/** Operations that the kernels run in one call. */
export interface Stretch {
  from: number;
  end: number;
  imports: readonly Import[];
}

/** What a replay does next. */
export type Act = Entry | Stretch;

/**
 * The entries of each part, with stretches of operations as lists. A stretch goes on past decisions, which only read: they follow
 * it. What comes after the first change of a gradient is no part of a list, because it may read gradients.
 */
export function listsOf(parts: readonly (readonly Entry[])[], results: ReadonlySet<TypedArray>, place: ListPlace): Act[][] {
  const listing = new Listing(place.memory, results, place.constants);
  let changed = false;
  return parts.map((entries) => {
    const acts: Act[] = [];
    let decisions: Entry[] = [];
    const end = () => {
      if (listing.operations.length > 0) acts.push(listing.stored());
      acts.push(...decisions);
      decisions = [];
    };
    for (const entry of entries) {
      if ("decide" in entry) decisions.push(entry);
      else if (changed || "leaf" in entry || foreign.has(entry.primitive) || !listing.take(entry)) {
        end();
        acts.push(entry);
        changed ||= "leaf" in entry;
      }
    }
    end();
    return acts;
  });
}
