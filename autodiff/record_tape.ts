import type { TypedArray } from "./dtype.ts";
import type { ListRoom } from "./kernels/list_room.ts";
import { recordedBy, Recorder } from "./recorder.ts";
import { here } from "./remote_array.ts";
import { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Records a step in parts.
 * @param compute returns the tensors whose numbers are read after a replay, beside those that decisions read; default: any may be
 * @param changing storages, and what is no tensor, that differ from step to step, such as parameters; `null`: any storage may
 * @param room for its arrays, so that the kernels can run it as a list; `null`: the runtime's
 * @param constants storages that never change
 * @returns the tape, or why there is none
 */
export function recordTape(
  changing: ReadonlySet<object> | null,
  compute: (endPart: () => void) => Iterable<Tensor> | void,
  room: ListRoom | null = null,
  constants: ReadonlySet<TypedArray> = new Set(),
): Tape | string {
  const own = new Recorder(changing, room), ends: number[] = [];
  let read: Iterable<Tensor> | void = undefined;
  recordedBy(own, () => read = compute(() => void ends.push(own.entries.length)));
  if (own.refused !== null || room === null) return own.refused ?? new Tape(own.entries, ends);
  const wanted = read === undefined ? null : new Set([...own.decisive, ...Array.from(read, ({ array }) => here(array).data)]);
  return new Tape(own.entries, ends, { room, constants, wanted });
}
