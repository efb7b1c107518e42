import type { Tensor } from "../autodiff/mod.ts";
import { Sigmoid, Softmax } from "./activations.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { Sequential } from "./sequential.ts";

/** A number a row, linear in the features: [n, inputs] to [n, 1]. */
export class LinearRegression extends Sequential {
  constructor(inputs: number) {
    super(new Linear(inputs, 1));
  }
}

/**
 * The same, brought between two numbers by a sigmoid. With labels that lie there too, the squared error has a known range, and its
 * bounds a proof: `ranges: { Mean_Squared_Error: [0, (high - low) ** 2] }`.
 */
export class BoundedLinearRegression extends Sequential {
  constructor(inputs: number, range: readonly [low: number, high: number]) {
    super(new Linear(inputs, 1), new Between(...range));
  }
}

/** The probability of class 1, [n, 1]; of three classes or more a probability for each, [n, classes]. */
export class LogisticRegression extends Sequential {
  constructor(inputs: number, classes: number = 2) {
    super(new Linear(inputs, classes > 2 ? classes : 1), classes > 2 ? new Softmax() : new Sigmoid());
  }
}

/** low + (high - low) / (1 + e^-x). */
export class Between implements Module {
  constructor(readonly low: number, readonly high: number) {
    if (!(low < high && Number.isFinite(high - low))) {
      throw new RangeError(`Cannot bring numbers between ${low} and ${high}: wanted a number and a greater one`);
    }
  }
  forward(x: Tensor): Tensor {
    return x.sigmoid().mul(this.high - this.low).add(this.low);
  }
}
