/** The kernels that the CPU uses, and their settings. @module */
import { checkArgument, oneOf } from "../options.ts";
import type { StepMemory } from "../running_step.ts";
import type { Kernels } from "./kernels.ts";
import { withOwnMemory } from "./own_memory.ts";
import { plain } from "./plain.ts";
import { kernels as simd } from "./simd_module.ts";
import { tileModule } from "./tile_module.ts";
import { WasmKernels } from "./wasm.ts";

/** The kernels for a dtype: WebAssembly for float32 where the runtime has it, else plain loops. */
export function kernelsFor(dtype: string): Kernels {
  return dtype === "float32" ? fastest() ?? plain : plain;
}

/**
 * Sets the number of threads for products, convolutions and poolings, including the calling one; default: one per core, at most
 * 16. The results have the same bits for every number. Without shared memory, as in a web page that is not isolated, one thread
 * does all the work.
 */
export function useThreads(count: number): void {
  if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`Cannot use ${count} threads: wanted a whole number from 1`);
  threads = count;
  fastest()?.useThreads(count);
}

/** The number set by `useThreads`; `null`: the default. */
let threads: number | null = null;

/**
 * Sets how float32 convolutions are computed. "fast" (default): by Fourier transforms where those save work, except for images
 * whose numbers differ too much in size; "exact": by direct sums only. Both have the rounding errors of float32 (for gradients
 * relative to the greatest slopes), and an image's outputs never depend on its batch. For errors and times see
 * `docs/accuracy.md`.
 */
export function useConvolutions(how: "fast" | "exact"): void {
  checkArgument("choose convolutions", "the kind", how, oneOf("fast", "exact"));
  convolutions = how;
}

let convolutions: "fast" | "exact" = "fast";

/** Whether {@link useConvolutions} forbids transforms. */
export function areConvolutionsExact(): boolean {
  return convolutions === "exact";
}

/** Runs `compute` with one kind of convolutions; `undefined`: the current one. */
export function withConvolutions<T>(how: "fast" | "exact" | undefined, compute: () => T): T {
  const before = convolutions;
  if (how === undefined || how === before) return compute();
  useConvolutions(how);
  try {
    return compute();
  } finally {
    useConvolutions(before);
  }
}

/**
 * Lets kernels multiply and add in one instruction where the runtime can. This is about a tenth faster, but the same seed then
 * gives the same bits only on the same runtime and processor. These kernels are a separate module, loaded by this call.
 */
export async function useRelaxedSimd(): Promise<void> {
  const kernels = await wasm("relaxed");
  if (relaxed) return;
  relaxed = true;
  made = withRelaxed = kernels ?? undefined;
  made ??= fastest();
  if (threads !== null) made?.useThreads(threads);
}

let relaxed = false;

/** The arithmetic of most runtimes, without settings. */
export const usualArithmetic = "SIMD, fast convolutions";

/** The arithmetic that decides the last digits of float32 results: kernels and convolutions. */
export function arithmeticHere(): string {
  const kernels = fastest();
  if (kernels === null) return "plain loops";
  return `${kernels === withRelaxed ? "relaxed SIMD" : "SIMD"}, ${convolutions} convolutions`;
}

/** The kernels with relaxed SIMD, if they are in use. */
let withRelaxed: WasmKernels | undefined;

/**
 * The WebAssembly kernels; `null` if the runtime lacks their instructions.
 * Relaxed SIMD multiplies and adds in one instruction. Some runtimes round it once and some twice, so its bits differ; plain SIMD
 * gives the same bits everywhere.
 * @param stepBytes the most bytes that a step may keep in their memory, which has at most 4 GiB
 */
export async function wasm(variant: "relaxed" | "simd", shared?: boolean, stepBytes?: number): Promise<WasmKernels | null> {
  return instance(
    variant === "simd" ? { kernels: simd } : { relaxed: true, ...await import("./relaxed_module.ts") },
    shared,
    stepBytes,
  );
}

function instance(
  { kernels, convolutions, relaxed = false }: { kernels: string; convolutions?: string; relaxed?: boolean },
  shared: boolean = typeof SharedArrayBuffer !== "undefined",
  stepBytes = 2 ** 30,
): WasmKernels | null {
  const module = compiled(kernels, shared);
  return module && new WasmKernels(module, compiled(tileModule(relaxed), shared)!, shared, stepBytes, convolutions);
}

/** A module from its digits; `null` if the runtime lacks its instructions. */
export function compiled(digits: string, shared: boolean): WebAssembly.Module | null {
  if (typeof WebAssembly === "undefined") return null;
  const text = shared ? digits : withOwnMemory(digits);
  // The built-in function takes a thirtieth of a millisecond, the loop twelve.
  const { fromHex }: { fromHex?: (text: string) => Uint8Array<ArrayBuffer> } = Uint8Array;
  const bytes = fromHex?.call(Uint8Array, text) ??
    Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

/** The memory for results of training steps; `null` if there is none. */
export function stepMemory(): StepMemory | null {
  return fastest()?.memory ?? null;
}

/** The WebAssembly kernels, if they have been created. */
export function runningKernels(): WasmKernels | null {
  return made ?? null;
}

/** Created at the first product, so that importing the kit costs nothing. */
let made: WasmKernels | null | undefined;

/** The WebAssembly kernels in use; `null` if there are none. */
export function fastest(): WasmKernels | null {
  return made === undefined ? made = instance({ kernels: simd }) : made;
}
