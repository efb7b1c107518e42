import { broughtHere, type Tensor } from "../autodiff/mod.ts";

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

/**
 * A model's outputs here, from a device, in one transfer. What probabilities were computed from comes in their place, so that they
 * are exact here and know it.
 */
export async function outputsHere(outputs: readonly Tensor[]): Promise<Tensor[]> {
  const found = await broughtHere(outputs.map((output) => logitsOf(output) ?? output));
  return outputs.map((output, i) => {
    if (logitsOf(output) === undefined || found[i] === output) return found[i];
    return fromLogits(found[i].rank > 1 && found[i].shape[1] > 1 ? found[i].softmax() : found[i].sigmoid(), found[i]);
  });
}

/** ln p of a multi-class classifier's output [n, classes], float64. */
export function logProbabilities(p: Tensor): Tensor {
  return (logitsOf(p)?.logSoftmax() ?? p.log()).cast("float64");
}
