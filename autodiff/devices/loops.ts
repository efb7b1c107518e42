/** CPU loops: log-losses and reductions. @module */
import { each, eachDecay } from "../mathematics/each.ts";
import { log } from "../mathematics/elementary.ts";
import type { TypedArray } from "../dtype.ts";

/**
 * Writes the slope of the mean log-loss of logits [n] and returns the sum of the losses. One exponential serves both.
 */
export function binaryEntropyLoop(slope: TypedArray, x: TypedArray, y: TypedArray): number {
  const n = x.length, losses = new Float64Array(n);
  eachDecay(x, (e, start, end) => {
    for (let i = start, k = 0; i < end; i++, k++) slope[i] = ((x[i] < 0 ? e[k] : 1) / (1 + e[k]) - y[i]) / n;
    each("log1p", e, e);
    for (let i = start, k = 0; i < end; i++, k++) losses[i] = Math.max(x[i], 0) + e[k] - y[i] * x[i];
  });
  return sumOf(losses);
}

/** Like {@link binaryEntropyLoop}, for logits [n, classes] and class labels. */
export function entropyLoop(slope: TypedArray, x: TypedArray, y: TypedArray): number {
  const n = y.length, classes = x.length / n, shifted = new Float64Array(x.length);
  const own = new Float64Array(n), totals = new Float64Array(n);
  for (let i = 0, start = 0; i < n; i++, start += classes) {
    let greatest = -Infinity;
    for (let k = 0; k < classes; k++) greatest = Math.max(greatest, x[start + k]);
    for (let k = 0; k < classes; k++) shifted[start + k] = x[start + k] - greatest;
    own[i] = shifted[start + y[i]];
  }
  each("exp", shifted, shifted);
  for (let i = 0, start = 0; i < n; i++, start += classes) {
    let total = 0;
    for (let k = 0; k < classes; k++) total += shifted[start + k];
    for (let k = 0; k < classes; k++) slope[start + k] = (shifted[start + k] / total - (k === y[i] ? 1 : 0)) / n;
    totals[i] = total;
  }
  each("log", totals, totals);
  // The difference of logits first: next to a large one the logarithm would lose its digits.
  for (let i = 0; i < n; i++) totals[i] -= own[i];
  return sumOf(totals);
}

/** Writes x - ln Σ e^x over lines of `length` elements, `inner` apart. */
export function logSoftmaxLoop(z: TypedArray, x: TypedArray, length: number, inner: number): void {
  const whole = length * inner,
    shifted = new Float64Array(x.length),
    greatest = new Float64Array(length > 0 ? x.length / length : 0);
  for (let outer = 0, line = 0; outer < x.length; outer += whole) {
    for (let start = outer; start < outer + inner; start++, line++) {
      let most = -Infinity;
      for (let i = start; i < start + whole; i += inner) most = Math.max(most, x[i]);
      for (let i = start; i < start + whole; i += inner) shifted[i] = x[i] - most;
      greatest[line] = most;
    }
  }
  each("exp", shifted, shifted);
  for (let outer = 0, line = 0; outer < x.length; outer += whole) {
    for (let start = outer; start < outer + inner; start++, line++) {
      let sum = 0;
      for (let i = start; i < start + whole; i += inner) sum += shifted[i];
      // The difference of numbers first: next to a large one the logarithm would lose its digits.
      const logarithm = log(sum);
      for (let i = start; i < start + whole; i += inner) z[i] = (x[i] - greatest[line]) - logarithm;
    }
  }
}

/** The most terms that are added sequentially. Longer sums add such blocks in pairs, so that errors grow with the logarithm. */
export const block = 128;

/** The number of terms in the first of two sums: whole blocks. */
function halfOf(count: number): number {
  return block * Math.ceil(count / (2 * block));
}

/** The sum of `count` elements from `start`. */
export function sumOf(x: TypedArray, start = 0, count = x.length): number {
  if (count > block) {
    const half = halfOf(count);
    return sumOf(x, start, half) + sumOf(x, start + half, count - half);
  }
  // Four independent sums take a quarter of the time.
  let a = 0, b = 0, c = 0, d = 0, i = start;
  for (const end = start + count - 3; i < end; i += 4) {
    a += x[i];
    b += x[i + 1];
    c += x[i + 2];
    d += x[i + 3];
  }
  for (; i < start + count; i++) a += x[i];
  return (a + b) + (c + d);
}

/** Σ (x - mean)² over `count` elements from `start`. */
export function squaresOf(x: TypedArray, mean: number, start = 0, count: number = x.length): number {
  if (count > block) {
    const half = halfOf(count);
    return squaresOf(x, mean, start, half) + squaresOf(x, mean, start + half, count - half);
  }
  let a = 0, b = 0, i = start;
  for (const end = start + count - 1; i < end; i += 2) {
    const c = x[i] - mean, d = x[i + 1] - mean;
    a += c * c;
    b += d * d;
  }
  if (i < start + count) a += (x[i] - mean) * (x[i] - mean);
  return a + b;
}

/** z[o, 0, i] = sum over r of x[o, r, i], where x is [outer, length, inner]; z must be 0. */
export function sumLoop(z: Float64Array, x: TypedArray, outer: number, length: number, inner: number): void {
  for (let o = 0; o < outer; o++) {
    if (inner === 1) z[o] = sumOf(x, o * length, length);
    else sumRows(z.subarray(o * inner, (o + 1) * inner), x, o * length * inner, length);
  }
}

/** Adds rows of x, from element `start`, to z. */
function sumRows(z: Float64Array, x: TypedArray, start: number, rows: number): void {
  const { length } = z;
  if (rows <= block) {
    for (let r = 0, at = start; r < rows; r++) for (let i = 0; i < length; i++, at++) z[i] += x[at];
    return;
  }
  const half = halfOf(rows), rest = new Float64Array(length);
  sumRows(z, x, start, half);
  sumRows(rest, x, start + half * length, rows - half);
  for (let i = 0; i < length; i++) z[i] += rest[i];
}

/** Like {@link sumLoop}, for the greatest (`sign` 1) or least (`sign` -1) element; NaN wins. */
export function extremeLoop(z: Float64Array, x: TypedArray, outer: number, length: number, inner: number, sign: 1 | -1): void {
  z.fill(-sign * Infinity);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let r = 0; r < length; r++) {
      for (let i = 0; i < inner; i++, at++) {
        const best = z[o * inner + i];
        z[o * inner + i] = sign > 0 ? Math.max(best, x[at]) : Math.min(best, x[at]);
      }
    }
  }
}
