import { broughtHere, softplus, type Tensor } from "../autodiff/mod.ts";
import { writesTo } from "../autodiff/ndarray.ts";

/** What probabilities were computed from, and how: by a sigmoid of each number, or a softmax along the last axis. */
interface Source {
  by: "sigmoid" | "softmax";
  logits: Tensor;
  /** How often both had been written to then: what was assigned since came from elsewhere. */
  writes: number;
}

const sources = new WeakMap<Tensor, Source>();

/** Remembers what probabilities came from, so that their logarithm need not be taken of a rounded number. */
export function fromLogits(probabilities: Tensor, by: Source["by"], logits: Tensor): Tensor {
  sources.set(probabilities, { by, logits, writes: writesToBoth(probabilities, logits) });
  probabilities.companion = logits;
  return probabilities;
}

function writesToBoth(probabilities: Tensor, logits: Tensor): number {
  return writesTo(probabilities.array) + writesTo(logits.array);
}

function sourceOf(probabilities: Tensor): Source | undefined {
  const source = sources.get(probabilities);
  return source !== undefined && source.writes === writesToBoth(probabilities, source.logits) ? source : undefined;
}

/** The argument of the sigmoid that made these probabilities, if one did. */
export function sigmoidLogits(p: Tensor): Tensor | undefined {
  const source = sourceOf(p);
  return source?.by === "sigmoid" ? source.logits : undefined;
}

/** The argument of the softmax that made these probabilities of several classes, if one did. */
export function softmaxLogits(p: Tensor): Tensor | undefined {
  const source = sourceOf(p);
  return source?.by === "softmax" && p.rank === 2 && p.shape[1] > 1 ? source.logits : undefined;
}

/**
 * A model's outputs here, from a device, in one transfer. What probabilities were computed from comes in their place, so that they
 * are exact here and know it.
 */
export async function outputsHere(outputs: readonly Tensor[]): Promise<Tensor[]> {
  const wanted = outputs.map((output) => sourceOf(output)?.logits ?? output), found = await broughtHere(wanted);
  return outputs.map((output, i) => {
    const x = found[i], source = sourceOf(output);
    if (x === wanted[i]) return output;
    return source === undefined ? x : fromLogits(source.by === "softmax" ? x.softmax() : x.sigmoid(), source.by, x);
  });
}

/** ln p of a multi-class classifier's output [n, classes], float64: of its logits, where it has some. */
export function logProbabilities(p: Tensor): Tensor {
  const each = sigmoidLogits(p);
  return (softmaxLogits(p)?.logSoftmax() ?? (each === undefined ? p.log() : softplus(each.neg()).neg())).cast("float64");
}
