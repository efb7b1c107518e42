/** The hyperbolic tangent of `mathematics/gate_tanh.ts` for float32, with the same bits. */

import { at, degree3, degree6 } from "./pairs";

const ends = memory.data<f64>([-7.9, 7.9], 8);
const top = memory.data<f64>([
  -2.76076847742355e-16,
  2.00018790482477e-13,
  -8.60467152213735e-11,
  5.12229709037114e-8,
  1.48572235717979e-5,
  6.37261928875436e-4,
  4.89352455891786e-3,
], 8);
const bottom = memory.data<f64>([1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3], 8);

/** tanh x of two float64 that are float32 numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function gateTanh(x: v128): v128 {
  const a = f64x2.pmin(f64x2.pmax(x, at(ends, 0)), at(ends, 1)), s = f64x2.mul(a, a);
  const p = degree6(s, top);
  const q = degree3(s, bottom);
  return f64x2.div(f64x2.mul(a, p), q);
}
