import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { joinedBytes } from "../../../seldonian/tables/bytes.ts";
import { decoded, decodedPieces } from "../../../seldonian/tables/decoded.ts";
import { fc } from "../../deps.ts";
import { latin, pieces, utf16, utf8 } from "../../helpers/bytes.ts";
import { cuts } from "../../helpers/arbitraries.ts";

/** The text, or the message of an error. */
const outcome = async (read: () => Promise<string> | string): Promise<string> => {
  try {
    return await read();
  } catch (error) {
    return (error as Error).message;
  }
};
const joinedText = async (source: AsyncIterable<string>) => {
  let text = "";
  for await (const piece of source) text += piece;
  return text;
};

/** Any text without NUL or an initial byte order mark, also longer than the bytes that determine the encoding. */
const anyText = fc.tuple(fc.string({ unit: "binary" }), fc.constantFrom(1, 1, 1, 700))
  .map(([text, times]) => text.replaceAll("\0", "").repeat(times).replace(/^\uFEFF+/, ""));

test("text in UTF-8 and UTF-16 is decoded, wherever it is cut", () =>
  fc.assert(
    fc.asyncProperty(anyText, cuts, async (text, places) => {
      const ways: [string, Uint8Array][] = [
        ["utf-8", utf8(text)],
        ["utf-8", utf8(`\uFEFF${text}`)],
        ["utf-16le", utf16(`\uFEFF${text}`, true)],
        ["utf-16be", utf16(`\uFEFF${text}`, false)],
      ];
      for (const [encoding, bytes] of ways) {
        deepEqual(decoded(bytes), { text, encoding });
        equal(await joinedText(decodedPieces(pieces(bytes, places))), text);
        equal(decoded(bytes, { encoding }).text, text);
      }
    }),
    { seed: 1, numRuns: 300 },
  ));

test("UTF-16 without a byte order mark is recognised by its Latin letters", () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom("a", "é", "7", ",", "\n", "語", "😂") }), cuts, async (rest, places) => {
      const text = `name,age\r\nAda,36\r\n${rest}`;
      for (const isLittle of [true, false]) {
        const bytes = utf16(text, isLittle);
        deepEqual(decoded(bytes), { text, encoding: isLittle ? "utf-16le" : "utf-16be" });
        equal(await joinedText(decodedPieces(pieces(bytes, places))), text);
      }
    }),
    { seed: 2, numRuns: 200 },
  ));

test("the error for a byte that is not UTF-8 names its line and word, wherever the file is cut", async () => {
  const line = fc.tuple(fc.string({ unit: fc.constantFrom("a", "1", "é", "語", "😀", ",") }), fc.constantFrom(1, 1, 700))
    .map(([text, times]) => text.repeat(times));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.constantFrom("\xe9", "\xef", "\xff", "\x80", "\xc3", "\xf0\x9f\x98"),
      cuts,
      async (lines, end, bad, places) => {
        const before = utf8(lines.map((text) => text + end).join("")), bytes = joinedBytes([before, latin(`caf${bad},x\n`)]);
        const message = `Cannot read a.csv: byte 0x${bad.charCodeAt(0).toString(16).toUpperCase()} in line ${lines.length + 1} ` +
          `is not UTF-8; it would be ${
            JSON.stringify(new TextDecoder("windows-1252").decode(latin(`caf${bad}`)))
          } in windows-1252; ` +
          'if that is right, give encoding: "windows-1252"';
        equal(await outcome(() => decoded(bytes, { file: "a.csv" }).text), message);
        equal(await outcome(() => joinedText(decodedPieces(pieces(bytes, places), { file: "a.csv" }))), message);
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

test("declared encodings are used; unknown encodings and data that is not text are errors", async () => {
  equal(decoded(latin("caf\xe9"), { encoding: "latin1" }).text, "café");
  equal(decoded(latin("\xa4"), { encoding: "iso-8859-15" }).text, "€");
  equal(decoded(Uint8Array.of(0x93, 0xfa, 0x96, 0x7b), { encoding: "shift_jis" }).text, "日本");
  equal(decoded(utf16("\uFEFFa", false), { encoding: "utf-16" }).encoding, "utf-16be");
  equal(decoded(new Uint8Array(0)).text, "");
  const refusals: [Uint8Array, string | undefined, string][] = [
    [latin("a"), "windos-1252", 'there is no encoding "windos-1252"; the nearest is "windows-1252"'],
    [latin("a"), "klingon", 'there is no encoding "klingon"; wanted one of the Encoding Standard, as utf-8, utf-16le'],
    [
      utf8("\uFEFFa"),
      "windows-1252",
      "encoding says windows-1252, and it begins with the byte-order mark of utf-8; leave encoding out",
    ],
    [latin("\xff\xfe\0\0a\0\0\0"), undefined, "it is in utf-32; save it as UTF-8"],
    [latin("a,b\n1,\0\n"), undefined, "it has a NUL character in line 2, so it is not text"],
    [latin("\x05\0\x07\0\x08\0"), undefined, "it has a NUL character in line 1, so it is not text"],
    [latin("\xff\xfea\0\n\0b"), undefined, "what follows in line 2 is not utf-16le"],
  ];
  for (const [bytes, encoding, why] of refusals) {
    const message = await outcome(() => decoded(bytes, { file: "a.csv", encoding }).text);
    ok(message.startsWith(`Cannot read a.csv: ${why}`), message);
    equal(await outcome(() => joinedText(decodedPieces(pieces(bytes, [1, 2, 5]), { file: "a.csv", encoding }))), message);
  }
  // Pieces of text need no decoding.
  const mixed = async function* () {
    yield await Promise.resolve("\uFEFFa,");
    yield utf8("é\n");
    yield "b";
  };
  equal(await joinedText(decodedPieces(mixed())), "a,é\nb");
});
