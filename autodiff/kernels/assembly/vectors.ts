/** Arithmetic on vectors of four numbers, and the transpose of four vectors. */

/** x y + z; in the relaxed build one instruction, which may round once. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function multiplyAdd(x: v128, y: v128, z: v128): v128 {
  // @ts-ignore: a constant of the build
  return RELAXED ? f32x4.relaxed_madd(x, y, z) : f32x4.add(f32x4.mul(x, y), z);
}

/** z - x y; in the relaxed build one instruction, which may round once. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function multiplySubtract(x: v128, y: v128, z: v128): v128 {
  // @ts-ignore: a constant of the build
  return RELAXED ? f32x4.relaxed_nmadd(x, y, z) : f32x4.sub(z, f32x4.mul(x, y));
}

/* The transpose of four vectors of four: row k has the k-th numbers of all. The compiler computes the halves that two rows share only
 * once.
 */

/** First numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function firsts(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 0, 4, 1, 5), 0, 1, 4, 5);
}

/** Second numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function seconds(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 0, 4, 1, 5), 2, 3, 6, 7);
}

/** Third numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function thirds(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 2, 6, 3, 7), v128.shuffle<f32>(c, d, 2, 6, 3, 7), 0, 1, 4, 5);
}

/** Fourth numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function fourths(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 2, 6, 3, 7), v128.shuffle<f32>(c, d, 2, 6, 3, 7), 2, 3, 6, 7);
}
