import { checkArgument, notNegative } from "../../autodiff/options.ts";
import { checkFlat } from "./optimizer.ts";

/**
 * Scales a gradient down to this Euclidean norm, if it is longer, as torch.nn.utils.clip_grad_norm_; one whose norm is no number becomes
 * NaN as a whole, so that no part of it passes for a step. Returns the norm it had.
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
