import { contiguousData } from "../../ndarray.ts";
import type { RemoteArray } from "../../remote_array.ts";
import type { NotedStep, ReplayedStep, WorkList } from "../gpu_device.ts";
import type { Each } from "./elementwise.ts";
import type { Call } from "./kernel.ts";
import type { Buffer } from "./memory.ts";
import { isReplayable, type Noted, Turns } from "./program.ts";
import type { Queue } from "./queue.ts";

/** A step's buffers. */
export function notedOf(step: NotedStep): Noted {
  const { features, slopes, told, before, after } = step,
    [forward, backward, update] = [step.forward, step.backward, step.update];
  return {
    ...{ forward: workOf(forward), backward: workOf(backward), update: workOf(update) },
    ...{ features: bufferOf(features), slopes: bufferOf(slopes) },
    ...{ told: told.map(bufferOf), before: before.map(bufferOf), after: after.map(bufferOf) },
  };
}

/** Prepares a step of a queue, which is in its update; `null` if it cannot be replayed. */
export function replayedStep(queue: Queue, step: NotedStep): ReplayedStep | null {
  const noted = notedOf(step), { after, told } = noted;
  if (!isReplayable(noted)) return null;
  const turns = new Turns(queue.pool, after), program = queue.program(noted, turns);
  turns.take(after);
  const found = told.map(({ size }) => queue.made(size, null));
  program.lendTold(found);
  return {
    async forward(features) {
      program.setFeatures(contiguousData(features));
      queue.replay(program, "forward");
      const parts = found.map((buffer, i) => ({ buffer, offset: step.told[i].offset, size: step.told[i].size }));
      const bytes = await queue.read(parts);
      let start = 0;
      return parts.map(({ size }) => new Float32Array(bytes, (start += 4 * size) - 4 * size, size));
    },
    backward(slopes, update, after) {
      program.setSlopes(contiguousData(slopes), workOf(update));
      queue.replay(program, "backward");
      turns.take(after.map(bufferOf));
    },
    take: (after) => turns.take(after.map(bufferOf)),
    end() {
      for (const buffer of found) buffer.release();
      program.end();
    },
  };
}

function bufferOf({ buffer }: RemoteArray): Buffer {
  return buffer as Buffer;
}

function workOf(list: WorkList): readonly (Call | Each)[] {
  return list as readonly (Call | Each)[];
}
