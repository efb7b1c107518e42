import type { Tensor } from "../autodiff/mod.ts";

/** What probabilities were computed from: the argument of a sigmoid, or the logarithm of a softmax. */
const logits = new WeakMap<Tensor, Tensor>();

/** Remembers what probabilities came from, so that their logarithm need not be taken of a rounded number. */
export function fromLogits(probabilities: Tensor, from: Tensor): Tensor {
  logits.set(probabilities, from);
  return probabilities;
}

/** ln p and ln (1 - p) of a binary classifier's output; without logits ln (p + 1e-15), as the Python toolkit. */
export function logOdds(p: Tensor): [Tensor, Tensor] {
  const x = logits.get(p)?.cast("float64");
  if (x !== undefined) return [x.neg().softplus().neg(), x.softplus().neg()];
  const wide = p.cast("float64");
  return [wide.add(1e-15).log(), wide.neg().add(1 + 1e-15).log()];
}

/** ln p of a multi-class classifier's output [n, classes]. */
export function logProbabilities(p: Tensor): Tensor {
  return (logits.get(p) ?? p.log()).cast("float64");
}
