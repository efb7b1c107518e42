import { sigmoid, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, list, shown, whole } from "../autodiff/options.ts";
import { Sigmoid, Softmax } from "./activations.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { Sequential } from "./sequential.ts";

/** A number a row, linear in the features: [n, inputs] to [n, 1]. */
export class LinearRegression extends Sequential {
  /**
   * A line, or a plane.
   * @param inputs numbers in a row
   */
  constructor(inputs: number) {
    super(new Linear(inputs, 1));
  }
}

/** @throws {TypeError} for what is no pair of numbers */
function endsOf(range: readonly [number, number]): readonly [number, number] {
  checkArgument("make a bounded linear regression", "range", range, list);
  return range;
}

/**
 * The same, brought between two numbers by a sigmoid. With labels that lie there too, the squared error has a known range, and its
 * bounds a proof: `ranges: { Mean_Squared_Error: [0, (high - low) ** 2] }`.
 */
export class BoundedLinearRegression extends Sequential {
  /**
   * A line, bent to stay in a range.
   * @param inputs numbers in a row
   * @param range what predictions stay between
   */
  constructor(inputs: number, range: readonly [low: number, high: number]) {
    super(new Linear(inputs, 1), new Between(...endsOf(range)));
  }
}

/** The probability of class 1, [n, 1]; of three classes or more a probability for each, [n, classes]. */
export class LogisticRegression extends Sequential {
  /**
   * Probabilities of two classes or more.
   * @param inputs numbers in a row
   * @param classes 2: one probability a row; more: one for each class
   */
  constructor(inputs: number, classes: number = 2) {
    checkArgument("make a logistic regression", "classes", classes, whole(2));
    super(new Linear(inputs, classes > 2 ? classes : 1), classes > 2 ? new Softmax() : new Sigmoid());
  }
}

/** low + (high - low) / (1 + e^-x). */
export class Between implements Module {
  /**
   * A layer for the last place.
   * @param low what predictions are above
   * @param high what they are below
   */
  constructor(readonly low: number, readonly high: number) {
    if (![low, high].every(Number.isFinite) || !(low < high && Number.isFinite(high - low))) {
      throw new RangeError(`Cannot bring numbers between ${shown(low)} and ${shown(high)}: wanted a number and a greater one`);
    }
  }
  /** low + (high - low) / (1 + e^-x), element by element; any shape. */
  forward(x: Tensor): Tensor {
    return sigmoid(x).mul(this.high - this.low).add(this.low);
  }
}
