import { type Tensor, where } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Known, shown, whole } from "../autodiff/options.ts";
import { contiguousData } from "../autodiff/ndarray.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { checked } from "../autodiff/recorder.ts";
import { here } from "../autodiff/remote_array.ts";
import type { Module } from "./module.ts";
import { normal, Parameter } from "./parameter.ts";

/** Options of an embedding. */
export interface EmbeddingOptions {
  /** The index that stands for padding: its vector starts as 0 and is not trained. Negative ones count from the last. */
  paddingIdx?: number;
}

const known: Known<EmbeddingOptions> = { paddingIdx: whole() };

/**
 * A table of `count` vectors: whole numbers […] become rows of the weight, […, width]. Named and initialised like
 * torch.nn.Embedding: normal with standard deviation 1.
 */
export class Embedding implements Module {
  /** [count, width]. */
  readonly weight: Parameter;
  /** The index that stands for padding, from 0; `null` if there is none. */
  readonly paddingIdx: number | null;

  /**
   * Initial vectors are standard normal, as in PyTorch.
   * @param count number of vectors
   * @param width numbers per vector
   */
  constructor(count: number, width: number, options: EmbeddingOptions = {}) {
    const { paddingIdx } = checkOptions("make an embedding", options, known);
    checkCounts("make an embedding", { count, width });
    if (paddingIdx !== undefined && (paddingIdx < -count || paddingIdx >= count)) {
      throw new RangeError(`Cannot make an embedding: paddingIdx is ${shown(paddingIdx)}; wanted one of ${count} indices`);
    }
    const padding = paddingIdx === undefined ? null : (paddingIdx + count) % count, draw = normal(1);
    this.paddingIdx = padding;
    this.weight = new Parameter([count, width], (random, place) => {
      const value = draw(random, place);
      return padding !== null && Math.floor(place / width) === padding ? 0 : value;
    });
  }
  /**
   * Maps whole numbers from 0, of any shape, to vectors: [..] to [.., width].
   * @throws {RangeError} for a number that is not whole or out of range
   */
  forward(indices: Tensor): Tensor {
    requireTensors("embed", indices);
    checked(indices.array, () => {
      const bad = contiguousData(here(indices.array)).find((index) => !(index >= 0 && index < this.weight.shape[0]));
      if (bad === undefined) return;
      throw new RangeError(`Cannot embed ${bad}: wanted whole numbers from 0 to ${this.weight.shape[0] - 1}`);
    });
    const vectors = this.weight.take(indices, 0);
    if (this.paddingIdx === null || !vectors.requiresGrad) return vectors;
    const padded = indices.equal(this.paddingIdx).reshape(...indices.shape, 1).cast(vectors.dtype);
    return where(padded, vectors.detach(), vectors);
  }
}
