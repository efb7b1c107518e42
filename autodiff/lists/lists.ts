import type { Device } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import type { Entry, Operation } from "../entries.ts";
import { NoRoom } from "../kernels/list_memory.ts";
import type { ListRoom } from "../kernels/list_room.ts";
import { type NdArray, supplied } from "../ndarray.ts";
import type { AnyArray } from "../remote_array.ts";
import { ListDevice } from "./device.ts";
import { chainMakers } from "./chains_in_use.ts";
import { mostKept } from "./most_kept.ts";
import { stored, type Stretch } from "./plan.ts";
import { ListWriter, type Passage, Unlisted, unlisted } from "./writer.ts";

/** Where the lists of a recorded step are, storages that never change, and results that are read after it; `null`: any may be. */
export interface ListPlace {
  room: ListRoom;
  constants: ReadonlySet<TypedArray>;
  wanted: ReadonlySet<TypedArray> | null;
}

/** What a replay does next. */
export type Act = Entry | Stretch;

/** What replays of each part do, and the storages of results that they leave as they were. */
export interface Lists {
  parts: readonly (readonly Act[])[];
  unfilled: ReadonlySet<TypedArray>;
  /** Whether long operations would be chains if what makes them were loaded. */
  waits: boolean;
}

/**
 * The entries of each part, with stretches of operations as lists; without lists, if there is no room for them. A stretch goes on
 * past decisions, which only read: they follow it. What comes after the first change of a gradient is no part of a list, because it
 * may read gradients.
 */
export function listsOf(
  parts: readonly (readonly Entry[])[],
  results: ReadonlySet<TypedArray>,
  place: ListPlace,
): Lists {
  try {
    return listed(parts, results, place);
  } catch (error) {
    if (error instanceof NoRoom) return { parts, unfilled: new Set(), waits: false };
    throw error;
  }
}

function listed(parts: readonly (readonly Entry[])[], results: ReadonlySet<TypedArray>, place: ListPlace): Lists {
  const { room: { memory }, constants } = place,
    writer = new ListWriter(memory, results, constants),
    device = new ListDevice(writer);
  const passages: Passage[] = [], wanted = new Set<TypedArray>();
  let changed = false;
  const found = parts.map((entries) => {
    const acts: (Entry | Passage)[] = [];
    let decisions: Entry[] = [];
    const end = () => {
      if (writer.operations.length > 0) {
        const passage = writer.passage();
        passages.push(passage);
        acts.push(passage);
      }
      acts.push(...decisions);
      decisions = [];
    };
    for (const entry of entries) {
      if ("decide" in entry) decisions.push(entry);
      else if (changed || "leaf" in entry || entry.primitive.cpu !== undefined || !isListed(device, entry)) {
        end();
        acts.push(entry);
        changed ||= "leaf" in entry;
        for (const { data } of "leaf" in entry ? [entry.from] : entry.inputs) wanted.add(data);
      }
    }
    end();
    return acts;
  });
  const isWanted = (data: TypedArray) =>
    place.wanted === null || data.length <= mostKept || place.wanted.has(data) || wanted.has(data);
  const stretches = stored(passages, writer.buffers, memory, isWanted);
  return {
    parts: found.map((acts) => acts.map((act) => "read" in act ? stretches[passages.indexOf(act)] : act)),
    waits: chainMakers() === null && passages.some(({ filled }) => filled.size > 0),
    unfilled: new Set(passages.flatMap(({ filled }) => [...filled.keys()]).filter((data) => !isWanted(data))),
  };
}

/** Lists a recorded operation. @returns whether a list can do it */
function isListed(device: ListDevice, operation: Operation): boolean {
  const { output, saved } = operation, results = saved === null ? [output] : [output, saved];
  // Each array is filled once, so an operation of several steps may have to copy its result.
  return lists(device, operation, results) || lists(device, operation, []);
}

/** @param free recorded arrays that may be filled without a copy */
function lists({ device, writer }: ListDevice, operation: Operation, free: readonly NdArray[]): boolean {
  const { primitive, inputs, options, shape, output, saved } = operation;
  let kept: NdArray | null = null;
  const save = (array: AnyArray) => void (kept = array as NdArray);
  writer.begin(free);
  try {
    // Whatever a primitive does by itself is in JavaScript.
    const found = supplied(
      { next: unlisted },
      () => primitive.forward(device as Device<AnyArray>, inputs, options, shape, save) as NdArray,
    );
    writer.finish(output, found);
    if (saved !== null && kept !== null) writer.finish(saved, kept);
    writer.end();
    return true;
  } catch (error) {
    if (!(error instanceof Unlisted)) throw error;
    writer.undo();
    return false;
  }
}
