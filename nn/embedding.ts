import type { Tensor } from "../autodiff/mod.ts";
import { checkCounts } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module } from "./module.ts";
import { normal, Parameter } from "./parameter.ts";

/**
 * A table of `count` vectors: whole numbers […] become rows of the weight, […, width]. Named and initialised like
 * torch.nn.Embedding: normal with standard deviation 1.
 */
export class Embedding implements Module {
  /** [count, width]. */
  readonly weight: Parameter;

  /**
   * Initial vectors are standard normal, as in PyTorch.
   * @param count number of vectors
   * @param width numbers per vector
   */
  constructor(count: number, width: number) {
    checkCounts("make an embedding", { count, width });
    this.weight = new Parameter([count, width], normal(1));
  }
  /**
   * Maps whole numbers from 0, of any shape, to vectors: [..] to [.., width].
   * @throws {RangeError} for a number that is not whole or out of range
   */
  forward(indices: Tensor): Tensor {
    requireTensors("embed", indices);
    const bad = indices.data.find((index) => !(index >= 0 && index < this.weight.shape[0]));
    if (bad === undefined) return this.weight.take(indices, 0);
    throw new RangeError(`Cannot embed ${bad}: wanted whole numbers from 0 to ${this.weight.shape[0] - 1}`);
  }
}
