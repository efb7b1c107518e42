import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { unpackedLz4 } from "../../../seldonian/formats/lz4.ts";
import { fc } from "../../deps.ts";
import { latin } from "../../helpers/bytes.ts";

test("an LZ4 frame is unpacked, and a broken one has the right size or is refused", () => {
  const frame = latin("\x04\x22\x4d\x18\x60\x40\x82\x06\0\0\0\x13ab\x02\0\x10\0\0\0\0");
  // "ab", then seven letters copied from two before, then "c".
  equal(
    new TextDecoder().decode(unpackedLz4(latin("\x04\x22\x4d\x18\x60\x40\x82\x07\0\0\0\x23ab\x02\0\x10c\0\0\0\0"), 10)),
    "ababababac",
  );
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.nat(255), fc.nat(40), (at, byte, size) => {
      const changed = frame.slice();
      changed[at] = byte;
      try {
        equal(unpackedLz4(changed, size).length, size);
      } catch (error) {
        ok(error instanceof RangeError, `${error}`);
      }
    }),
    { seed: 7, numRuns: 2000 },
  );
});
