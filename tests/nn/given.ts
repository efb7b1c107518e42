/** Arguments for functions with options. */
import { autodiff, type RandomGenerator, tensor } from "../../mod.ts";

export const x = () => tensor([[1, 2], [3, 4]]),
  images = () => autodiff.ones([1, 1, 4, 4]),
  filters = () => autodiff.ones([1, 1, 2, 2]);
export const grown = { features: tensor([[1], [2], [3], [4]]), labels: [0, 0, 1, 1] }, flat = () => new Float32Array(2);
export const rule = { name: "same", shape: ([s]: unknown[]) => s, forward: (_: unknown, [a]: unknown[]) => a, gradient: null };
export const random = { next: () => 7, clone: () => random, getState: () => [0] } as RandomGenerator;
export const square = (at: Float64Array) => at[0] ** 2 + at[1] ** 2;
