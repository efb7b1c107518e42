/** Arithmetic on two float64, with constants from tables: one instruction each, where a constant in the code takes four. */

// @ts-ignore: a decorator of AssemblyScript
@inline
export function at(table: usize, i: usize): v128 {
  return v128.load64_splat(table + 8 * i);
}

/** A step of a polynomial: the sum so far times x, plus coefficient i. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function step(sum: v128, x: v128, table: usize, i: usize): v128 {
  return f64x2.add(f64x2.mul(sum, x), at(table, i));
}
