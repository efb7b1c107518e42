import { expAnywhere } from "./elementary";
import { at, degree3, degree6, step } from "./pairs";

/** The normal distribution function of `mathematics/normal_cdf.ts` for float32, with the same bits. */

const top = memory.data<f64>([
  -2.72614225801306e-10,
  2.77068142495902e-8,
  -2.10102402082508e-6,
  -5.69250639462346e-5,
  -7.34990630326855e-4,
  -2.954599805409804e-3,
  -1.60960333262415e-2,
], 8);
const bottom = memory.data<f64>([-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2], 8);
const series = memory.data<f64>([
  -1.3026537197817094,
  6.4196979235649026e-1,
  1.9476473204185836e-2,
  -9.561514786808631e-3,
  -9.46595344482036e-4,
  3.66839497852761e-4,
  4.2523324806907e-5,
  -2.0278578112534e-5,
  -1.624290004647e-6,
  1.303655835580e-6,
  1.5626441722e-8,
  -8.5238095915e-8,
  6.529054439e-9,
  5.059343495e-9,
], 8);

const numbers = memory.data<f64>([0.7071067811865476, -4, 4, 0.5, -2], 8);

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(x: f64): v128 {
  return f64x2.splat(x);
}

/** Φ(x) below -2, of two float64. */
function tailCdf(x: v128): v128 {
  const y = f64x2.neg(x), z = f64x2.mul(y, both(0.7071067811865476)), two = both(2);
  const u = f64x2.sub(f64x2.div(both(8), f64x2.add(two, z)), two);
  let d = both(0), before = d;
  for (let j = series + 8 * 13; j > series; j -= 8) {
    const next = f64x2.add(f64x2.sub(f64x2.mul(u, d), before), v128.load64_splat(j));
    before = d;
    d = next;
  }
  const half = f64x2.mul(both(0.5), f64x2.add(v128.load64_splat(series), f64x2.mul(u, d)));
  const logarithm = f64x2.sub(f64x2.add(f64x2.mul(f64x2.mul(both(-0.5), y), y), half), before);
  return f64x2.div(expAnywhere(logarithm), f64x2.add(two, z));
}

/** Φ(x) of two float64 that are float32 numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function normalCdf(x: v128): v128 {
  const a = f64x2.pmin(f64x2.pmax(f64x2.mul(x, at(numbers, 0)), at(numbers, 1)), at(numbers, 2)), s = f64x2.mul(a, a);
  const p = degree6(s, top);
  const q = step(degree3(s, bottom), s, bottom, 4);
  const half = at(numbers, 3), near = f64x2.add(half, f64x2.mul(half, f64x2.div(f64x2.mul(a, p), q)));
  const usual = f64x2.gt(x, at(numbers, 4));
  return v128.all_true<i64>(usual) ? near : v128.bitselect(near, tailCdf(x), usual);
}
