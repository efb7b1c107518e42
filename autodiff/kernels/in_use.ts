/** Which kernels the processor uses, and how. @module */
import { checkArgument, oneOf } from "../options.ts";
import type { StepMemory } from "../running_step.ts";
import type { Kernels } from "./kernels.ts";
import { withOwnMemory } from "./own_memory.ts";
import { plain } from "./plain.ts";
import { kernels as simd } from "./simd_module.ts";
import { WasmKernels } from "./wasm.ts";

/** The kernels for a dtype: WebAssembly for float32 where the runtime has it, plain loops else. */
export function kernelsFor(dtype: string): Kernels {
  return dtype === "float32" ? fastest() ?? plain : plain;
}

/**
 * Lets convolutions use so many threads, the calling one among them; default: one for each core. The results are the same bits for every number.
 * Without shared memory, as in a web page that is not isolated, one thread does all.
 */
export function useThreads(count: number): void {
  if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`Cannot use ${count} threads: wanted a whole number from 1`);
  threads = count;
  fastest()?.useThreads(count);
}

/** As asked for; `null`: nobody has. */
let threads: number | null = null;

/**
 * How float32 convolutions are computed from now on. "fast" (default): by Fourier transforms where those save work, except for images
 * whose numbers lie too far apart; "exact": by direct sums only. Both have the rounding errors of float32, those of gradients relative
 * to the greatest slopes, and give an image the same outputs whatever else is in its batch. `docs/accuracy.md` has errors and times.
 */
export function useConvolutions(how: "fast" | "exact"): void {
  checkArgument("choose convolutions", "the kind", how, oneOf("fast", "exact"));
  convolutions = how;
  fastest()?.useConvolutions(how);
}

let convolutions: "fast" | "exact" = "fast";

/** Does something with one kind of convolutions; `undefined`: those that are in use. */
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
 * Lets kernels multiply and add in one instruction from now on, where the runtime can: about a tenth faster, but the bits of
 * results then depend on the runtime and the processor, and the same seed gives the same bits only on the same of both. These
 * kernels are a module of their own, which is loaded here.
 */
export async function useRelaxedSimd(): Promise<void> {
  const kernels = await wasm("relaxed");
  if (relaxed) return;
  relaxed = true;
  made = kernels ?? fastest();
  if (threads !== null) made?.useThreads(threads);
  made?.useConvolutions(convolutions);
}

let relaxed = false;

/**
 * The WebAssembly kernels; `null` where the runtime does not know their instructions.
 * Relaxed SIMD multiplies and adds in one instruction, which some runtimes round once and some twice, so that its bits differ
 * among them; plain SIMD gives the same bits everywhere.
 * @param stepBytes what a step may keep in their memory, of which there are 4 GiB at most
 */
export async function wasm(variant: "relaxed" | "simd", shared?: boolean, stepBytes?: number): Promise<WasmKernels | null> {
  return instance(variant === "simd" ? simd : (await import("./relaxed_module.ts")).kernels, shared, stepBytes);
}

function instance(
  digits: string,
  shared: boolean = typeof SharedArrayBuffer !== "undefined",
  stepBytes = 2 ** 30,
): WasmKernels | null {
  if (typeof WebAssembly === "undefined") return null;
  const text = shared ? digits : withOwnMemory(digits);
  const bytes = Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
  return WebAssembly.validate(bytes) ? new WasmKernels(new WebAssembly.Module(bytes), shared, stepBytes) : null;
}

/** Memory that holds the results of one training step after the other; `null` where there is none. */
export function stepMemory(): StepMemory | null {
  return fastest()?.memory ?? null;
}

/** Made at the first product, so that importing the kit costs nothing. */
let made: WasmKernels | null | undefined;

function fastest(): WasmKernels | null {
  return made === undefined ? made = instance(simd) : made;
}
