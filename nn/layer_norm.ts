import { requireShape, showShape } from "../autodiff/shape.ts";
import { type Shape, standardize, type Tensor } from "../autodiff/mod.ts";
import { checkOptions, type Known, notNegative, truth } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";
import { constant, Parameter } from "./parameter.ts";

/** Options of a layer normalisation. */
export interface LayerNormOptions {
  /** Added to the variance, default 1e-5. */
  epsilon?: number;
  /** Whether a trained weight and bias follow, default true. */
  elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight, default true. */
  bias?: boolean;
}

const known: Known<LayerNormOptions> = { epsilon: notNegative, elementwiseAffine: truth, bias: truth };

/**
 * (x - mean) / √(variance + epsilon) · weight + bias over the last axes, separately for each row; the variance is divided by n.
 * Named and initialised like torch.nn.LayerNorm: weight 1, bias 0.
 * Source: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization" (2016).
 */
export class LayerNorm implements Module {
  /** One factor per element of the last axes, initially 1; `null` without `elementwiseAffine`. */
  readonly weight: Parameter | null;
  /** One summand per element of the last axes, initially 0; `null` without. */
  readonly bias: Parameter | null;
  /** Lengths of the axes to normalise over. */
  readonly shape: Shape;
  /** Added to the variance. */
  readonly epsilon: number;

  /**
   * Normalises over the last axes.
   * @param shape lengths of the last axes, or the length of the last axis
   */
  constructor(shape: number | Shape, options: LayerNormOptions = {}) {
    const { epsilon = 1e-5, elementwiseAffine = true, bias = true } = checkOptions("make a layer normalisation", options, known);
    this.shape = typeof shape === "number" ? [shape] : shape;
    requireShape("make a layer normalisation of", this.shape);
    this.weight = elementwiseAffine ? new Parameter(this.shape, constant(1)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(this.shape, constant(0)) : null;
    this.epsilon = epsilon;
  }
  /**
   * [.., shape] to the same shape.
   * @throws {RangeError} if the last axes of x have other lengths
   */
  forward(x: Tensor): Tensor {
    requireTensors("normalise", x);
    const { shape, epsilon } = this, axes = shape.map((_, i) => x.rank - shape.length + i);
    if (axes[0] < 0 || axes.some((axis, i) => x.shape[axis] !== shape[i])) {
      throw new RangeError(`Cannot normalise ${showShape(x.shape)} over its last axes: wanted ${showShape(shape)}`);
    }
    return standardize(x, axes, { weight: this.weight ?? undefined, bias: this.bias ?? undefined, epsilon });
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}
