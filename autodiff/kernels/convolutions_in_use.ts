import { areConvolutionsExact, compiled, fastest } from "./in_use.ts";
import type { ConvolutionKernels } from "./kernels.ts";
import { plainConvolutions } from "./plain_convolutions.ts";
import { convolutions as simd } from "./simd_convolutions.ts";
import type { WasmKernels } from "./wasm.ts";
import { WasmConvolutions } from "./wasm_convolutions.ts";

/** The convolutions for a dtype, like `kernelsFor`. */
export function convolutionsFor(dtype: string): ConvolutionKernels {
  const kernels = dtype === "float32" ? fastest() : null;
  return kernels === null ? plainConvolutions : convolutionsOf(kernels);
}

/** The convolutions of each kernels. */
const made = new WeakMap<WasmKernels, WasmConvolutions>();

/** Convolutions in the memory and threads of other kernels. */
export function convolutionsOf(kernels: WasmKernels): WasmConvolutions {
  let found = made.get(kernels);
  if (found === undefined) {
    const { machine } = kernels;
    // A runtime with the other kernels has the instructions of these.
    machine.add(compiled(kernels.convolutions ?? simd, machine.shared)!);
    made.set(kernels, found = new WasmConvolutions(machine, areConvolutionsExact));
  }
  return found;
}
