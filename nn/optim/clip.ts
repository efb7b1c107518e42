import { checkArgument, notNegative } from "../../autodiff/options.ts";
import { checkFlat } from "./optimizer.ts";

/**
 * Scales a gradient in place down to this Euclidean norm, if its norm is greater, like torch.nn.utils.clip_grad_norm_. If its
 * norm is NaN, all of it becomes NaN, so that no part passes for a step. Returns the original norm.
 */
export function clipNorm(gradient: Float32Array, greatest: number): number {
  checkFlat(gradient, gradient);
  checkArgument("clip a gradient", "the greatest norm", greatest, notNegative);
  let squares = 0;
  for (const slope of gradient) squares += slope * slope;
  const norm = Math.sqrt(squares);
  if (!(norm <= greatest)) { for (let i = 0; i < gradient.length; i++) gradient[i] *= greatest / norm; }
  return norm;
}
