import type { NdArray } from "../ndarray.ts";
import type { StepMemory } from "../running_step.ts";
import { EachNumber } from "./each.ts";
import type { Kernels } from "./kernels.ts";
import { Machine } from "./machine.ts";
import { matrixProduct } from "./matmul.ts";

/** The kernels for float32 in WebAssembly. */
export class WasmKernels implements Kernels {
  /** The memory for results in a step. */
  readonly memory: StepMemory;
  readonly machine: Machine;
  readonly #each: EachNumber;

  /**
   * The kernels of a module.
   * @param tile what the module imports: see `tile_module.ts`
   * @param shared whether the module uses shared memory
   * @param stepBytes the most bytes that a step may keep in the memory
   * @param convolutions the module of convolutions with the same arithmetic, in digits; default: the one with plain SIMD
   */
  constructor(
    module: WebAssembly.Module,
    tile: WebAssembly.Module,
    shared: boolean,
    stepBytes: number,
    readonly convolutions?: string,
  ) {
    const machine = this.machine = new Machine(module, tile, shared, stepBytes);
    this.memory = machine.workspace;
    this.#each = new EachNumber(machine);
  }

  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void {
    this.machine.useThreads(count);
  }

  /** Functions of many numbers, with the bits of `mathematics/elementary.ts`. */
  each(...inputs: Parameters<EachNumber["run"]>): void {
    this.#each.run(...inputs);
  }

  matmul(x: NdArray, y: NdArray): Float32Array {
    return matrixProduct(this.machine, x, y);
  }
}
