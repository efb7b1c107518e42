import type { Device } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import type { Entry, Operation } from "../entries.ts";
import { NoRoom } from "../kernels/list_memory.ts";
import type { ListRoom } from "../kernels/list_room.ts";
import { type NdArray, supplied } from "../ndarray.ts";
import type { AnyArray } from "../remote_array.ts";
import { ListDevice } from "./device.ts";
import { type Import, ListWriter, Unlisted, unlisted } from "./writer.ts";

/** Where the lists of a recorded step are, and storages that never change. */
export interface ListPlace {
  room: ListRoom;
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
 * The entries of each part, with stretches of operations as lists; without lists, if there is no room for them. A stretch goes on
 * past decisions, which only read: they follow it. What comes after the first change of a gradient is no part of a list, because it
 * may read gradients.
 */
export function listsOf(
  parts: readonly (readonly Entry[])[],
  results: ReadonlySet<TypedArray>,
  place: ListPlace,
): readonly (readonly Act[])[] {
  try {
    return listed(parts, results, place);
  } catch (error) {
    if (error instanceof NoRoom) return parts;
    throw error;
  }
}

function listed(parts: readonly (readonly Entry[])[], results: ReadonlySet<TypedArray>, place: ListPlace): Act[][] {
  const writer = new ListWriter(place.room, results, place.constants), device = new ListDevice(writer);
  let changed = false;
  return parts.map((entries) => {
    const acts: Act[] = [];
    let decisions: Entry[] = [];
    const end = () => {
      if (writer.operations.length > 0) acts.push(writer.stored());
      acts.push(...decisions);
      decisions = [];
    };
    for (const entry of entries) {
      if ("decide" in entry) decisions.push(entry);
      else if (changed || "leaf" in entry || entry.primitive.cpu !== undefined || !isListed(device, entry)) {
        end();
        acts.push(entry);
        changed ||= "leaf" in entry;
      }
    }
    end();
    return acts;
  });
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
    return true;
  } catch (error) {
    if (!(error instanceof Unlisted)) throw error;
    writer.undo();
    return false;
  }
}
