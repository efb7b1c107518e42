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

/** The polynomial of degree 3 whose coefficients begin a table, the leading one first. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function degree3(x: v128, table: usize): v128 {
  return step(step(step(at(table, 0), x, table, 1), x, table, 2), x, table, 3);
}

/** The same of degree 6. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function degree6(x: v128, table: usize): v128 {
  return step(step(step(degree3(x, table), x, table, 4), x, table, 5), x, table, 6);
}
