import { names } from "../good.ts";
import type { Damage } from "../damage.ts";
import { below, decoded, instead, joined, mended, refused, verdict } from "../changes.ts";
import { latin, utf16, utf8 } from "../../helpers/bytes.ts";

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Damages to bytes. */
export const ofBytes: readonly Damage[] = [
  {
    name: "a byte order mark",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xef, 0xbb, 0xbf], bytes),
  },
  {
    name: "two byte order marks",
    outcome: [...mended, "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], bytes),
  },
  {
    name: "letters of Latin-1",
    outcome: refused,
    said: /line \d+|encoding/,
    bytes: (bytes) => latin(decoded(bytes)),
  },
  {
    name: "letters of Latin-1 from the middle on",
    outcome: refused,
    said: /line \d+|encoding/,
    bytes: (bytes) => {
      const text = decoded(bytes), half = text.length / 2;
      return joined(utf8(text.slice(0, half)), latin(text.slice(half)));
    },
  },
  {
    name: "UTF-16 with a byte order mark",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xff, 0xfe], utf16(decoded(bytes), true)),
  },
  {
    name: "UTF-16 with a byte order mark, the other byte first",
    outcome: ["repaired", "harmless"],
    said: /./,
    bytes: (bytes) => joined([0xfe, 0xff], utf16(decoded(bytes), false)),
  },
  {
    name: "UTF-16 without a byte order mark",
    outcome: mended,
    said: /encoding|UTF-16|NUL|U\+0000/,
    bytes: (bytes) => utf16(decoded(bytes), true),
  },
  {
    name: "UTF-32",
    outcome: refused,
    said: /encoding|UTF|NUL|U\+0000/,
    bytes: (bytes) =>
      joined(
        [0xff, 0xfe, 0, 0],
        Uint8Array.from([...decoded(bytes)].flatMap((letter) => {
          const code = letter.codePointAt(0)!;
          return [code & 255, code >> 8, 0, 0];
        })),
      ),
  },
  { name: "gzip", outcome: ["repaired", "harmless"], said: /./, bytes: gzipped },
  {
    name: "gzip cut in the middle",
    outcome: refused,
    said: /gzip|cut|end/,
    bytes: async (bytes) => {
      const all = await gzipped(bytes);
      return all.subarray(0, all.length / 2);
    },
  },
  {
    name: "gzip with a bit turned",
    outcome: refused,
    said: /gzip|check|corrupt|damag/i,
    bytes: async (bytes, random) => {
      const all = await gzipped(bytes);
      all[100 + below(random, all.length - 200)] ^= 16;
      return all;
    },
  },
  {
    name: "two gzip files, one after the other, the second without a head line",
    outcome: verdict,
    said: /double|twice|same|equal|alike|repeat|gzip/i,
    bytes: async (bytes) => joined(await gzipped(bytes), await gzipped(bytes.subarray(bytes.indexOf(10) + 1))),
  },
  {
    name: "a NUL in the middle of a number",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes, random) => bytes.with(2000 + below(random, 40000), 0),
  },
  {
    name: "NULs at the end, as after a crash",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes) => joined(bytes, new Uint8Array(512)),
  },
  {
    name: "the second half is NULs",
    outcome: refused,
    said: /line \d+|NUL|U\+0000/,
    bytes: (bytes) => bytes.map((byte, i) => i < bytes.length / 2 ? byte : 0),
  },
  instead("an empty file", ""),
  instead("a head line alone", names.join(",") + "\n"),
  instead(
    "a file of Excel",
    joined([0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0], new Uint8Array(400).map((_, i) => i * 37)),
    /Excel|xlsx|zip|CSV/i,
  ),
  instead(
    "a file of old Excel",
    joined([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], new Uint8Array(400)),
    /Excel|xls|CSV|encoding|text/i,
  ),
  instead(
    "a file of bzip2",
    joined(utf8("BZh91AY&SY"), new Uint8Array(400).map((_, i) => i * 37)),
    /bzip2|compress|encoding|CSV|text/i,
  ),
  instead(
    "a page of HTML",
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Please, sign in, to go on</body></html>\n",
    /HTML|line|column/i,
  ),
  instead("a message of a server", '{"error": "404: Not Found"}\n'),
  instead("a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 51234\n"),
];
