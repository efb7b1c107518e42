import type { DType, TypedArray } from "./dtype.ts";

/** Memory for the results of a step. */
export interface StepMemory {
  /** Starts a step; the returned function ends it. `null` if no step can start. */
  beginStep(): (() => void) | null;
  /** In a step, an array in this memory, with arbitrary contents; `null` outside steps and when there is no room. */
  allocate(dtype: DType, size: number): TypedArray | null;
  /** Whether an array is in this memory. */
  holds(data: TypedArray): boolean;
  /** Bytes taken from the system; they are never freed. */
  readonly bytes: number;
}

/** An object in a step's memory. At the end of the step it moves to a copy, if it outlives the step, or is gone. */
export interface Borrower {
  release(copies: Map<TypedArray, TypedArray> | null): void;
}

/** A training step. */
export class Step {
  readonly borrowers: Borrower[] = [];

  constructor(readonly memory: StepMemory) {}
}

let running: Step | null = null;

/** The running step; `null` outside steps. */
export function runningStep(): Step | null {
  return running;
}

/** Runs `compute` as part of a step, or with `null` outside steps. */
export function within<T>(step: Step | null, compute: () => T): T {
  const before = running;
  running = step;
  try {
    return compute();
  } finally {
    running = before;
  }
}

/** Objects that steps make, in order. A step that does the same as the step before finds the same objects in the same places. */
export class Replay<T> {
  readonly #made: T[] = [];
  #count = 0;
  #step: Step | null = null;

  /** The object of the step before in the next place. */
  next(step: Step): T | undefined {
    if (step !== this.#step) {
      this.#step = step;
      this.#count = 0;
    }
    return this.#made[this.#count];
  }

  /** Fills the next place. */
  put(made: T): T {
    return this.#made[this.#count++] = made;
  }
}
