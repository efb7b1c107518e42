import { leakyRelu, relu, sigmoid, softmax, tanh, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, number, whole } from "../autodiff/options.ts";
import { rowLogSoftmax } from "../autodiff/primitives/row_softmax.ts";
import { silu } from "../autodiff/primitives/silu.ts";
import { fromLogits } from "./log_probability.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";

/** max(x, 0). */
export class ReLU implements Module {
  /** max(x, 0), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return relu(x);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}

/** Hyperbolic tangent. */
export class Tanh implements Module {
  /** tanh x, element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}

/** 1 / (1 + e^-x). A log-loss of the output is computed from x, without overflow. */
export class Sigmoid implements Module {
  /** 1 / (1 + e^-x), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return fromLogits(sigmoid(x), "sigmoid", x);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}

/** e^x / Σ e^x along an axis. If it is the last, a log-loss of the output is computed from x, without overflow. */
export class Softmax implements Module {
  /**
   * Softmax along one axis.
   * @param axis the axis of the classes; default: the last
   */
  constructor(readonly axis: number = -1) {
    checkArgument("make a softmax", "axis", axis, whole());
  }
  /** e^x / Σ e^x along the axis; same shape. */
  forward(x: Tensor): Tensor {
    const p = softmax(x, this.axis);
    return this.axis === -1 || this.axis === x.rank - 1 ? fromLogits(p, "softmax", x) : p;
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}

/** ln of the softmax along an axis, finite even where the softmax underflows. */
export class LogSoftmax implements Module {
  /**
   * Logarithm of the softmax along one axis.
   * @param axis the axis of the classes; default: the last
   */
  constructor(readonly axis: number = -1) {
    checkArgument("make a softmax", "axis", axis, whole());
  }
  /** x - ln Σ e^x along the axis; same shape. */
  forward(x: Tensor): Tensor {
    return rowLogSoftmax(x, this.axis);
  }
}

/** x / (1 + e^-x), also known as swish. */
export class SiLU implements Module {
  /** x / (1 + e^-x), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}

/** x where x > 0, else a small slope times x. */
export class LeakyReLU implements Module {
  /**
   * A rectifier that lets negative numbers leak.
   * @param negativeSlope the slope below 0
   */
  constructor(readonly negativeSlope: number = 0.01) {
    checkArgument("make a leaky rectifier", "negativeSlope", negativeSlope, number);
  }
  /** max(x, 0) + negativeSlope · min(x, 0), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }
}
