import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { csv, nn, readIdx, readNpy, readNpz, readParquet, readTable } from "../../../mod.ts";
import { jsonLines } from "../../../seldonian/formats/json_lines.ts";
import { joinedBytes } from "../../../seldonian/tables/bytes.ts";
import { latin, utf8 } from "../../helpers/bytes.ts";
import { parquetOf } from "../../helpers/parquet.ts";
import { npyOf, zipOf } from "../../helpers/zip.ts";

/** A safetensors file of one float32. */
function tensorOf(shape: readonly number[]): Uint8Array {
  const header = utf8(JSON.stringify({ w: { dtype: "F32", shape, data_offsets: [0, 4] } })), length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, header.length, true);
  return joinedBytes([length, header, new Uint8Array(4)]);
}

test("a shape has at most 64 axes, and lengths that an array can have", () => {
  const ones = (count: number) => new Array<number>(count).fill(1),
    idx = (axes: number) =>
      joinedBytes([latin(`\0\0\x08${String.fromCharCode(axes)}`), latin("\0\0\0\x01".repeat(axes)), latin("5")]);
  const read = [
    (axes: number) => readNpy(npyOf([5], ones(axes).join(","))).shape,
    (axes: number) => nn.readSafetensors(tensorOf(ones(axes))).get("w")!.shape,
    (axes: number) => readIdx(idx(axes), "digits").shape,
  ];
  for (const shapeOf of read) {
    equal(shapeOf(64).length, 64);
    throws(() => shapeOf(65), { name: "RangeError", message: /it has 65 axes, and the limit is 64/ });
    throws(() => shapeOf(200), /it has 200 axes/);
  }
  // Hundreds of thousands once took minutes, and memory that nobody could catch.
  throws(() => readNpy(npyOf([5], ones(400_000).join(","))), /it has 400000 axes/);
  throws(() => nn.readSafetensors(tensorOf(ones(400_000))), /it has 400000 axes/);
  throws(() => readNpy(npyOf([], "0, 9007199254740991, 2")), /it has the shape \[0, 9007199254740991, 2\], more than fits/);
  throws(() => readNpy(npyOf([1, 2], "1 2,")), /its shape is \(1 2,\)/);
});

test("declared sizes are actual sizes", async () => {
  throws(() => readNpy(joinedBytes([npyOf([1, 2]), latin("x")])), /\[2\] of f4 wants 8 bytes, and it has 9/);
  throws(
    () => readIdx(latin("\0\0\x08\x01\0\0\0\x01ab"), "digits"),
    /\[1\] wants 1 bytes .* it has 2; something follows its end/,
  );
  const good = { age: [1, 2, 3], paid: [0, 1, 1] };
  deepEqual([...(await readParquet(parquetOf(good))).numbers("age")], good.age);
  for (
    const [lies, why] of [
      [{ rows: 2 }, "it claims 2 rows, and its parts have other numbers of rows"],
      [{ rows: -3, groupRows: -3 }, "it claims -3 rows"],
      [{ values: 2 }, "a column has 2 values in 3 rows"],
      [{ values: 4 }, "a column has 4 values in 3 rows"],
      [{ unpacked: 2 ** 31 - 1 }, "it has 2,147,483,659 bytes of contents or more, and the limit is 16,777,216"],
      [{ rows: 10 ** 12, groupRows: 10 ** 12 }, "it has 4,000,000,000,000 bytes of contents or more"],
    ] as const
  ) {
    await rejects(
      readParquet(parquetOf(good, lies)),
      (error: Error) => error.message.startsWith(`Cannot read the Parquet file: ${why}`),
    );
  }
  await rejects(readNpz(zipOf([["a.npy", npyOf([1, 2, 3])]], 2 ** 31)), /it has 2,147,483,648 bytes of contents or more/);
  await rejects(readNpz(zipOf([["a.npy", npyOf([1, 2, 3])]], 90)), /"a" was changed or cut short: its checksum differs/);
});

test("contents beyond a limit are refused with the limit that reads them", async () => {
  const rows = 24_000, packed = gzipSync(utf8(`a\n${`${"x".repeat(999)}\n`.repeat(rows)}`));
  ok(packed.length < 200_000);
  await rejects(readTable(packed, { file: "a.csv.gz" }), {
    name: "RangeError",
    message: "Cannot read a.csv.gz: it has 24,000,002 bytes of contents or more, and the limit is 16,777,216; " +
      "if you trust it, give limits: { contents: 24000002 }",
  });
  equal((await readTable(packed, { limits: { contents: 24_000_002 } })).size, rows);
  const zeros = npyOf(new Array<number>(5_000_000).fill(0)), file = zipOf([["zeros.npy", zeros]]);
  await rejects(readNpz(file), /it has 20,000,0\d\d bytes of contents or more, and the limit is 16,777,216/);
  equal((await readNpz(file, { limits: { contents: 2 ** 25 } })).get("zeros")!.size, 5_000_000);
  // Rows with different properties: a table of every row by every property.
  const wide = Array.from({ length: 3000 }, (_, i) => `{"a${i}":1}`).join("\n");
  throws(() => jsonLines(wide), /it has 18,000,000 bytes of contents or more/);
});

test("a table has at most 100,000 columns, unless more are allowed", async () => {
  const line = (width: number, cell: (i: number) => string) => Array.from({ length: width }, (_, i) => cell(i)).join(",");
  const text = (width: number) => `${line(width, (i) => `c${i}`)}\n${line(width, () => "1")}\n`;
  equal(csv(text(100_000)).names.length, 100_000);
  const refused = /it has 100,001 columns or more, and the limit is 100,000; if you trust it, give limits: \{ columns: 100001 \}/;
  throws(() => csv(text(100_001), { limits: { contents: 5 } }), /give limits: \{ contents: 5, columns: 100001 \}/);
  throws(() => csv(text(100_001)), refused);
  throws(() => jsonLines(`{${line(100_001, (i) => `"c${i}":1`)}}`), refused);
  equal(csv(text(100_001), { limits: { columns: 200_000 } }).names.length, 100_001);
  const columns = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`c${i}`, [i]]));
  await rejects(readParquet(parquetOf(columns), { limits: { columns: 10 } }), /it has 11 columns or more, and the limit is 10/);
  throws(() => csv("a\n1", { limits: { column: 5 } as never }), /limits is an object with column; wanted limits by name/);
  throws(() => csv("a\n1", { limits: { columns: 0.5 } }), TypeError);
});

test("names are kept or refused, whatever they are", async () => {
  const x = nn.readSafetensors(nn.writeSafetensors(
    ["__proto__", "constructor", "prototype", "w"].map((name) => [name, nn.readSafetensors(tensorOf([1])).get("w")!]),
  ));
  deepEqual([...x.keys()], ["__proto__", "constructor", "prototype", "w"]);
  deepEqual([...(await readNpz(zipOf([["__proto__.npy", npyOf([1])]]))).keys()], ["__proto__"]);
  await rejects(readNpz(zipOf([["__proto__", npyOf([1])]])), /no array can be named "__proto__"/);
  for (const second of ["a.npy", "a"]) {
    await rejects(readNpz(zipOf([["a.npy", npyOf([1])], [second, npyOf([2])]])), /two arrays are named "a/);
  }
  const table = csv("__proto__,constructor\n1,2\n3,4\n");
  deepEqual(table.names, ["__proto__", "constructor"]);
  deepEqual(Object.entries(table.row(1)), [["__proto__", 3], ["constructor", 4]]);
  deepEqual(jsonLines('{"__proto__": 1, "constructor": 2}').names, ["__proto__", "constructor"]);
  const proto = await readParquet(parquetOf(JSON.parse('{"__proto__": [1, 2], "constructor": [3, 4]}')));
  deepEqual([...proto.numbers("__proto__"), ...proto.numbers("constructor")], [1, 2, 3, 4]);
});
