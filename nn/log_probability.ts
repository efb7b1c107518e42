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
  const sources = outputs.map((output) => logitsOf(output) ?? output), found = await broughtHere(sources);
  return outputs.map((output, i) => {
    const x = found[i];
    if (x === sources[i]) return output;
    if (sources[i] === output) return x;
    return fromLogits(x.rank > 1 && x.shape[1] > 1 ? x.softmax() : x.sigmoid(), x);
  });
}

/** ln p of a multi-class classifier's output [n, classes], float64. */
export function logProbabilities(p: Tensor): Tensor {
  return (logitsOf(p)?.logSoftmax() ?? p.log()).cast("float64");
}
