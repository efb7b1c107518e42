import type { Tensor } from "../autodiff/mod.ts";

/** What probabilities were computed from: the argument of a sigmoid, or of a softmax along the last axis. */
const logits = new WeakMap<Tensor, Tensor>();

/** Remembers what probabilities came from, so that their logarithm need not be taken of a rounded number. */
export function fromLogits(probabilities: Tensor, from: Tensor): Tensor {
  logits.set(probabilities, from);
  return probabilities;
}

/** What a sigmoid or softmax made these probabilities of, if one did. */
export function logitsOf(probabilities: Tensor): Tensor | undefined {
  return logits.get(probabilities);
}

/** ln p of a multi-class classifier's output [n, classes], float64. */
export function logProbabilities(p: Tensor): Tensor {
  return (logitsOf(p)?.logSoftmax() ?? p.log()).cast("float64");
}
