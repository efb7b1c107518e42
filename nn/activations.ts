import { relu, sigmoid, softmax, tanh, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, whole } from "../autodiff/options.ts";
import { fromLogits } from "./log_probability.ts";
import type { Module } from "./module.ts";

/** max(x, 0). */
export class ReLU implements Module {
  /** max(x, 0), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** Hyperbolic tangent. */
export class Tanh implements Module {
  /** tanh x, element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** 1 / (1 + e^-x). A log-loss of the output is computed from x, without overflow. */
export class Sigmoid implements Module {
  /** 1 / (1 + e^-x), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return fromLogits(sigmoid(x), "sigmoid", x);
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
}
