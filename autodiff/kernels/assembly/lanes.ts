/*
 * The transpose of four vectors of four: row k of it is the k-th numbers of all. The halves that two rows share are computed
 * once, because the compiler sees that they are the same.
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
