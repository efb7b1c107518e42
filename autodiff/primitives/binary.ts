/** Functions of two numbers, each with a loop, a formula for devices and a gradient. @module */
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
 * A function of two tensors, broadcast as in NumPy. A number takes the other operand's dtype; a fraction and int32 become
 * float64.
 * @throws {RangeError} for an integer result outside int32
 */
export interface Binary {
  (x: Operand, y: Operand): Tensor;
  /** The operation for devices. */
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

/** x / y, in float64 for integers; d(y) = -dz z / y. */
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

/** x^y; dx = dz y x^(y - 1), or 0 where y = 0; d(y) = dz z ln x, or 0 where x = 0 and y >= 0. */
export const pow: Binary = binary({
  name: "pow",
  action: "raise",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = power(x[i * p], y[i * q]);
  },
  // The power function of devices takes positive numbers only.
  formula: "if (y == 0) { return 1; } if (x == 1) { return 1; } " +
    "if (x == 0) { if (y < 0) { return 1 / abs(x); } return y * x; } let p = pow(abs(x), y); if (x > 0) { return p; } " +
    "if (x < 0) { if (floor(y) == y) { if (abs(y - 2 * floor(y / 2)) == 1) { return -p; } return p; } return sqrt(x); } " +
    "return x;",
  integers: "var p = 1; var b = x; var e = abs(y); while (e > 0) { if ((e & 1) == 1) { p = p * b; } b = b * b; e = e >> 1u; } " +
    "if (y < 0) { return select(0, p, abs(x) == 1); } return p;",
  gradient: ({ dy, inputs: [x, y], output }) => [
    () => {
      const slope = y.mul(pow(x, y.sub(1)));
      if (y.size === 1 && y.device === "cpu" && y.value !== 0) return dy.mul(slope);
      // Where x^-1 is not finite, 0 times it would be NaN. Elsewhere y = 0 makes the product 0, but its slope in y is not 0.
      const undefinedAt = y.equal(0).mul(div(1, x).abs().less(Infinity).neg().add(1));
      return dy.mul(where(undefinedAt, 0, slope));
    },
    () => {
      const still = x.equal(0).mul(y.greaterEqual(0));
      return dy.mul(where(still, 0, output.mul(where(still, 1, x).log())));
    },
  ],
});

/** The greater of x and y. Where they are equal, each gets half of the gradient. NaN propagates, and both get the gradient. */
export const maximum: Binary = binary({
  name: "maximum",
  action: "take the maximum of",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = Math.max(x[i * p], y[i * q]);
  },
  formula: "if (x > y) { return x; } if (x <= y) { return y; } return x + y;",
  gradient: ({ dy, inputs: [x, y] }) => [
    () => dy.mul(share(x.less(y), x.equal(y))),
    () => dy.mul(share(y.less(x), x.equal(y))),
  ],
});

/** The lesser of x and y. Where they are equal, each gets half of the gradient. NaN propagates, and both get the gradient. */
export const minimum: Binary = binary({
  name: "minimum",
  action: "take the minimum of",
  loop(z, x, p, y, q) {
    for (let i = 0; i < z.length; i++) z[i] = Math.min(x[i * p], y[i * q]);
  },
  formula: "if (x < y) { return x; } if (x >= y) { return y; } return x + y;",
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
  /** Its verb in messages. */
  action: string;
  gradient: ((context: GradientContext<void>) => (() => Tensor)[]) | null;
  /** Converts each operand first. */
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
    // Comparing integers with a fraction made both float64.
    return [x, y].some((operand) => typeof operand !== "number" && operand.dtype === "int32") ? z.cast("int32") : z;
  }, { operation });
}

/** x^y as in IEEE 754: 1 for base 1 and any exponent, and for base -1 and an infinite one. ECMAScript returns NaN. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : Math.pow(x, y);
}

/**
 * constant + Σ weight · x, for tensors of one shape and dtype, as one operation. Sums are float64; integers become float64.
 * @throws {RangeError} if there is no tensor, if weights and tensors differ in number, or if shapes differ
 */
export function weightedSum(tensors: readonly Tensor[], weights: readonly number[], constant = 0): Tensor {
  requireTensorList("add", tensors);
  checkArgument("add tensors", "weights", weights, numbers);
  checkArgument("add tensors", "constant", constant, number);
  const [first] = tensors, other = tensors.find(({ shape }) => !sameShape(shape, first.shape));
  if (first === undefined || tensors.length !== weights.length) {
    throw new RangeError(
      `Cannot add ${tensors.length} tensors with ${weights.length} weights: wanted at least one tensor, and a weight for each`,
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
