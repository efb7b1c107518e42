import type { DType, TypedArray } from "./dtype.ts";

/** Memory for the results of a step. */
export interface StepMemory {
  /** From now on results stay here until the returned function is called; `null` if that cannot be. */
  beginStep(): (() => void) | null;
  /** In a step, an array here, whatever is in it, as long as there is room; else `null`. */
  allocate(dtype: DType, size: number): TypedArray | null;
  /** Whether an array lies here. */
  holds(data: TypedArray): boolean;
  /** Bytes that it has taken from the system; they are not given back. */
  readonly bytes: number;
}

/** What lies in a step's memory, and gives it up at the end: for a copy of it if it is to stay, else for good. */
export interface Borrower {
  release(copies: Map<TypedArray, TypedArray> | null): void;
}

/** A training step. */
export class Step {
  readonly borrowers: Borrower[] = [];

  constructor(readonly memory: StepMemory) {}
}

let running: Step | null = null;

/** The step that runs; `null` outside of one. */
export function runningStep(): Step | null {
  return running;
}

/** Does something as a part of a step, or with `null` of none. */
export function within<T>(step: Step | null, compute: () => T): T {
  const before = running;
  running = step;
  try {
    return compute();
  } finally {
    running = before;
  }
}

/** What steps make, in the order of their making: one that does the same as the step before finds it again in the same place. */
export class Replay<T> {
  readonly #made: T[] = [];
  #count = 0;
  #step: Step | null = null;

  /** What the step before had in the next place. */
  next(step: Step): T | undefined {
    if (step !== this.#step) {
      this.#step = step;
      this.#count = 0;
    }
    return this.#made[this.#count];
  }

  /** Fills that place. */
  put(made: T): T {
    return this.#made[this.#count++] = made;
  }
}
