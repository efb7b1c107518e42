import type { TypedArray } from "../dtype.ts";
import type { Machine } from "./machine.ts";
import { blockLength, blockPlace } from "./memory_map.ts";

/** Computes z[i] = f(x[i]) for i from `start` to `end`, one at a time. */
export type Loop = (z: TypedArray, x: TypedArray, start: number, end: number) => void;

/** Functions of many numbers, in the kernels' memory block by block. */
export class EachNumber {
  #block = new Float64Array(0);

  constructor(readonly machine: Machine) {}

  /** @param loop for the numbers that the kernel leaves: the last of an odd count, and those at the ends of the function's range */
  run(name: "exp" | "log" | "log1p" | "tanh", z: TypedArray, x: TypedArray, loop: Loop): void {
    const { exports, workspace } = this.machine, kernel = exports[`${name}Each`];
    if (this.#block.buffer !== workspace.buffer) {
      this.#block = new Float64Array(workspace.buffer as ArrayBuffer, blockPlace, blockLength);
    }
    const block = this.#block;
    for (let start = 0; start < z.length; start += blockLength) {
      const count = Math.min(blockLength, z.length - start), even = count & ~1;
      block.set(x.length === count ? x : x.subarray(start, start + count));
      for (let done = 0; done < even; done += 2) {
        done += kernel(blockPlace + 8 * done, even - done);
        if (done < even) loop(block, block, done, done + 2);
      }
      if (even < count) loop(block, block, even, count);
      for (let i = 0; i < count; i++) z[start + i] = block[i];
    }
  }
}
