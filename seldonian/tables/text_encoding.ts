/** Some encodings that TextDecoder supports. */
export const encodingNames = (
  "utf-8 utf-16le utf-16be windows-1252 iso-8859-15 windows-1250 windows-1251 koi8-r macintosh shift_jis euc-jp gb18030 big5 euc-kr"
).split(" ");

/** The encoding whose byte-order mark begins the bytes. */
export function markedEncoding(head: Uint8Array): string | undefined {
  const begins = (...mark: number[]) => mark.every((byte, i) => head[i] === byte);
  if (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff)) return "utf-32";
  if (begins(0xff, 0xfe)) return "utf-16le";
  if (begins(0xfe, 0xff)) return "utf-16be";
  return begins(0xef, 0xbb, 0xbf) ? "utf-8" : undefined;
}

/**
 * UTF-16 or UTF-8. UTF-16 has a NUL byte next to each Latin letter, digit, comma and line end, always on the same side; UTF-8 has
 * none.
 */
export function unmarkedEncoding(head: Uint8Array): string {
  const zeros = [0, 0];
  head.forEach((byte, i) => zeros[i % 2] += Number(byte === 0));
  const [more, fewer] = zeros[0] > zeros[1] ? zeros : zeros.toReversed();
  // A few stray ones are not a sign.
  if (8 * more <= head.length || more <= 4 * fewer) return "utf-8";
  const encoding = more === zeros[0] ? "utf-16be" : "utf-16le";
  // Small 16-bit integers have such bytes too, but are control characters.
  // deno-lint-ignore no-control-regex
  return /[\0-\x08\x0e-\x1f]/.test(new TextDecoder(encoding).decode(head)) ? "utf-8" : encoding;
}
