import { sigmoid, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, list, shown, whole } from "../autodiff/options.ts";
import { Sigmoid, Softmax } from "./activations.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";
import { Sequential } from "./sequential.ts";

/** One number per row, linear in the features: [n, inputs] to [n, 1]. */
export class LinearRegression extends Sequential {
  /**
   * A linear model.
   * @param inputs numbers per row
   */
  constructor(inputs: number) {
    super(new Linear(inputs, 1));
  }
  /** Its output depends on its input and parameters alone. */
  override get [pure](): true {
    return true;
  }
}

/** @throws {TypeError} unless it is a pair of numbers */
function endsOf(range: readonly [number, number]): readonly [number, number] {
  checkArgument("make a bounded linear regression", "range", range, list);
  return range;
}

/**
 * A linear regression that a sigmoid keeps between two numbers. If the labels are in this range too, the squared error has a
 * known range and its bounds are proven: `ranges: { Mean_Squared_Error: [0, (high - low) ** 2] }`.
 */
export class BoundedLinearRegression extends Sequential {
  /**
   * A linear model, then a sigmoid scaled to a range.
   * @param inputs numbers per row
   * @param range the limits of predictions
   */
  constructor(inputs: number, range: readonly [low: number, high: number]) {
    super(new Linear(inputs, 1), new Between(...endsOf(range)));
  }
  /** Its output depends on its input and parameters alone. */
  override get [pure](): true {
    return true;
  }
}

/** The probability of class 1, [n, 1]; for three classes or more, one probability per class, [n, classes]. */
export class LogisticRegression extends Sequential {
  /**
   * A linear model of two classes or more.
   * @param inputs numbers per row
   * @param classes 2: one probability per row; more: one per class
   */
  constructor(inputs: number, classes: number = 2) {
    checkArgument("make a logistic regression", "classes", classes, whole(2));
    super(new Linear(inputs, classes > 2 ? classes : 1), classes > 2 ? new Softmax() : new Sigmoid());
  }
  /** Its output depends on its input and parameters alone. */
  override get [pure](): true {
    return true;
  }
}

/** low + (high - low) / (1 + e^-x). */
export class Between implements Module {
  /**
   * A last layer.
   * @param low predictions are above this
   * @param high predictions are below this
   */
  constructor(readonly low: number, readonly high: number) {
    if (![low, high].every(Number.isFinite) || !(low < high && Number.isFinite(high - low))) {
      throw new RangeError(
        `Cannot keep predictions between ${shown(low)} and ${shown(high)}: wanted finite numbers, the first below the second`,
      );
    }
  }
  /** low + (high - low) / (1 + e^-x), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return sigmoid(x).mul(this.high - this.low).add(this.low);
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): true {
    return true;
  }
}
