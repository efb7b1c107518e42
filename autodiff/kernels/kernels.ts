import type { Window2d } from "../devices/device.ts";
import type { NdArray, Shape, TypedArray } from "../ndarray.ts";
import { plainSimd, relaxedSimd } from "./module.ts";
import { plain } from "./plain.ts";
import { wasmKernels } from "./wasm.ts";

/** The work that dominates training; shapes are checked before. Images and filters come row-major. */
export interface Kernels {
  /** [n, k] times [k, m], of any strides. */
  matmul(x: NdArray, y: NdArray): TypedArray;
  conv2d(x: NdArray, filter: NdArray, bias: TypedArray | null, window: Window2d, shape: Shape): TypedArray;
  conv2dInputGradient(dy: NdArray, filter: NdArray, window: Window2d, shape: Shape): TypedArray;
  conv2dFilterGradient(x: NdArray, dy: NdArray, window: Window2d, shape: Shape): TypedArray;
  /** For each window the position of its greatest element, the first of equals; NaN before all. */
  maxPool2dPositions(x: NdArray, kernel: readonly [number, number], window: Window2d, shape: Shape): Int32Array;
}

/** The kernels for a dtype: WebAssembly for float32 where the runtime has it, plain loops else. */
export function kernelsFor(dtype: string): Kernels {
  return dtype === "float32" ? float32 ??= wasm("relaxed") ?? wasm("simd") ?? plain : plain;
}

/** The WebAssembly kernels; `null` where the runtime does not know their instructions. */
export function wasm(variant: "relaxed" | "simd"): Kernels | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = Uint8Array.from(atob(variant === "relaxed" ? relaxedSimd : plainSimd), (letter) => letter.charCodeAt(0));
  return WebAssembly.validate(bytes) ? wasmKernels(new WebAssembly.Module(bytes)) : null;
}

/** Made at the first product, so that importing the kit costs nothing. */
let float32: Kernels | undefined;
