/** Letters that an error shows of a word on each side. */
export const wordLength = 24;

/**
 * The place of the first byte that is not UTF-8: decoded and encoded again, bytes are the same up to there.
 * @param cut whether there are bytes before those, where a character may have begun
 */
export function firstNotUtf8(bytes: Uint8Array, cut: boolean): number {
  let start = 0;
  while (cut && start < 3 && (bytes[start] & 0xc0) === 0x80) start++;
  const given = bytes.subarray(start),
    again = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(given));
  let place = again.findIndex((byte, i) => byte !== given[i]);
  // Where it differs within a replacement character, that began earlier.
  while ((again[place] & 0xc0) === 0x80) place--;
  return start + place;
}

/** The word that a byte stands in, as windows-1252 has it. */
export function wordAround(bytes: Uint8Array, place: number): string {
  const letters = (part: Uint8Array) => new TextDecoder("windows-1252").decode(part), end = /[\s,;|"\0]/;
  const before = letters(bytes.subarray(Math.max(0, place - wordLength), place)).split(end).at(-1)!;
  const [first, ...rest] = letters(bytes.subarray(place, place + wordLength));
  return before + first + rest.join("").split(end)[0];
}
