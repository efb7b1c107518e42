import type { DeviceError, RemoteBuffer, RemoteDevice } from "../remote_array.ts";

/** Elements on a device: uploaded, or the result of a kernel. They are freed once they are released and nothing waits for them. */
export abstract class CountedBuffer<Own> implements RemoteBuffer {
  /** The reason if there are no elements. */
  failure: DeviceError | null = null;
  /** The step that it belongs to, which releases it at the end. */
  step: Own[] | null = null;
  /** Number of kernels that wait for it. */
  readers = 0;
  released = false;

  constructor(readonly device: RemoteDevice, readonly size: number) {}

  /** Gives its memory back; a second call does nothing. */
  protected abstract free(): void;

  /** Frees its memory once nothing waits for it. */
  release(): void {
    this.released = true;
    this.settle();
  }

  /** Notes that one kernel has read it. */
  isRead(): void {
    this.readers--;
    this.settle();
  }

  /** Whether nothing will read it. */
  get isDone(): boolean {
    return this.released && this.readers === 0;
  }

  /** Frees its memory if nothing will read it. */
  settle(): void {
    if (this.isDone) this.free();
  }
}

/**
 * Runs a step and then frees the memory of its buffers. A result of a step's buffers belongs to the same step, so that steps can
 * overlap.
 * @param kept called at the end, returns the buffers that outlive the step
 */
export async function runStep<Own extends CountedBuffer<Own>, T>(
  compute: (step: Own[]) => Promise<T>,
  kept: () => Iterable<Own>,
): Promise<T> {
  const made: Own[] = [];
  try {
    return await compute(made);
  } finally {
    const stay = new Set(kept());
    for (const buffer of made) {
      buffer.step = null;
      if (!stay.has(buffer)) buffer.release();
    }
  }
}
