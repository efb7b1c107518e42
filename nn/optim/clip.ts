import { contiguousData } from "../../autodiff/ndarray.ts";
import { checkArgument, notNegative } from "../../autodiff/options.ts";
import { here } from "../../autodiff/remote_array.ts";
import { type Trainable, trainedOf } from "./optimizer.ts";

/**
 * Scales gradients in place down to this Euclidean norm of all of them, if their norm is greater, like
 * torch.nn.utils.clip_grad_norm_. If the norm is NaN, all of them become NaN, so that no part passes for a step. Returns the original
 * norm.
 * @param of a model or its parameters, or a flat gradient
 */
export function clipNorm(of: Float32Array | Trainable, greatest: number): number {
  checkArgument("clip a gradient", "the greatest norm", greatest, notNegative);
  const grads = of instanceof Float32Array ? [] : trainedOf("clip a gradient", of).flatMap(({ grad }) => grad ?? []);
  const arrays = of instanceof Float32Array ? [of] : grads.map(({ array }) => contiguousData(here(array)));
  let squares = 0;
  for (const gradient of arrays) for (const slope of gradient) squares += slope * slope;
  const norm = Math.sqrt(squares);
  if (norm <= greatest) return norm;
  for (const gradient of arrays) for (let i = 0; i < gradient.length; i++) gradient[i] *= greatest / norm;
  return norm;
}
