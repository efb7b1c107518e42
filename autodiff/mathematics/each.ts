/** The functions of `elementary.ts` for many numbers. @module */
import type { TypedArray } from "../dtype.ts";
import { runningKernels } from "../kernels/in_use.ts";
import * as elementary from "./elementary.ts";

/** A function with a vector form. */
type Name = "exp" | "log" | "log1p" | "tanh";

/** Fewer numbers than this are computed here: the way to the kernels would cost more. */
const few = 16;

/**
 * z[i] = f(x[i]) with the bits of `elementary.ts`: two at a time in WebAssembly if its kernels run already, else one at a time. The
 * arrays may be the same.
 */
export function each(name: Name, z: TypedArray, x: TypedArray): void {
  const kernels = z.length < few ? null : runningKernels();
  if (kernels === null) loops[name](z, x);
  else kernels.each(name, z, x);
}

/** Numbers in a block of {@link eachDecay}. */
const decays = new Float64Array(512);

/**
 * Computes e^-|x| block by block, on which functions without overflow are built.
 * @param use receives the values for the numbers from `start` to `end`; they are valid during the call
 */
export function eachDecay(x: TypedArray, use: (decay: Float64Array, start: number, end: number) => void): void {
  for (let start = 0; start < x.length; start += decays.length) {
    const end = Math.min(start + decays.length, x.length), decay = decays.subarray(0, end - start);
    for (let i = start; i < end; i++) decay[i - start] = -Math.abs(x[i]);
    each("exp", decay, decay);
    use(decay, start, end);
  }
}

/** One function a loop: engines compile a call through a variable once for all. */
const loops: Record<Name, (z: TypedArray, x: TypedArray) => void> = {
  exp(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = elementary.exp(x[i]);
  },
  log(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = elementary.log(x[i]);
  },
  log1p(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = elementary.log1p(x[i]);
  },
  tanh(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = elementary.tanh(x[i]);
  },
};
