import { requireShape, showShape } from "../autodiff/shape.ts";
import { type Shape, standardize, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, notNegative } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module } from "./module.ts";
import { constant, Parameter } from "./parameter.ts";

/**
 * (x - mean) / √(variance + epsilon) · weight + bias over the last axes, separately for each row; the variance is divided by n.
 * Named and initialised like torch.nn.LayerNorm: weight 1, bias 0.
 * Source: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization" (2016).
 */
export class LayerNorm implements Module {
  /** One factor per element of the last axes, initially 1. */
  readonly weight: Parameter;
  /** One summand per element of the last axes, initially 0. */
  readonly bias: Parameter;

  /**
   * Normalises over the last axes.
   * @param epsilon added to the variance
   * @param shape lengths of the last axes, or the length of the last axis
   */
  constructor(shape: number | Shape, readonly epsilon: number = 1e-5) {
    const lengths = typeof shape === "number" ? [shape] : shape;
    requireShape("make a layer normalisation of", lengths);
    checkArgument("make a layer normalisation", "epsilon", epsilon, notNegative);
    this.weight = new Parameter(lengths, constant(1));
    this.bias = new Parameter(lengths, constant(0));
  }
  /**
   * [.., shape] to the same shape.
   * @throws {RangeError} if the last axes of x have other lengths
   */
  forward(x: Tensor): Tensor {
    requireTensors("normalise", x);
    const { shape, rank } = this.weight, axes = shape.map((_, i) => x.rank - rank + i);
    if (axes[0] < 0 || axes.some((axis, i) => x.shape[axis] !== shape[i])) {
      throw new RangeError(`Cannot normalise ${showShape(x.shape)} over its last axes: wanted ${showShape(shape)}`);
    }
    return standardize(x, axes, { weight: this.weight, bias: this.bias, epsilon: this.epsilon });
  }
}
