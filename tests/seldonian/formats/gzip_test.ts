import { deepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { joinedBytes } from "../../../seldonian/tables/bytes.ts";
import { unpacked, unpackedPieces } from "../../../seldonian/formats/gzip.ts";
import { fc } from "../../deps.ts";
import { latin, pieces } from "../../helpers/bytes.ts";
import { cuts } from "../../helpers/arbitraries.ts";

test("gzip data is unpacked, with one member or several, for pieces cut anywhere", async () => {
  const member = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(1, 1, 3000))
    .map(([bytes, times]) => joinedBytes(Array<Uint8Array>(times).fill(bytes)));
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 4 }),
      cuts,
      fc.nat(),
      fc.nat(254),
      async (members, places, at, by) => {
        const packed = joinedBytes(members.map((bytes) => gzipSync(bytes))), whole = joinedBytes(members);
        const read = async (bytes: Uint8Array) => {
          const found: Uint8Array[] = [];
          for await (const piece of unpackedPieces(pieces(bytes, places), "a.csv.gz")) found.push(piece);
          return joinedBytes(found);
        };
        deepEqual(await unpacked(packed), whole);
        deepEqual(await read(packed), whole);
        // A changed byte is noticed, unless it only holds the time or the program of packing.
        const changed = packed.slice(), place = 2 + at % (packed.length - 2);
        changed[place] = (changed[place] + 1 + by) % 256;
        const refused = /Cannot read a\.csv\.gz: its gzip packing was cut short or changed \(/;
        try {
          deepEqual(await read(changed), whole);
        } catch (error) {
          ok(error instanceof RangeError && refused.test(error.message), `${error}`);
        }
        if (members.length === 1) await rejects(read(packed.subarray(0, place)), refused);
        await rejects(read(joinedBytes([packed, latin("x")])), refused);
      },
    ),
    { seed: 4, numRuns: 100 },
  );
  deepEqual(await unpacked(latin("a,b")), latin("a,b"));
  for (const text of ["", "\x1f", "a"]) {
    const found: Uint8Array[] = [];
    for await (const piece of unpackedPieces(pieces(latin(text), [0, 1]))) found.push(piece);
    deepEqual(joinedBytes(found), latin(text));
  }
});
