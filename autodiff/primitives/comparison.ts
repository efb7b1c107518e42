import type { BinaryOperation } from "../devices/device.ts";
import { broadcastShapes } from "../ndarray.ts";
import { operands, primitive } from "../primitive.ts";
import type { Binary } from "./arithmetic.ts";

/** 1 where x = y, else 0, in their dtype; integers and fractions are compared by value. Comparisons have no gradient. */
export const equal: Binary = comparison("equal");
/** 1 where x and y differ, else 0. */
export const notEqual: Binary = comparison("notEqual");
/** 1 where x < y, else 0. */
export const less: Binary = comparison("less");
/** 1 where x <= y, else 0. */
export const lessEqual: Binary = comparison("lessEqual");
/** 1 where x > y, else 0. */
export const greater: Binary = comparison("greater");
/** 1 where x >= y, else 0. */
export const greaterEqual: Binary = comparison("greaterEqual");

function comparison(operation: BinaryOperation): Binary {
  const apply = primitive({
    name: operation,
    shape: ([x, y]) => broadcastShapes(x, y, "compare"),
    forward: (device, [x, y], _, shape) => device.binary(operation, x, y, shape),
    gradient: null,
  });
  return (x, y) => {
    const pair = operands(x, y, "compare"), z = apply(pair);
    // A fraction beside integers made both float64.
    return [x, y].some((operand) => typeof operand !== "number" && operand.dtype === "int32") ? z.cast("int32") : z;
  };
}
