import type { RandomGenerator } from "../../../deps.ts";
import { checkOptions, generator, type Known, needed } from "../../../autodiff/options.ts";
import { exp, log } from "../../../autodiff/mathematics/elementary.ts";
import { normal } from "../../parameter.ts";
import { type Minimizer, type Minimum, searching, type SearchOptions, searchSettings } from "./minimizer.ts";

const known: Known<SearchOptions & { random: RandomGenerator }> = {
  ...searching,
  random: needed(generator),
};

/** With more numbers, only variances are learned: the full matrix would take n² numbers and n³ steps. */
const mostWithCovariance = 100;

/**
 * Evolution by a normal distribution whose mean, covariance and size follow the better half of its draws. It uses only the order
 * of values, and no slopes. With more than 100 numbers the covariance is diagonal (R. Ros and N. Hansen, 2008). Source: N.
 * Hansen, "The CMA evolution strategy: a tutorial" (2016), with its constants.
 * @param spread the initial standard deviation
 * @param tolerance stops when the distribution is this narrow
 */
export function* cmaEs(
  start: ArrayLike<number>,
  options: SearchOptions & { random: RandomGenerator },
): Minimizer {
  const { random, ...others } = checkOptions("search", options, known), { spread, tolerance } = searchSettings(start, others);
  const n = start.length, draws = 4 + Math.floor(3 * log(n)), parents = Math.floor(draws / 2), diagonal = n > mostWithCovariance;
  const raw = Array.from({ length: parents }, (_, i) => log((draws + 1) / 2) - log(i + 1)),
    total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / total), effective = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const sizeRate = (effective + 2) / (n + effective + 5), pathRate = (4 + effective / n) / (n + 4 + 2 * effective / n);
  const faster = diagonal ? (n + 2) / 3 : 1, oneRate = Math.min(1, faster * 2 / ((n + 1.3) ** 2 + effective));
  const manyRate = Math.min(1 - oneRate, faster * 2 * (effective - 2 + 1 / effective) / ((n + 2) ** 2 + effective));
  const damping = 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + sizeRate;
  const expectedLength = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)), gauss = normal(1);
  let mean: Float64Array = Float64Array.from(start), size = spread, generation = 0;
  let best: Minimum = { x: mean, value: (yield mean).value };
  const path = new Float64Array(n), sizePath = new Float64Array(n);
  // C = B D² Bᵀ; a diagonal covariance has B = 1.
  const covariance = diagonal ? null : identity(n);
  let axes = identity(diagonal ? 0 : n), lengths: Float64Array = new Float64Array(n).fill(1);
  const times = (z: Float64Array) => diagonal ? z : multiplied(axes, z, n),
    timesTransposed = (z: Float64Array) => diagonal ? z : transposed(axes, z, n);
  while (size * Math.max(...lengths) > tolerance * (1 + Math.max(...mean.map(Math.abs)))) {
    const found: { step: Float64Array; x: Float64Array; value: number }[] = [];
    for (let k = 0; k < draws; k++) {
      const step = times(Float64Array.from(lengths, (length) => length * gauss(random, 0)));
      const x = mean.map((m, i) => m + size * step[i]);
      found.push({ step, x, value: (yield x).value });
    }
    found.sort((a, b) => a.value - b.value || (Number.isNaN(a.value) ? 1 : -1));
    if (found[0].value < best.value) best = { x: found[0].x, value: found[0].value };
    const chosen = found.slice(0, parents), shift = new Float64Array(n);
    chosen.forEach(({ step }, k) => step.forEach((s, i) => shift[i] += weights[k] * s));
    mean = mean.map((m, i) => m + size * shift[i]);
    // The shift, scaled to an isotropic distribution.
    const round = times(timesTransposed(shift).map((s, i) => s / lengths[i]));
    const push = Math.sqrt(sizeRate * (2 - sizeRate) * effective);
    round.forEach((s, i) => sizePath[i] = (1 - sizeRate) * sizePath[i] + push * s);
    const length = Math.sqrt(sizePath.reduce((sum, s) => sum + s * s, 0)), grown = 1 - (1 - sizeRate) ** (2 * ++generation);
    const steady = length / Math.sqrt(grown) < (1.4 + 2 / (n + 1)) * expectedLength ? 1 : 0;
    const along = steady * Math.sqrt(pathRate * (2 - pathRate) * effective);
    shift.forEach((s, i) => path[i] = (1 - pathRate) * path[i] + along * s);
    const kept = 1 - oneRate - manyRate + (1 - steady) * oneRate * pathRate * (2 - pathRate);
    size *= exp(Math.min(1, sizeRate / damping * (length / expectedLength - 1)));
    if (covariance === null) {
      lengths = lengths.map((d, i) =>
        Math.sqrt(
          kept * d * d + oneRate * path[i] ** 2 +
            manyRate * chosen.reduce((sum, { step }, k) => sum + weights[k] * step[i] ** 2, 0),
        )
      );
      continue;
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const many = chosen.reduce((sum, { step }, k) => sum + weights[k] * step[i] * step[j], 0);
        covariance[i * n + j] = covariance[j * n + i] = kept * covariance[i * n + j] + oneRate * path[i] * path[j] +
          manyRate * many;
      }
    }
    ({ axes, lengths } = axesOf(covariance, n));
  }
  return best;
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => i % (n + 1) === 0 ? 1 : 0);
}

function multiplied(a: Float64Array, z: Float64Array, n: number): Float64Array {
  return z.map((_, i) => z.reduce((sum, zj, j) => sum + a[i * n + j] * zj, 0));
}

function transposed(a: Float64Array, z: Float64Array, n: number): Float64Array {
  return z.map((_, j) => z.reduce((sum, zi, i) => sum + a[i * n + j] * zi, 0));
}

/** Eigenvectors (columns) and roots of eigenvalues of a symmetric matrix, by Jacobi's rotations (C. G. J. Jacobi, 1846). */
function axesOf(matrix: Float64Array, n: number): { axes: Float64Array; lengths: Float64Array } {
  const a = matrix.slice(), axes = identity(n);
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0, all = 0;
    for (let i = 0; i < n * n; i++) {
      all += a[i] * a[i];
      if (i % (n + 1) !== 0) off += a[i] * a[i];
    }
    if (off <= 1e-24 * all) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p * n + q] === 0) continue;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1)),
          c = 1 / Math.sqrt(t * t + 1),
          s = t * c;
        const rotate = (m: Float64Array, i: number, j: number) => [m[i], m[j]] = [c * m[i] - s * m[j], s * m[i] + c * m[j]];
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k);
        for (let k = 0; k < n; k++) rotate(axes, k * n + p, k * n + q);
      }
    }
  }
  return { axes, lengths: Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.max(1e-300, a[i * n + i]))) };
}
