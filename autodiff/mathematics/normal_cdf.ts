import type { TypedArray } from "../dtype.ts";
import { eachNumber } from "../kernels/numbers_in_use.ts";
import { each } from "./each.ts";
import { exp } from "./elementary.ts";

/**
 * z[i] = Φ(x[i]), the standard normal distribution function. Within 2e-16, and in the lower tail relatively to 3e-13; for float32
 * within 6e-8, and in the lower tail relatively to 1e-6.
 */
export function eachNormalCdf(z: TypedArray, x: TypedArray): void {
  if (eachNumber("normalCdfEach", z, [x, 1])) return;
  if (x instanceof Float32Array) {
    // The quotient is fast, but its error of some 1e-8 is more than what is left in the tail, which needs half of the series.
    for (let i = 0; i < z.length; i++) {
      const at = x[i] * Math.SQRT1_2;
      z[i] = x[i] > -2 ? 0.5 + 0.5 * nearErf(at) : exp(logTail(-x[i], 14)) / (2 - at);
    }
  } else {
    const tail = new Float64Array(z.length);
    for (let i = 0; i < z.length; i++) tail[i] = logTail(Math.abs(x[i]), series.length);
    each("exp", tail, tail);
    for (let i = 0; i < z.length; i++) {
      const half = tail[i] / (2 + Math.abs(x[i]) * Math.SQRT1_2);
      z[i] = x[i] < 0 ? half : 1 - half;
    }
  }
}

/** erf as a quotient of polynomials, for float32. Source: the library Eigen. */
function nearErf(x: number): number {
  const a = x > 4 ? 4 : x < -4 ? -4 : x, s = a * a;
  let p = -2.72614225801306e-10 * s + 2.77068142495902e-8;
  p = p * s - 2.10102402082508e-6;
  p = p * s - 5.69250639462346e-5;
  p = p * s - 7.34990630326855e-4;
  p = p * s - 2.954599805409804e-3;
  p = p * s - 1.60960333262415e-2;
  let q = -1.45660718464996e-5 * s - 2.13374055278905e-4;
  q = q * s - 1.68282697438203e-3;
  q = q * s - 7.37332916720468e-3;
  return a * p / (q * s - 1.42647390514189e-2);
}

/** ln((2 + z) Φ(-x)), z = x / √2, for x >= 0. Source: W. H. Press et al., "Numerical Recipes" (2007), section 6.2.2, of erfc(z). */
function logTail(x: number, terms: number): number {
  const u = 8 / (2 + x * Math.SQRT1_2) - 2;
  let d = 0, before = 0;
  for (let j = terms - 1; j > 0; j--) {
    const next = u * d - before + series[j];
    before = d;
    d = next;
  }
  return -0.5 * x * x + 0.5 * (series[0] + u * d) - before;
}

/** Chebyshev coefficients of ln(erfc(z) / t) + z² in u = 4 t - 2. */
const series = [
  ...[-1.3026537197817094, 6.4196979235649026e-1, 1.9476473204185836e-2, -9.561514786808631e-3, -9.46595344482036e-4],
  ...[3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.303655835580e-6, 1.5626441722e-8],
  ...[-8.5238095915e-8, 6.529054439e-9, 5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12],
  ...[-6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16, -2.8e-17],
];
