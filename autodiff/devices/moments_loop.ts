/** Moments of groups: loops over runs within one group. @module */
import type { TypedArray } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { block, sumOf } from "./loops.ts";

/**
 * Splits numbers [before, groups, after] into runs of at most {@link block} numbers of one group, in memory order: run `at`
 * belongs to group at % groups and goes from starts[at] to before ends[at] by `step`.
 */
export interface Runs {
  starts: Int32Array;
  ends: Int32Array;
  step: number;
  /** Number of runs per group. */
  each: number;
}

/** The runs of numbers of a shape. */
export function runsOf([before, groups, after]: Shape): Runs {
  // If neighbouring numbers are in different groups, a run goes down a column.
  const columns = after === 1, step = columns ? groups : 1, length = step * (columns ? before : after), most = step * block;
  const parts = Math.ceil(length / most), each = parts * (columns ? 1 : before);
  const starts = new Int32Array(each * groups), ends = new Int32Array(each * groups);
  for (let run = 0, at = 0; run < each; run++) {
    const part = run % parts, first = (run - part) / parts * groups * after;
    for (let group = 0; group < groups; group++, at++) {
      const start = first + group * after;
      starts[at] = start + part * most;
      ends[at] = Math.min(starts[at] + most, start + length);
    }
  }
  return { starts, ends, step, each };
}

/**
 * Means, then variances (divided by n) of the groups of x [before, groups, after], from one pass over Σ (x - pivot) and Σ (x -
 * pivot)², and a second pass for groups whose pivot, their first number, was ten deviations from the mean. Source: T. F. Chan, G.
 * H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).
 */
export function momentsLoop(moments: TypedArray, x: TypedArray, shape: Shape): void {
  const [before, groups, after] = shape, n = before * after, runs = runsOf(shape), { each } = runs;
  const pivots = new Float64Array(groups);
  for (let group = 0; group < groups; group++) pivots[group] = x[group * after];
  for (let pass = 0, again = true; again && pass < 2; pass++) {
    const [sums, squares] = shiftedSums(runs, x, pivots);
    again = false;
    for (let group = 0; group < groups; group++) {
      const shift = sumOf(sums, group * each, each) / n, square = sumOf(squares, group * each, each) / n;
      moments[group] = pivots[group] + shift;
      moments[groups + group] = Math.max(0, square - shift * shift);
      if (shift * shift > 0.99 * square) {
        // Other groups keep their pivots and so the same bits.
        pivots[group] += shift;
        again = true;
      }
    }
  }
}

/** Σ (x - pivot) and Σ (x - pivot)² over each run; results of a group are contiguous. */
function shiftedSums(
  { starts, ends, step, each }: Runs,
  x: TypedArray,
  pivots: Float64Array,
): [sums: Float64Array, squares: Float64Array] {
  const sums = new Float64Array(starts.length), squares = new Float64Array(starts.length), groups = starts.length / each;
  for (let at = 0; at < starts.length; at++) {
    const group = at % groups, pivot = pivots[group], end = ends[at];
    // Two independent sums take half the time.
    let i = starts[at], a = 0, b = 0, aa = 0, bb = 0;
    for (; i + step < end; i += 2 * step) {
      const c = x[i] - pivot, d = x[i + step] - pivot;
      a += c;
      b += d;
      aa += c * c;
      bb += d * d;
    }
    if (i < end) {
      const c = x[i] - pivot;
      a += c;
      aa += c * c;
    }
    const place = group * each + (at - group) / groups;
    sums[place] = a + b;
    squares[place] = aa + bb;
  }
  return [sums, squares];
}
