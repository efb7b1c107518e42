import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { readArrow } from "../../../seldonian/formats/arrow.ts";
import { joinedBytes } from "../../../seldonian/tables/bytes.ts";
import { parquetTables, readParquet } from "../../../seldonian/formats/parquet.ts";
import { readTable } from "../../../seldonian/formats/read_table.ts";
import { fc } from "../../deps.ts";
import { latin } from "../../helpers/bytes.ts";
import { columnsOf, readsOrRefuses, typed, written } from "./written.ts";

const asText = {
  level: ["7", "", "9"],
  i64: ["-9007199254740991", "9007199254740991", ""],
  share: ["0.1", "", "3e-7"],
  money: ["0.10", "-12345678901234.56", ""],
  flag: ["true", "false", ""],
  none: ["", "", ""],
};
const people = [
  ["age", [30, 41, NaN]],
  ["job", ["cook", "a text of more than twelve letters", ""]],
  ["paid", [1, NaN, 0]],
  ["kind", ["a", "b", "a"]],
  ["day", ["2020-02-29", "", ""]],
];

test("typed columns are the same from Parquet and from Arrow, for every compression and writer", async () => {
  for (const name of ["typed.parquet", "typed.arrow", "typed.arrows", "typed_lz4.arrow", "typed_zstd.arrow"]) {
    const bytes = written(name), read = name.endsWith("parquet") ? readParquet : readArrow;
    deepEqual(columnsOf(await read(bytes)), typed, name);
    const table = await read(bytes, { columns: ["day", ...Object.keys(asText)], text: Object.keys(asText) });
    deepEqual(columnsOf(table), [["day", typed[14][1]], ...Object.entries(asText)], name);
    // The bytes may start at any offset.
    deepEqual(columnsOf(await read(joinedBytes([latin("x"), bytes]).subarray(1))), typed, name);
  }
  for (const name of ["polars.parquet", "polars.arrow", "polars_zstd.arrow"]) {
    deepEqual(columnsOf(await readTable(written(name))), people, name);
  }
  deepEqual(columnsOf(await readTable(written("duckdb.parquet"))), [
    ["age", [30, NaN]],
    ["job", ["cook", ""]],
    ["paid", [1, NaN]],
    ["price", [12.5, NaN]],
    ["day", ["2020-02-29", ""]],
    ["visits", [7, NaN]],
  ]);
  // The row numbers that pandas stores are left out, unless named.
  const frame = [["age", [30, 41, NaN]], ["job", ["cook", "nurse", ""]], ["code", ["01", "02", ""]]];
  deepEqual(columnsOf(await readParquet(written("pandas.parquet"))), frame);
  deepEqual(columnsOf(await readParquet(written("pandas.parquet"), { columns: ["__index_level_0__"] })), [["__index_level_0__", [
    0,
    1,
    3,
  ]]]);
  deepEqual(columnsOf(await readTable(written("pandas.feather"))).slice(1), [
    ["job", ["cook", "nurse", "cook", ""]],
    ["code", ["01", "02", "03", ""]],
  ]);
  // Several LZ4 blocks that refer to earlier ones.
  const long = await readArrow(written("long_lz4.feather"));
  deepEqual([...long.numbers("x")], Array.from({ length: 20000 }, (_, i) => i % 97 / 8));
  deepEqual([...long.numbers("big")], Array.from({ length: 20000 }, (_, i) => Math.floor(i / 1000)));
});

test("nested columns and numbers with too many digits are errors, but only if they are read", async () => {
  for (const format of ["parquet", "arrow"]) {
    const nested = { file: `nested.${format}` },
      large = { file: `large.${format}` },
      of = (options: { file: string }) => written(options.file);
    await rejects(
      readTable(of(nested), nested),
      new RegExp(
        `^(DataError|RangeError): Cannot read nested.${format}: column "tags" is of .*lists or structures; wanted numbers or texts; ` +
          'to leave it out, give columns: \\["x"',
      ),
    );
    deepEqual(columnsOf(await readTable(of(nested), { ...nested, columns: ["x"] })), [["x", [1, 2]]]);
    await rejects(readTable(of(nested), { columns: ["x", "bytes"] }), /^RangeError: Cannot read the (Parquet|Arrow) file: /);
    await rejects(readTable(of(nested), { columns: ["y"] }), {
      message: 'Cannot find the column "y": the file has "tags", "x", "bytes", "place"',
    });
    await rejects(readTable(of(nested), { columns: ["x"], text: ["y"] }), /Cannot find the column "y"/);
    await rejects(readTable(of(large), { ...large, text: ["x"] }), {
      message:
        `Cannot read large.${format}: column "id" holds 9007199254740993 in row 1, and numbers are exact up to 2^53 only; ` +
        'if it is a code, not an amount, give text: ["x", "id"]',
    });
    await rejects(readTable(of(large), { columns: ["whole"] }), /column "whole".* row 1/);
    deepEqual(columnsOf(await readTable(of(large), { columns: ["id", "u"], text: ["id", "u"] })), [
      ["id", ["9007199254740991", "9007199254740993"]],
      ["u", ["18446744073709551615", ""]],
    ]);
    await rejects(readTable(written(`empty.${format}`), { file: "empty" }), { message: "Cannot read empty: there are no rows" });
  }
  for await (const table of parquetTables(written("empty.parquet"))()) ok(false, `${table.size}`);
  equal(columnsOf(await readTable(written("large.arrow"), { text: ["id", "u", "whole"] }))[3][1][1], `${2n ** 60n}`);
});

test("an Arrow file that is truncated or continues after its end is refused; a changed byte is a table or an error of the kit", async () => {
  for (const name of ["typed.arrow", "typed.arrows", "typed_lz4.arrow", "polars_zstd.arrow", "polars.arrow"]) {
    const bytes = written(name);
    for (let length = 0; length < bytes.length; length += 13) {
      await rejects(readArrow(bytes.subarray(0, length), { file: name }), {
        name: "RangeError",
        message: RegExp(`^Cannot read ${name}: `),
      });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, byte) => {
        const changed = bytes.slice();
        changed[at] = byte;
        await readsOrRefuses(() => readArrow(changed));
      }),
      { seed: 6, numRuns: 150 },
    );
  }
  const stream = written("typed.arrows");
  await rejects(readArrow(joinedBytes([stream, stream])), { message: "Cannot read the Arrow file: something follows its end" });
});
