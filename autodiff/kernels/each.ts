import type { TypedArray } from "../dtype.ts";
import type { Machine } from "./machine.ts";
import { blockLength, blockPlace } from "./memory_map.ts";

/** Functions of many numbers, in the kernels' memory block by block. */
export class EachNumber {
  #block = new Float64Array(0);

  constructor(readonly machine: Machine) {}

  /** z[i] = f(x[i]). */
  run(name: "exp" | "log" | "log1p" | "tanh", z: TypedArray, x: TypedArray): void {
    const { exports, workspace } = this.machine, kernel = exports[`${name}Each`];
    if (this.#block.buffer !== workspace.buffer) {
      this.#block = new Float64Array(workspace.buffer as ArrayBuffer, blockPlace, blockLength);
    }
    const block = this.#block;
    for (let start = 0; start < z.length; start += blockLength) {
      const count = Math.min(blockLength, z.length - start);
      block.set(x.length === count ? x : x.subarray(start, start + count));
      kernel(blockPlace, count);
      for (let i = 0; i < count; i++) z[start + i] = block[i];
    }
  }
}
