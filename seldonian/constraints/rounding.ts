import { Tensor } from "../../autodiff/mod.ts";

/*
 * Interval ends are rounded outwards wherever arithmetic rounded them, so that an interval contains every exact result for values
 * in its operands' intervals. Exact results stay: 1 - 1 is 0, and a promise that holds with equality is kept. Ends with a
 * gradient are forecasts, and stay.
 */

/** Moves an end up or down by some units in the last place, which are computed if they are needed. */
export function rounded(end: Tensor, direction: "up" | "down", unitsOf: () => number): Tensor {
  if (end.requiresGrad) return end;
  const x = end.value, units = unitsOf();
  if (units === 0 || !Number.isFinite(x)) return end;
  // A unit is at most 2^-52 |x|; for subnormals it is the least subnormal.
  const step = units * Math.max(Math.abs(x) * Number.EPSILON, Number.MIN_VALUE);
  return Tensor.scalar(direction === "up" ? x + step : x - step);
}

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
