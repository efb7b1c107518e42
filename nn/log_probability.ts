import type { Tensor } from "../autodiff/mod.ts";

/** What probabilities were computed from: the argument of a sigmoid, or the logarithm of a softmax. */
const logits = new WeakMap<Tensor, Tensor>();

/** Remembers what probabilities came from, so that their logarithm need not be taken of a rounded number. */
export function fromLogits(probabilities: Tensor, from: Tensor): Tensor {
  logits.set(probabilities, from);
  return probabilities;
}

/** ln (p / (1 - p)) of a binary classifier's output, float64, if a sigmoid made it. */
export function logOddsOf(p: Tensor): Tensor | undefined {
  return logits.get(p)?.cast("float64");
}

/** ln p of a multi-class classifier's output [n, classes]. */
export function logProbabilities(p: Tensor): Tensor {
  return (logits.get(p) ?? p.log()).cast("float64");
}
