/** Tests of elements: 1 where they hold, else 0, in the dtype of x; a number other than 0 counts as true. @module */
import { type Operand, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { equal, less, mul, notEqual } from "./binary.ts";
import { type Axes, type Reduction, sum } from "./reductions.ts";
import { abs } from "./unary.ts";

/** 1 where x and y both hold; broadcast. */
export function logicalAnd(x: Operand, y: Operand): Tensor {
  return mul(truth(x, 1), truth(y, 1));
}

/** 1 where x, y or both hold; broadcast. */
export function logicalOr(x: Operand, y: Operand): Tensor {
  return equal(mul(truth(x, 0), truth(y, 0)), 0);
}

/** 1 where x holds, if that is wanted, or does not. A number stays one, so that it takes the dtype of the other operand. */
function truth(x: Operand, wanted: 0 | 1): Operand {
  if (typeof x === "number") return +(x !== 0) === wanted ? 1 : 0;
  return wanted === 1 ? notEqual(x, 0) : equal(x, 0);
}

/** 1 where x is 0. */
export function logicalNot(x: Tensor): Tensor {
  return equal(x, 0);
}

/** Whether every element over some axes, or all, holds; true over no elements. */
export function all(x: Tensor, axes?: Axes, options?: Reduction): Tensor {
  return equal(sum(equal(x, 0), axes, options), 0);
}

/** Whether any element over some axes, or all, holds; false over no elements. */
export function any(x: Tensor, axes?: Axes, options?: Reduction): Tensor {
  return notEqual(sum(notEqual(x, 0), axes, options), 0);
}

/** 1 where x is neither infinite nor NaN. */
export function isFinite(x: Tensor): Tensor {
  requireTensors("test", x);
  return less(abs(x), Infinity);
}

/** 1 where x is NaN. */
export function isNaN(x: Tensor): Tensor {
  return notEqual(x, x);
}
