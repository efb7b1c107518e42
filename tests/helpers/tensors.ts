/** Tensors of numbers, by their dtype. */
import { type Tensor, tensor } from "../../mod.ts";

/** A vector of float64. */
export const float64 = (...x: number[]): Tensor => tensor(Float64Array.from(x));

/** A vector of int32. */
export const int32 = (...x: number[]): Tensor => tensor(Int32Array.from(x));
