import type { DType, TypedArray } from "../dtype.ts";
import type { NdArray } from "../ndarray.ts";
import type { Shape } from "../shape.ts";
import type { ListMemory, Part } from "./list_memory.ts";

/** The room of one recording in a memory of lists. */
export class ListRoom {
  readonly #part: Part | undefined;

  /** @param shared a part that other recordings use, too, at other times; else results are in a part of their own */
  constructor(readonly memory: ListMemory, shared?: Part) {
    this.#part = shared && { ...shared };
  }

  /** Whether results are overwritten by other recordings. */
  get isShared(): boolean {
    return this.#part !== undefined;
  }

  /** Whether an array is in the memory. */
  holds(data: TypedArray): boolean {
    return this.memory.holds(data);
  }

  /** An array for results; `null` if there is no room. */
  array(dtype: DType, shape: Shape): NdArray | null {
    return this.memory.array(dtype, shape, this.#part);
  }
}
