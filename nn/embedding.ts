import type { Tensor } from "../autodiff/mod.ts";
import { checkCounts } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module } from "./module.ts";
import { normal, Parameter } from "./parameter.ts";

/**
 * A vector for each of `count` things: whole numbers […] become their rows of the weight, […, width]. Named and initialised as
 * torch.nn.Embedding: normal with deviation 1.
 */
export class Embedding implements Module {
  /** [count, width]. */
  readonly weight: Parameter;

  /**
   * Vectors that are standard normal at first, as in PyTorch.
   * @param count how many vectors there are
   * @param width numbers in each
   */
  constructor(count: number, width: number) {
    checkCounts("make an embedding", { count, width });
    this.weight = new Parameter([count, width], normal(1));
  }
  /**
   * Whole numbers from 0 of any shape to vectors: [..] to [.., width].
   * @throws {RangeError} for what is no whole number, or out of range
   */
  forward(indices: Tensor): Tensor {
    requireTensors("embed", indices);
    const bad = indices.data.find((index) => !(index >= 0 && index < this.weight.shape[0]));
    if (bad === undefined) return this.weight.take(indices, 0);
    throw new RangeError(`Cannot embed ${bad}: wanted whole numbers from 0 to ${this.weight.shape[0] - 1}`);
  }
}
