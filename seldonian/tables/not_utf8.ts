/** The most letters of a word that an error shows on each side. */
export const wordLength = 24;

/**
 * The place of the first byte that is not UTF-8: up to there, decoding and encoding again gives the same bytes.
 * @param cut whether earlier bytes exist, in which a character may have begun
 */
export function firstNotUtf8(bytes: Uint8Array, cut: boolean): number {
  let start = 0;
  while (cut && start < 3 && (bytes[start] & 0xc0) === 0x80) start++;
  const given = bytes.subarray(start),
    again = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(given));
  let place = again.findIndex((byte, i) => byte !== given[i]);
  // A difference within a replacement character began at its first byte.
  while ((again[place] & 0xc0) === 0x80) place--;
  return start + place;
}

/** The word around a byte, in windows-1252. */
export function wordAround(bytes: Uint8Array, place: number): string {
  const letters = (part: Uint8Array) => new TextDecoder("windows-1252").decode(part), end = /[\s,;|"\0]/;
  const before = letters(bytes.subarray(Math.max(0, place - wordLength), place)).split(end).at(-1)!;
  const [first, ...rest] = letters(bytes.subarray(place, place + wordLength));
  return before + first + rest.join("").split(end)[0];
}
