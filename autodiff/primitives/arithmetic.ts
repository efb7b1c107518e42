import type { BinaryOperation } from "../devices/device.ts";
import { broadcastShapes, sameShape, showShape } from "../ndarray.ts";
import { checkArgument, number, numbers } from "../options.ts";
import {
  type Apply,
  type GradientContext,
  type Operand,
  operands,
  primitive,
  real,
  requireSameDType,
  requireTensorList,
} from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { equal, greater, greaterEqual, less } from "./comparison.ts";
import { log, where } from "./elementwise.ts";

/**
 * A function of two tensors, broadcast as in NumPy; a number takes the other operand's dtype, and beside int32 a fraction makes both
 * float64. Integers that leave int32 are a RangeError.
 */
export type Binary = (x: Operand, y: Operand) => Tensor;

/** x + y. */
export const add: Binary = binary("add", "add", ({ dy }) => [() => dy, () => dy]);

/** x - y. */
export const sub: Binary = binary("sub", "subtract", ({ dy }) => [() => dy, () => dy.neg()]);

/** x y; dx = dy y. */
export const mul: Binary = binary("mul", "multiply", ({ dy, inputs: [x, y] }) => [() => dy.mul(y), () => dy.mul(x)]);

/** x / y, of integers in float64; d(y) = -dz z / y. */
export const div: Binary = binary("div", "divide", ({ dy, inputs: [, y], output }) => [
  () => dy.div(y),
  () => dy.mul(output).div(y).neg(),
], real);

/** x^y; dx = dz y x^(y - 1), which is 0 where y is 0, and d(y) = dz z ln x, which is 0 where x is 0 and y not negative. */
export const pow: Binary = binary("pow", "raise", ({ dy, inputs: [x, y], output }) => [
  () => {
    const slope = y.mul(pow(x, y.sub(1)));
    if (y.size === 1 && y.device === "cpu" && y.value !== 0) return dy.mul(slope);
    // 0 times what is not finite; elsewhere y = 0 makes the product 0, whose slope in y is not.
    const undefinedAt = equal(y, 0).mul(div(1, x).abs().less(Infinity).neg().add(1));
    return dy.mul(where(undefinedAt, 0, slope));
  },
  () => {
    const still = equal(x, 0).mul(greaterEqual(y, 0));
    return dy.mul(where(still, 0, output.mul(log(where(still, 1, x)))));
  },
]);

/** The greater of x and y. Where they are equal each gets half of the gradient; NaN passes on, and both get it. */
export const maximum: Binary = binary("maximum", "take the maximum of", ({ dy, inputs: [x, y] }) => [
  () => dy.mul(share(less(x, y), equal(x, y))),
  () => dy.mul(share(less(y, x), equal(x, y))),
]);

/** The lesser of x and y. Where they are equal each gets half of the gradient; NaN passes on, and both get it. */
export const minimum: Binary = binary("minimum", "take the minimum of", ({ dy, inputs: [x, y] }) => [
  () => dy.mul(share(greater(x, y), equal(x, y))),
  () => dy.mul(share(greater(y, x), equal(x, y))),
]);

function share(loses: Tensor, ties: Tensor): Tensor {
  return weightedSum([loses, ties], [-1, -0.5], 1);
}

function binary(
  operation: BinaryOperation,
  action: string,
  gradient: (context: GradientContext<void>) => (() => Tensor)[],
  prepared?: (operand: Tensor) => Tensor,
): Binary {
  const apply = primitive({
    name: operation,
    shape: ([x, y]) => broadcastShapes(x, y, action),
    forward: (device, [x, y], _, shape) => device.binary(operation, x, y, shape),
    gradient,
  });
  return (x, y) => {
    const pair = operands(x, y, action);
    return apply(prepared === undefined ? pair : pair.map(prepared));
  };
}

/**
 * constant + Σ weight · x, of tensors of one shape and dtype, as one operation; sums in float64, which integers become.
 * @throws {RangeError} if there is no tensor, not a weight for each, or if shapes differ
 */
export function weightedSum(tensors: readonly Tensor[], weights: readonly number[], constant = 0): Tensor {
  requireTensorList("add", tensors);
  checkArgument("add tensors", "weights", weights, numbers);
  checkArgument("add tensors", "constant", constant, number);
  const [first] = tensors, other = tensors.find(({ shape }) => !sameShape(shape, first.shape));
  if (first === undefined || tensors.length !== weights.length) {
    throw new RangeError(
      `Cannot add ${tensors.length} tensors with ${weights.length} weights: wanted one weight for each, and one at least`,
    );
  }
  if (other !== undefined) {
    throw new RangeError(`Cannot add ${showShape(first.shape)} and ${showShape(other.shape)} with weights: shapes must be equal`);
  }
  requireSameDType("add", ...tensors);
  return weighted(tensors.map(real), { weights, constant });
}

const weighted: Apply<{ weights: readonly number[]; constant: number }> = primitive({
  name: "weightedSum",
  shape: ([x]) => x,
  forward: (device, arrays, { weights, constant }) => device.weightedSum(arrays, weights, constant),
  gradient: ({ dy, options: { weights } }) => weights.map((weight) => () => weight === 1 ? dy : dy.mul(weight)),
});
