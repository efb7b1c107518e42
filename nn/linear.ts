import { matmul, type Tensor } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Known, truth } from "../autodiff/options.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Options of a linear layer. */
export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
}

const known: Known<LinearOptions> = { bias: truth };

/**
 * Affine map x Wᵀ + b of the last axis: [.., inputs] to [.., outputs]. Named and initialised like torch.nn.Linear: uniform within
 * ±1/√inputs.
 */
export class Linear implements Module {
  /** [outputs, inputs]. */
  readonly weight: Parameter;
  /** [outputs]; `null` without bias. */
  readonly bias: Parameter | null;

  /**
   * Initial weights and biases are uniform within ±1/√inputs, as in PyTorch.
   * @param inputs numbers per row
   * @param outputs numbers per row of the result
   */
  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    const { bias = true } = checkOptions("make a linear layer", options, known);
    checkCounts("make a linear layer", { inputs, outputs });
    const initial = uniform(1 / Math.sqrt(inputs));
    this.weight = new Parameter([outputs, inputs], initial);
    this.bias = bias ? new Parameter([outputs], initial) : null;
  }
  /**
   * [.., inputs] to [.., outputs].
   * @throws {RangeError} if the last axis of x has another length
   */
  forward(x: Tensor): Tensor {
    const product = matmul(x, this.weight.transpose());
    return this.bias === null ? product : product.add(this.bias);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}
