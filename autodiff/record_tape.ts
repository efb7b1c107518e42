import type { TypedArray } from "./dtype.ts";
import type { ListRoom } from "./kernels/list_room.ts";
import { recordedBy, Recorder } from "./recorder.ts";
import { Tape } from "./tape.ts";

/**
 * Records a step in parts.
 * @param changing storages, and what is no tensor, that differ from step to step, such as parameters; `null`: any storage may
 * @param room for its arrays, so that the kernels can run it as a list; `null`: the runtime's
 * @param constants storages that never change
 * @returns the tape, or why there is none
 */
export function recordTape(
  changing: ReadonlySet<object> | null,
  compute: (endPart: () => void) => void,
  room: ListRoom | null = null,
  constants: ReadonlySet<TypedArray> = new Set(),
): Tape | string {
  const own = new Recorder(changing, room), ends: number[] = [];
  recordedBy(own, () => compute(() => void ends.push(own.entries.length)));
  return own.refused ?? new Tape(own.entries, ends, room === null ? null : { room, constants });
}
