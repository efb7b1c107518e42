/** Standardisation by moments of groups: loops over runs within one group. @module */
import type { TypedArray } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { block, sumLoop, sumOf } from "./loops.ts";
import { type Runs, runsOf } from "./moments_loop.ts";

/** A standardisation; weight and bias are one number, one per group or, with `places`, one per position in a group. */
export interface Standardizing {
  moments: TypedArray;
  weight: TypedArray;
  bias: TypedArray;
  epsilon: number;
  places: boolean;
}

/** z = (x - mean) / √(variance + epsilon) · weight + bias, for [before, groups, after]. */
export function standardizeLoop(z: TypedArray, x: TypedArray, shape: Shape, by: Standardizing): void {
  const { moments, weight, bias, epsilon, places } = by, [, groups, after] = shape, { starts, ends, step } = runsOf(shape);
  for (let at = 0; at < starts.length; at++) {
    const group = at % groups, mean = moments[group], r = 1 / Math.sqrt(moments[groups + group] + epsilon), end = ends[at];
    if (places) {
      for (let i = starts[at], k = i - group * after; i < end; i++, k++) z[i] = (x[i] - mean) * r * weight[k] + bias[k];
    } else {
      const own = weight.length === 1 ? 0 : group, factor = r * weight[own], summand = bias[own];
      for (let i = starts[at]; i < end; i += step) z[i] = (x[i] - mean) * factor + summand;
    }
  }
}

/**
 * The gradients of {@link standardizeLoop}, with r = 1 / √(variance + epsilon) and z the standardised numbers: d(bias) = Σ dy,
 * d(weight) = Σ dy z, added to zeros; and unless dx is null, dx = r (g - mean(g) - z mean(g z)) with g = dy · weight. The means
 * count only if the moments are computed from x.
 */
export function standardizeGradientLoop(
  [dx, dWeight, dBias]: readonly [TypedArray | null, Float64Array, Float64Array],
  x: TypedArray,
  dy: TypedArray,
  shape: Shape,
  by: Standardizing,
  ownMoments: boolean,
): void {
  const { moments, weight, epsilon, places } = by, [before, groups, after] = shape, n = before * after, runs = runsOf(shape);
  const [sums, products] = places ? placeSums(runs, x, dy, shape, by, dWeight, dBias) : groupSums(runs, x, dy, moments);
  const { starts, ends, step, each } = runs;
  const factors = new Float64Array(groups), slopes = new Float64Array(groups), shifts = new Float64Array(groups);
  for (let group = 0; group < groups; group++) {
    const r = 1 / Math.sqrt(moments[groups + group] + epsilon), own = weight.length === 1 ? 0 : group;
    const sum = sumOf(sums, group * each, each), product = r * sumOf(products, group * each, each);
    if (!places) {
      dBias[own] += sum;
      dWeight[own] += product;
    }
    const factor = factors[group] = places ? r : r * weight[own];
    slopes[group] = ownMoments ? factor * r * product / n : 0;
    shifts[group] = ownMoments ? factor * sum / n : 0;
  }
  for (let at = 0; dx !== null && at < starts.length; at++) {
    const group = at % groups, mean = moments[group], factor = factors[group], slope = slopes[group], shift = shifts[group];
    const end = ends[at];
    if (places) {
      for (let i = starts[at], k = i - group * after; i < end; i++, k++) {
        dx[i] = dy[i] * weight[k] * factor - ((x[i] - mean) * slope + shift);
      }
    } else {
      for (let i = starts[at]; i < end; i += step) dx[i] = dy[i] * factor - ((x[i] - mean) * slope + shift);
    }
  }
}

/** Σ dy and Σ dy (x - mean) over each run; results of a group are contiguous. */
function groupSums(
  { starts, ends, step, each }: Runs,
  x: TypedArray,
  dy: TypedArray,
  means: TypedArray,
): [sums: Float64Array, products: Float64Array] {
  const sums = new Float64Array(starts.length), products = new Float64Array(starts.length), groups = starts.length / each;
  for (let at = 0; at < starts.length; at++) {
    const group = at % groups, mean = means[group], end = ends[at];
    let i = starts[at], a = 0, b = 0, aa = 0, bb = 0;
    for (; i + step < end; i += 2 * step) {
      const c = dy[i], d = dy[i + step];
      a += c;
      b += d;
      aa += c * (x[i] - mean);
      bb += d * (x[i + step] - mean);
    }
    if (i < end) {
      const c = dy[i];
      a += c;
      aa += c * (x[i] - mean);
    }
    const place = group * each + (at - group) / groups;
    sums[place] = a + b;
    products[place] = aa + bb;
  }
  return [sums, products];
}

/** Σ g and Σ g (x - mean) over each run, like {@link groupSums}; and over the groups, d(weight) and d(bias) per position. */
function placeSums(
  { starts, ends, each }: Runs,
  x: TypedArray,
  dy: TypedArray,
  [, groups, after]: Shape,
  { moments, weight, epsilon }: Standardizing,
  dWeight: Float64Array,
  dBias: Float64Array,
): [sums: Float64Array, products: Float64Array] {
  const sums = new Float64Array(starts.length), products = new Float64Array(starts.length), blocks = Math.ceil(groups / block);
  const weights = new Float64Array(blocks * after), biases = new Float64Array(blocks * after);
  for (let at = 0; at < starts.length; at++) {
    const group = at % groups, mean = moments[group], r = 1 / Math.sqrt(moments[groups + group] + epsilon), end = ends[at];
    let sum = 0, product = 0;
    for (let i = starts[at], k = i - group * after, to = Math.floor(group / block) * after + k; i < end; i++, k++, to++) {
      const d = x[i] - mean, g = dy[i] * weight[k];
      sum += g;
      product += g * d;
      biases[to] += dy[i];
      weights[to] += dy[i] * d * r;
    }
    const place = group * each + (at - group) / groups;
    sums[place] = sum;
    products[place] = product;
  }
  sumLoop(dWeight, weights, 1, blocks, after);
  sumLoop(dBias, biases, 1, blocks, after);
  return [sums, products];
}
