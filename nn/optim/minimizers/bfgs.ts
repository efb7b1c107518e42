import { checkArgument, checkOptions, type Known, number, numbers } from "../../../autodiff/options.ts";
import type { Found, Minimizer } from "./minimizer.ts";

const known: Known<{ tolerance?: number; noise?: number }> = { tolerance: number, noise: number };

/** Number of steps whose changes of point and slope are kept. */
const remembered = 20;

/**
 * A limited-memory quasi-Newton method (L-BFGS): descent along the gradient, corrected by the curvature of the last 20 steps. If
 * the function returns no gradient, slopes are central differences, which take two values per number.
 * Sources: J. Nocedal, "Updating quasi-Newton matrices with limited storage" (1980); step lengths by bisection: A. S. Lewis and M. L. Overton,
 * "Nonsmooth optimization via quasi-Newton methods" (2013).
 * @param tolerance stops when no slope is greater
 * @param noise relative noise of values: stops after three steps that gain no more
 */
export function* bfgs(
  start: ArrayLike<number>,
  options: { tolerance?: number; noise?: number } = {},
): Minimizer {
  const { tolerance = 1e-8, noise = 1e-14 } = checkOptions("search", options, known);
  checkArgument("search", "the start", start, numbers);
  const pairs: { s: Float64Array; y: Float64Array; curvature: number }[] = [];
  let at: Point = yield* slopes(Float64Array.from(start)), idle = 0;
  // Rounded values could keep it going without progress.
  while (idle < 3 && at.gradient.some((slope) => Math.abs(slope) > tolerance)) {
    const direction = descent(at.gradient, pairs), slope = dot(direction, at.gradient);
    // The first step does not know the scale, so its length is at most 1.
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next: Point | null = slope < 0 ? yield* ahead(at, direction, slope, first, noise) : null;
    if (next === null) {
      // The remembered curvature misleads; without it there is only the gradient to follow.
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const s = next.x.map((xi, i) => xi - at.x[i]), y = next.gradient.map((g, i) => g - at.gradient[i]), curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) pairs.push({ s, y, curvature });
    if (pairs.length > remembered) pairs.shift();
    idle = at.value - next.value > noise * (1 + Math.abs(at.value)) ? 0 : idle + 1;
    at = next;
  }
  return at;
}

/** A point with known value and gradient. */
interface Point {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
}

/** A lower point along a direction, by Armijo's rule, with a risen slope, by Wolfe's; `null` if none is lower. */
function* ahead(
  from: Point,
  direction: Float64Array,
  slope: number,
  first: number,
  noise: number,
): Generator<Float64Array, Point | null, Found> {
  let low = 0, high = Infinity, t = first, lower: Point | null = null;
  for (let i = 0; i < 30; i++) {
    const point = yield* slopes(from.x.map((xi, j) => xi + t * direction[j]));
    if (!(point.value <= from.value + 1e-4 * t * slope)) high = t;
    else {
      lower = point;
      if (dot(point.gradient, direction) >= 0.9 * slope) break;
      low = t;
    }
    t = high < Infinity ? (low + high) / 2 : 2 * low;
    // The remaining gain would be lost in rounding.
    if (high - low < 1e-10 * high || -t * slope <= noise * (1 + Math.abs(from.value))) break;
  }
  return lower;
}

/** Value and gradient at a point. */
function* slopes(x: Float64Array): Generator<Float64Array, Point, Found> {
  const { value, gradient } = yield x;
  if (gradient !== undefined) return { x, value, gradient: Float64Array.from(gradient) };
  const found = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const h = 1e-3 * Math.max(1, Math.abs(x[i])),
      above = (yield x.with(i, x[i] + h)).value,
      below = (yield x.with(i, x[i] - h)).value;
    found[i] = (above - below) / (2 * h);
  }
  return { x, value, gradient: found };
}

/** The two-loop recursion: minus the gradient times the inverse curvature. */
function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; curvature: number }[],
): Float64Array {
  const direction = gradient.map((slope) => -slope), factors: number[] = [];
  for (const { s, y, curvature } of pairs.toReversed()) {
    const factor = dot(s, direction) / curvature;
    factors.unshift(factor);
    for (let i = 0; i < direction.length; i++) direction[i] -= factor * y[i];
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = last.curvature / dot(last.y, last.y);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  pairs.forEach(({ s, y, curvature }, k) => {
    const factor = factors[k] - dot(y, direction) / curvature;
    for (let i = 0; i < direction.length; i++) direction[i] += factor * s[i];
  });
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
