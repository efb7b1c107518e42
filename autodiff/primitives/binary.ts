/** Functions of two numbers: each with its loop, its formula for devices and its gradient. @module */
import type { Elementwise } from "../device.ts";
import type { DType } from "../dtype.ts";
import { scalarArray } from "../ndarray.ts";
import { broadcastShapes, sameShape, showShape } from "../shape.ts";
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
import type { AnyArray } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./selection.ts";

/**
 * A function of two tensors, broadcast as in NumPy; a number takes the other operand's dtype, and beside int32 a fraction makes both
 * float64. Integers that leave int32 are a RangeError.
 */
export interface Binary {
  (x: Operand, y: Operand): Tensor;
  /** What devices know of it. */
  readonly operation: Elementwise;
}

/** x + y. */
export const add: Binary = binary({
  name: "add",
  action: "add",
  loop(z, x, p, y, q) {
    if (p & q) { for (let i = 0; i < z.length; i++) z[i] = x[i] + y[i]; }
    else for (let i = 0; i < z.length; i++) z[i] = x[i * p] + y[i * q];
  },
  formula: "return x + y;",
  gradient: ({ dy }) => [() => dy, () => dy],
});

/** x - y. */
export const sub: Binary = binary({
  name: "sub",
  action: "subtract",
  loop(z, x, p, y, q) {
    if (p & q) { for (let i = 0; i < z.length; i++) z[i] = x[i] - y[i]; }
    else for (let i = 0; i < z.length; i++) z[i] = x[i * p] - y[i * q];
  },
  formula: "return x - y;",
  gradient: ({ dy }) => [() => dy, () => dy.neg()],
});

/** x y; dx = dy y. */
export const mul: Binary = binary({
  name: "mul",
  action: "multiply",
  loop(z, x, p, y, q) {
    if (p & q) { for (let i = 0; i < z.length; i++) z[i] = x[i] * y[i]; }
    else for (let i = 0; i < z.length; i++) z[i] = x[i * p] * y[i * q];
  },
  formula: "return x * y;",
  gradient: ({ dy, inputs: [x, y] }) => [() => dy.mul(y), () => dy.mul(x)],
});

/** x / y, of integers in float64; d(y) = -dz z / y. */
export const div: Binary = binary({
  name: "div",
  action: "divide",
  prepared: real,
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = x[i * p] / y[i * q];
  },
  formula: "return x / y;",
  gradient: ({ dy, inputs: [, y], output }) => [() => dy.div(y), () => dy.mul(output).div(y).neg()],
});

/** x^y; dx = dz y x^(y - 1), which is 0 where y is 0, and d(y) = dz z ln x, which is 0 where x is 0 and y not negative. */
export const pow: Binary = binary({
  name: "pow",
  action: "raise",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = power(x[i * p], y[i * q]);
  },
  // A device's power is of positive numbers.
  formula: "if (y == 0) { return 1; } let p = pow(abs(x), y); " +
    "if (x < 0) { if (abs(y - 2 * floor(y / 2)) == 1) { return -p; } } return p;",
  gradient: ({ dy, inputs: [x, y], output }) => [
    () => {
      const slope = y.mul(pow(x, y.sub(1)));
      if (y.size === 1 && y.device === "cpu" && y.value !== 0) return dy.mul(slope);
      // 0 times what is not finite; elsewhere y = 0 makes the product 0, whose slope in y is not.
      const undefinedAt = y.equal(0).mul(div(1, x).abs().less(Infinity).neg().add(1));
      return dy.mul(where(undefinedAt, 0, slope));
    },
    () => {
      const still = x.equal(0).mul(y.greaterEqual(0));
      return dy.mul(where(still, 0, output.mul(where(still, 1, x).log())));
    },
  ],
});

/** The greater of x and y. Where they are equal each gets half of the gradient; NaN passes on, and both get it. */
export const maximum: Binary = binary({
  name: "maximum",
  action: "take the maximum of",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = Math.max(x[i * p], y[i * q]);
  },
  formula: "return max(x, y);",
  gradient: ({ dy, inputs: [x, y] }) => [
    () => dy.mul(share(x.less(y), x.equal(y))),
    () => dy.mul(share(y.less(x), x.equal(y))),
  ],
});

/** The lesser of x and y. Where they are equal each gets half of the gradient; NaN passes on, and both get it. */
export const minimum: Binary = binary({
  name: "minimum",
  action: "take the minimum of",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = Math.min(x[i * p], y[i * q]);
  },
  formula: "return min(x, y);",
  gradient: ({ dy, inputs: [x, y] }) => [
    () => dy.mul(share(x.greater(y), x.equal(y))),
    () => dy.mul(share(y.greater(x), x.equal(y))),
  ],
});

function share(loses: Tensor, ties: Tensor): Tensor {
  return weightedSum([loses, ties], [-1, -0.5], 1);
}

/** 1 where x = y, else 0, in their dtype; integers and fractions are compared by value. Comparisons have no gradient. */
export const equal: Binary = comparison({
  name: "equal",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] === y[i * q]);
  },
  formula: "if (x == y) { return 1; } return 0;",
});

/** 1 where x and y differ, else 0. */
export const notEqual: Binary = comparison({
  name: "notEqual",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] !== y[i * q]);
  },
  formula: "if (x == y) { return 0; } return 1;",
});

/** 1 where x < y, else 0. */
export const less: Binary = comparison({
  name: "less",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] < y[i * q]);
  },
  formula: "if (x < y) { return 1; } return 0;",
});

/** 1 where x <= y, else 0. */
export const lessEqual: Binary = comparison({
  name: "lessEqual",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] <= y[i * q]);
  },
  formula: "if (x <= y) { return 1; } return 0;",
});

/** 1 where x > y, else 0. */
export const greater: Binary = comparison({
  name: "greater",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] > y[i * q]);
  },
  formula: "if (x > y) { return 1; } return 0;",
});

/** 1 where x >= y, else 0. */
export const greaterEqual: Binary = comparison({
  name: "greaterEqual",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = +(x[i * p] >= y[i * q]);
  },
  formula: "if (x >= y) { return 1; } return 0;",
});

interface BinaryRule extends Elementwise {
  /** As messages say it. */
  action: string;
  gradient: ((context: GradientContext<void>) => (() => Tensor)[]) | null;
  /** What becomes of each operand first. */
  prepared?: (operand: Tensor) => Tensor;
}

function binary({ action, gradient, prepared, ...operation }: BinaryRule): Binary {
  const apply = primitive({
    name: operation.name,
    shape: ([x, y]) => broadcastShapes(x, y, action),
    forward: (device, inputs, _, shape) => device.elementwise(operation, inputs, shape),
    gradient,
  });
  return Object.assign((x: Operand, y: Operand) => {
    const pair = operands(x, y, action);
    return apply(prepared === undefined ? pair : pair.map(prepared));
  }, { operation });
}

function comparison(operation: Elementwise): Binary {
  const compare = binary({ ...operation, action: "compare", gradient: null });
  return Object.assign((x: Operand, y: Operand) => {
    const z = compare(x, y);
    // A fraction beside integers made both float64.
    return [x, y].some((operand) => typeof operand !== "number" && operand.dtype === "int32") ? z.cast("int32") : z;
  }, { operation });
}

/** x^y as IEEE 754 has it: 1 of 1 and any exponent, and of -1 and an infinite one, where ECMAScript has NaN. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : Math.pow(x, y);
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
  forward: (device, arrays, { weights, constant }, shape) => {
    if (device.weightedSum !== undefined) return device.weightedSum(arrays, weights, constant);
    const dtype = arrays[0].dtype as DType, start: AnyArray = scalarArray(constant, dtype);
    return arrays.reduce((sum, x, i) => {
      const term = device.elementwise(mul.operation, [x, scalarArray(weights[i], dtype)], shape);
      return device.elementwise(add.operation, [term, sum], shape);
    }, start);
  },
  gradient: ({ dy, options: { weights } }) => weights.map((weight) => () => weight === 1 ? dy : dy.mul(weight)),
});
