/** Tensors of numbers, by their dtype. */
import { type Tensor, tensor } from "../../autodiff/mod.ts";

/** A vector of float64. */
export const float64 = (...x: number[]): Tensor => tensor(Float64Array.from(x));

/** A vector of int32. */
export const int32 = (...x: number[]): Tensor => tensor(Int32Array.from(x));

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** The greatest difference of two arrays, relative for numbers above 1; infinite if only one of two numbers is NaN. */
export function errorOf(wanted: ArrayLike<number>, found: ArrayLike<number>): number {
  if (wanted.length !== found.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (Object.is(wanted[i], found[i])) continue;
    const error = Math.abs(wanted[i] - found[i]) / Math.max(1, Math.abs(wanted[i]));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}
