import { broughtHere, softplus, type Tensor } from "../autodiff/mod.ts";
import { writesTo } from "../autodiff/views.ts";

/** How probabilities were computed from their companion: an element-wise sigmoid, or a softmax along the last axis. */
interface Source {
  by: "sigmoid" | "softmax";
  /** The number of writes to both storages then. After further writes, the probabilities are no longer those of the logits. */
  writes: [probabilities: number, logits: number];
}

const sources = new WeakMap<Tensor, Source>();

/** Remembers the logits of probabilities, so that their logarithm need not be computed from a rounded number. */
export function fromLogits(probabilities: Tensor, by: Source["by"], logits: Tensor): Tensor {
  sources.set(probabilities, { by, writes: [writesTo(probabilities.array), writesTo(logits.array)] });
  probabilities.companion = logits;
  return probabilities;
}

/** The logits of probabilities, if neither has been overwritten. */
function sourceOf(probabilities: Tensor): { by: Source["by"]; logits: Tensor } | undefined {
  const source = sources.get(probabilities), { companion } = probabilities;
  if (source === undefined || companion === null) return undefined;
  const now = [writesTo(probabilities.array), writesTo(companion.array)];
  return source.writes.every((count, i) => count === now[i]) ? { by: source.by, logits: companion } : undefined;
}

/** The argument of the sigmoid that computed these probabilities, if one did. */
export function sigmoidLogits(p: Tensor): Tensor | undefined {
  const source = sourceOf(p);
  return source?.by === "sigmoid" ? source.logits : undefined;
}

/** The argument of the softmax that computed these probabilities of several classes, if one did. */
export function softmaxLogits(p: Tensor): Tensor | undefined {
  const source = sourceOf(p);
  return source?.by === "softmax" && p.rank === 2 && p.shape[1] > 1 ? source.logits : undefined;
}

/**
 * Brings a model's outputs to the CPU in one transfer. For probabilities it brings their logits and computes them here, so that
 * they are exact and have their logits.
 * @param bring default: {@link broughtHere}
 */
export async function outputsHere(
  outputs: readonly Tensor[],
  bring: (wanted: readonly Tensor[]) => Promise<Tensor[]> | Tensor[] = broughtHere,
): Promise<Tensor[]> {
  const wanted = outputs.map((output) => sourceOf(output)?.logits ?? output), found = await bring(wanted);
  return outputs.map((output, i) => {
    const x = found[i], source = sourceOf(output);
    if (x === wanted[i]) return output;
    return source === undefined ? x : fromLogits(source.by === "softmax" ? x.softmax() : x.sigmoid(), source.by, x);
  });
}

/** ln p of a multi-class classifier's output [n, classes], float64; computed from its logits, if known. */
export function logProbabilities(p: Tensor): Tensor {
  const each = sigmoidLogits(p);
  return (softmaxLogits(p)?.logSoftmax() ?? (each === undefined ? p.log() : softplus(each.neg()).neg())).cast("float64");
}
