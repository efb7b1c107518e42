import { equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { readIdx } from "../../../mod.ts";

test("readIdx() reads an array of bytes, and errors say what is missing", () => {
  const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
  const { shape, values } = readIdx(file, "digits");
  equal(`${shape} ${values}`, "2,3 1,2,3,4,5,6");
  const table: [Uint8Array, string][] = [
    [file.subarray(0, 15), "Cannot read digits: [2, 3] wants 6 bytes after the header, and it has 3; it is cut short"],
    [file.subarray(0, 9), "Cannot read digits: its header wants 12 bytes, and it has 9; it is cut short"],
    [new Uint8Array(), "Cannot read digits: wanted an IDX file of unsigned bytes, which begins 0 0 8, found nothing"],
    [
      Uint8Array.of(31, 139, 8, 0),
      "Cannot read digits: wanted an IDX file of unsigned bytes, which begins 0 0 8, found 31 139 8",
    ],
  ];
  for (const [bytes, message] of table) throws(() => readIdx(bytes, "digits"), { message });
});
