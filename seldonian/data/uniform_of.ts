import { finish, firstOf, secondOf, tags } from "./row_hashes.ts";

/** The result of a hash, written anew by each draw: a new array takes longer than the draw. */
const key = new Uint32Array(2);

/** A uniform number in [0, 1), of 53 bits, which depends only on these words, such as those of a key and of a row's key. */
export function uniformOf(...words: number[]): number {
  let a = tags.numbers, b = words.length;
  for (let i = 0; i < words.length; i += 2) {
    a = firstOf(a, b, words[i]);
    b = secondOf(a, b, i + 1 < words.length ? words[i + 1] : 0);
  }
  finish(a, b, key, 0);
  return ((key[0] >>> 5) * 2 ** 26 + (key[1] >>> 6)) * 2 ** -53;
}
