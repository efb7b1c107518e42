import type { TypedArray } from "./dtype.ts";
import type { ListMemory } from "./kernels/list_memory.ts";
import { recordedBy, Recorder } from "./recorder.ts";
import { Tape } from "./tape.ts";

/**
 * Records a step in parts.
 * @param changing storages that differ from step to step, such as parameters; `null`: any may
 * @param memory for its arrays, so that the kernels can run it as a list; `null`: the runtime's
 * @param constants storages that never change
 * @returns the tape, or why there is none
 */
export function recordTape(
  changing: ReadonlySet<TypedArray> | null,
  compute: (endPart: () => void) => void,
  memory: ListMemory | null = null,
  constants: ReadonlySet<TypedArray> = new Set(),
): Tape | string {
  const own = new Recorder(changing, memory), ends: number[] = [];
  recordedBy(own, () => compute(() => void ends.push(own.entries.length)));
  if (own.refused !== null) return own.refused;
  return new Tape(own.entries, ends, memory === null ? null : { memory, constants, wanted: null });
}
