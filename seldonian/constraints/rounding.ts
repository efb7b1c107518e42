import type { Tensor } from "../../autodiff/mod.ts";
import { emptyArray } from "../../autodiff/ndarray.ts";
import { type Apply, primitive } from "../../autodiff/primitive.ts";
import { here } from "../../autodiff/remote_array.ts";

/*
 * Interval ends are rounded outwards wherever arithmetic rounded them, so that an interval contains every exact result for values
 * in its operands' intervals. Exact results stay: 1 - 1 is 0, and a promise that holds with equality is kept. Ends with a
 * gradient are forecasts, and stay.
 */

/**
 * Moves an end up or down by some units in the last place.
 * @param unitsOf how many, by the values of the operands
 */
export function rounded(end: Tensor, direction: "up" | "down", unitsOf: UnitsOf, ...operands: Tensor[]): Tensor {
  return end.requiresGrad ? end : outward([end, ...operands], { direction, unitsOf });
}

/** An error in units in the last place. A function of the module, so that recordings can compare it. */
export type UnitsOf = (...operands: number[]) => number;

const outward: Apply<{ direction: "up" | "down"; unitsOf: UnitsOf }> = primitive({
  name: "round outward",
  shape: ([end]) => end,
  forward(_, ends, { direction, unitsOf }, shape) {
    const [x, ...operands] = ends.map((end) => here(end)).map(({ data, offset }) => data[offset]),
      z = emptyArray("float64", shape);
    const units = Number.isFinite(x) ? unitsOf(...operands) : 0;
    // A unit is at most 2^-52 |x|; for subnormals it is the least subnormal.
    const step = units * Math.max(Math.abs(x) * Number.EPSILON, Number.MIN_VALUE);
    z.data[0] = units === 0 ? x : direction === "up" ? x + step : x - step;
    return z;
  },
  gradient: null,
});

/** 0 if x + y is a double, else 1, the most units of its error (D. E. Knuth, The Art of Computer Programming 2, 4.2.2). */
export function unitsOfSum(x: number, y: number): number {
  const sum = x + y, rest = sum - x;
  return (x - (sum - rest)) + (y - rest) === 0 ? 0 : 1;
}

/**
 * 0 if x · y is a double, else 1. Uses halves of 26 bits, whose products are exact (T. J. Dekker, 1971) unless they underflow.
 */
export function unitsOfProduct(x: number, y: number): number {
  if (x === 0 || y === 0) return 0;
  if (Math.abs(x * y) < 1e-280) return 1;
  const [a, b] = halves(x), [c, d] = halves(y);
  return b * d - (((x * y - a * c) - b * c) - a * d) === 0 ? 0 : 1;
}

function halves(x: number): [number, number] {
  const far = 134217729 * x, high = far - (far - x);
  return [high, x - high];
}
