import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readArrow } from "../../seldonian/formats/arrow.ts";
import { joinedBytes } from "../../seldonian/tables/bytes.ts";
import { decoded, decodedPieces } from "../../seldonian/tables/decoded.ts";
import { formatOf } from "../../seldonian/formats/file_format.ts";
import { unpacked, unpackedPieces } from "../../seldonian/formats/gzip.ts";
import { jsonLines } from "../../seldonian/formats/json_lines.ts";
import { unpackedLz4 } from "../../seldonian/formats/lz4.ts";
import { parquetTables, readParquet } from "../../seldonian/formats/parquet.ts";
import type { ReadOptions } from "../../seldonian/formats/read_options.ts";
import { readTable } from "../../seldonian/formats/read_table.ts";
import type { Table } from "../../seldonian/tables/table.ts";
import { fc } from "../deps.ts";
import { latin, pieces, utf16, utf8 } from "../helpers/bytes.ts";

/** Files that formats/make.py wrote with pyarrow 26.0.1, pandas 3.1.1, polars 2.1.0 and DuckDB 2.0.1. */
const fixture = (name: string) => new Uint8Array(readFileSync(`tests/fixtures/formats/${name}`));

/** What is said, of a text or an error. */
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
/** That it gives something, or an error of the kit. */
const readsOrRefuses = async (read: () => unknown) => {
  try {
    await read();
  } catch (error) {
    ok(error instanceof RangeError && error.message.startsWith("Cannot "), `${error}`);
  }
};
const columnsOf = (table: Table) => table.names.map((name) => [name, [...table.column(name)]]);

const cuts = fc.array(fc.nat(), { maxLength: 5 });
/** Any text but NUL and a mark at the beginning, also longer than what tells the encoding. */
const anyText = fc.tuple(fc.string({ unit: "binary" }), fc.constantFrom(1, 1, 1, 700))
  .map(([text, times]) => text.replaceAll("\0", "").repeat(times).replace(/^\uFEFF+/, ""));

test("text of any Unicode encoding is decoded to itself, wherever it is cut", () =>
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

test("UTF-16 without a mark is recognised by its Latin letters", () =>
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

test("a byte that is not UTF-8 is named with its line and its word, wherever a file is cut", async () => {
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

test("encodings that are asked for, and what is no text", async () => {
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
    [latin("a,b\n1,\0\n"), undefined, "it holds a NUL character in line 2, so that it is no text"],
    [latin("\x05\0\x07\0\x08\0"), undefined, "it holds a NUL character in line 1, so that it is no text"],
    [latin("\xff\xfea\0\n\0b"), undefined, "what follows in line 2 is not utf-16le"],
  ];
  for (const [bytes, encoding, why] of refusals) {
    const message = await outcome(() => decoded(bytes, { file: "a.csv", encoding }).text);
    ok(message.startsWith(`Cannot read a.csv: ${why}`), message);
    equal(await outcome(() => joinedText(decodedPieces(pieces(bytes, [1, 2, 5]), { file: "a.csv", encoding }))), message);
  }
  // Pieces of text are decoded already.
  const mixed = async function* () {
    yield await Promise.resolve("\uFEFFa,");
    yield utf8("é\n");
    yield "b";
  };
  equal(await joinedText(decodedPieces(mixed())), "a,é\nb");
});

test("what gzip packed is unpacked, of one member or several, wherever it is cut", async () => {
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
        // A byte that is changed is noticed, but for what says no more than when it was packed, and by what.
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

test("a format is told by what a file holds, and of text by its name", async () => {
  const cases: [string, string | undefined, string][] = [
    ["a,b\n1,2\n", undefined, "csv"],
    ['{"a": 1}', undefined, "jsonl"],
    ["\xef\xbb\xbf[\n {}]", "data.txt", "jsonl"],
    ['{"a": 1}', "data.csv", "csv"],
    ["a", "data.jsonl", "jsonl"],
    ["a", "data.JSON.gz", "jsonl"],
    // Names of columns may be what formats begin with.
    ["PAR1,b\n", undefined, "csv"],
    ["ARROW1,b\n", undefined, "csv"],
    ["ORC,FEA1\n", undefined, "csv"],
    ["BMI,DUCK,DUCK\n", undefined, "csv"],
    ["q,r\n", undefined, "csv"],
    ["PAR1\x15\0", "data.csv", "parquet"],
    ["a", "data.parquet", "parquet"],
    ["a", "data.feather", "arrow"],
  ];
  for (const [text, file, format] of cases) equal(formatOf(latin(text), file), format, text);
  equal(formatOf(utf16('\uFEFF{"a": 1}', true)), "jsonl");
  for (const name of ["typed.parquet", "polars.parquet", "duckdb.parquet"]) equal(formatOf(fixture(name)), "parquet");
  for (const name of ["typed.arrow", "typed.arrows", "pandas.feather", "polars.arrow"]) equal(formatOf(fixture(name)), "arrow");
  const zipped = (name: string) => `PK\x03\x04${"\0".repeat(26)}${name}`;
  const refusals: [string, string][] = [
    ["", "it is empty; save or download it again"],
    [zipped("[Content_Types].xml") + zipped("xl/workbook.xml"), "it is an Excel workbook; save the sheet as CSV (UTF-8)"],
    [
      zipped("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
      "it is an OpenDocument spreadsheet; save the sheet as CSV (UTF-8)",
    ],
    [zipped("x.npy"), "it is an .npz file of NumPy; it is read by readNpz(), and a table is wanted here"],
    [zipped("data.csv"), "it is a zip archive; unpack it first"],
    [
      "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
      "it is an Excel workbook of before 2007, or another Office file; save the sheet as CSV (UTF-8)",
    ],
    ["BZh91AY&SY\0", "it is packed by bzip2; unpack it first"],
    ["\xfd7zXZ\0", "it is packed by xz; unpack it first"],
    ["\x28\xb5\x2f\xfd", "it is packed by Zstandard; unpack it first"],
    [`${"a".repeat(200)}${"\0".repeat(57)}ustar\0`, "it is a tar archive; unpack it first"],
    ["FEA1\0\0\0\0", "it is a Feather file of version 1; write it as version 2, as pyarrow does by default"],
    ["SQLite format 3\0", "it is an SQLite database; export the table as CSV: sqlite3 -header -csv"],
    ["\x89HDF\r\n\x1a\n", "it is an HDF5 file; write the table as Parquet"],
    ["\x80\x04\x95", "it is a pickle of Python; write the table as Parquet"],
    ["\x93NUMPY", "it is an array of NumPy; it is read by readNpy(), and a table is wanted here"],
    ["RDX3\nX\n\0\0\0\x03", "it is an .RData file of R; write the data frame by write.csv()"],
    ["X\n\0\0\0\x03", "it is an .rds file of R; write the data frame by write.csv()"],
    ["$FL2@(#) SPSS DATA FILE", "it is an SPSS file; save it as CSV (UTF-8)"],
    ["<stata_dta><header>", "it is a Stata file; save it as CSV, by export delimited"],
    ["r\x02\x01\0", "it is a Stata file; save it as CSV, by export delimited"],
    [`${"\0".repeat(12)}\xc2\xea\x81\x60\xb3`, "it is a SAS file; save it as CSV, by proc export"],
    ["%PDF-1.7", "it is a PDF document; copy its table into a spreadsheet, and save that as CSV (UTF-8)"],
    ["\x89PNG\r\n\x1a\n", "it is an image; a table is wanted here"],
    ["\xff\xd8\xff\xe0", "it is an image; a table is wanted here"],
    [
      "\xef\xbb\xbf \n<!DOCTYPE html>",
      "it is a web page (HTML), perhaps an error page of the server; download the file itself",
    ],
    ["<?xml version='1.0'?>", "it is XML; write its rows as CSV (UTF-8)"],
    ["version https://git-lfs.github.com/spec/v1", "it is a pointer of Git LFS to the file; download the file by git lfs pull"],
  ];
  for (const [text, why] of refusals) {
    throws(() => formatOf(latin(text), "a.csv"), { name: "RangeError", message: `Cannot read a.csv: ${why}` });
    await rejects(readTable(latin(text), { file: "a.csv" }), { message: `Cannot read a.csv: ${why}` });
  }
});

/** Cells of a column of numbers, of truth values, or of texts; undefined: the object has no such name. */
const jsonColumn = fc.constantFrom<fc.Arbitrary<unknown>>(
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }), fc.maxSafeInteger()),
  fc.boolean(),
  fc.string({ unit: fc.constantFrom("a", "1", '"', "\\", ",", "[", "]", "{", "}", "\n", "é", ":") }),
).chain((cell) =>
  fc.array(fc.option(fc.option(cell, { nil: null }), { nil: undefined, freq: 3 }), { minLength: 1, maxLength: 5 })
);

test("objects that are written as JSON, on lines or in an array, are the table of their values", () =>
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), jsonColumn, { minKeys: 1, maxKeys: 4 }),
      fc.constantFrom("\n", "\r\n", "\n\n"),
      (columns, end) => {
        const rows = Math.max(...Object.values(columns).map((cells) => cells.length));
        const records = Array.from({ length: rows }, (_, row) =>
          Object.fromEntries(
            Object.entries(columns).filter(([, cells]) => cells[row] !== undefined).map(([name, cells]) => [name, cells[row]]),
          ));
        const texts = [
          records.map((record) => JSON.stringify(record) + end).join(""),
          JSON.stringify(records),
          `\n${JSON.stringify(records, null, 2)}\n`,
        ];
        const named = new Set(records.flatMap(Object.keys));
        for (const text of named.size === 0 ? [] : texts) {
          const table = jsonLines(text);
          deepEqual(new Set(table.names), named);
          for (const name of named) {
            const cells = Array.from({ length: rows }, (_, row) => columns[name][row] ?? null);
            const missing = cells.some((cell) => typeof cell === "string") ? "" : NaN;
            // -0 is written as 0.
            deepEqual(
              [...table.column(name)],
              cells.map((cell) => cell === null ? missing : typeof cell === "string" ? cell : Number(cell) + 0),
            );
          }
        }
      },
    ),
    { seed: 5, numRuns: 500 },
  ));

test("numbers of JSON that are codes are texts as they are written, and others are not guessed at", () => {
  const read = (text: string, columns?: string[]) => columnsOf(jsonLines(text, { file: "a.jsonl", text: columns }));
  deepEqual(read('{"id": 9007199254740993, "x": 1.50}\n{"id": 7, "x": null, "é": true}', ["id", "x", "é"]), [
    ["id", ["9007199254740993", "7"]],
    ["x", ["1.50", ""]],
    ["é", ["", "true"]],
  ]);
  deepEqual(read('{"\\u00e9": 10, "a": "\\"é\\": 5", "é": 9007199254740993}', ["é"]), [["é", ["9007199254740993"]], ["a", [
    '"é": 5',
  ]]]);
  deepEqual(read('{"a": "01234"}\n\n{"b": "NA"}\n'), [["a", ["01234", ""]], ["b", ["", "NA"]]]);
  deepEqual(read('{"a": 1e30, "b": 12345678901234567890.5}'), [["a", [1e30]], ["b", [12345678901234567890.5]]]);
  const refusals: [string, string[] | undefined, string][] = [
    ["", undefined, "Cannot read a.jsonl: there are no rows"],
    ["[]", undefined, "Cannot read a.jsonl: there are no rows"],
    ["{}", undefined, "Cannot make a table without columns: give at least one"],
    ['{"a": 1}\n\n{"a": }', undefined, "Cannot read a.jsonl: line 3 is no JSON object ("],
    ['[\n {"a": 1},\n\n {"a": }]', undefined, "Cannot read a.jsonl: line 4 is no JSON object ("],
    ['[{"a": 1},]', undefined, "Cannot read a.jsonl: line 1 is no JSON object ("],
    ['[{"a": 1}\n', undefined, "Cannot read a.jsonl: the array has no end"],
    ['[{"a": 1}]\n[2]', undefined, "Cannot read a.jsonl: something follows the array that ends in line 1"],
    ['{"a": 1}\n5', undefined, 'Cannot read a.jsonl: line 2 has 5; wanted an object, as {"age": 30}'],
    ['{"a": [1, 2]}', undefined, 'Cannot read a.jsonl: "a" holds [1,2] in line 1; wanted a number or a text'],
    [
      '{"a": null}\n{"a": 30}\n{"a": "x"}',
      undefined,
      'Cannot read a.jsonl: "a" holds 30 in line 2, and "x" in line 3; wanted numbers only or texts only; if they are texts, give text: ["a"]',
    ],
    [
      '{"a": 1, "id": 9007199254740993}',
      ["a"],
      'Cannot read a.jsonl: "id" holds 9007199254740993 in line 1, and numbers are exact up to 2^53 only; ' +
      'if it is a code and no amount, give text: ["a", "id"]',
    ],
    ['{"a": 1}', ["b"], 'Cannot find the column "b" of text: there are "a"'],
  ];
  for (const [text, columns, message] of refusals) {
    throws(
      () => read(text, columns),
      (error: Error) => error instanceof RangeError && error.message.startsWith(message),
      message,
    );
  }
});

/** What make.py writes as `typed`. */
const typed = [
  ["code", ["01234", "NA", ""]],
  ["note", ["née, 日本", "", "NaN"]],
  ["job", ["cook", "", "cook"]],
  ["level", [7, NaN, 9]],
  ["u8", [0, 255, NaN]],
  ["u16", [0, 65535, NaN]],
  ["u32", [0, 4294967295, NaN]],
  ["u64", [0, 2 ** 53 - 1, NaN]],
  ["i64", [1 - 2 ** 53, 2 ** 53 - 1, NaN]],
  ["share", [0.1, NaN, 3e-7]],
  ["half", [0.5, NaN, -2]],
  ["money", [0.1, -12345678901234.56, NaN]],
  ["flag", [1, 0, NaN]],
  ["none", [NaN, NaN, NaN]],
  ["day", ["2020-02-29", "1900-01-01", ""]],
  ["at", ["2020-01-31T12:30:15.123456Z", "1969-12-31T23:59:59.000001Z", ""]],
  ["instant", ["2020-01-31T12:30:15.123456Z", "1969-12-31T23:59:59.000001Z", ""]],
];
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

test("a typed column becomes the same from Parquet and from Arrow, of any packing and writer", async () => {
  for (const name of ["typed.parquet", "typed.arrow", "typed.arrows", "typed_lz4.arrow", "typed_zstd.arrow"]) {
    const bytes = fixture(name), read = name.endsWith("parquet") ? readParquet : readArrow;
    deepEqual(columnsOf(await read(bytes)), typed, name);
    const table = await read(bytes, { columns: ["day", ...Object.keys(asText)], text: Object.keys(asText) });
    deepEqual(columnsOf(table), [["day", typed[14][1]], ...Object.entries(asText)], name);
    // Bytes that begin anywhere.
    deepEqual(columnsOf(await read(joinedBytes([latin("x"), bytes]).subarray(1))), typed, name);
  }
  for (const name of ["polars.parquet", "polars.arrow", "polars_zstd.arrow"]) {
    deepEqual(columnsOf(await readTable(fixture(name))), people, name);
  }
  deepEqual(columnsOf(await readTable(fixture("duckdb.parquet"))), [
    ["age", [30, NaN]],
    ["job", ["cook", ""]],
    ["paid", [1, NaN]],
    ["price", [12.5, NaN]],
    ["day", ["2020-02-29", ""]],
    ["visits", [7, NaN]],
  ]);
  // Without the numbers of rows that pandas keeps, if they are not asked for.
  const frame = [["age", [30, 41, NaN]], ["job", ["cook", "nurse", ""]], ["code", ["01", "02", ""]]];
  deepEqual(columnsOf(await readParquet(fixture("pandas.parquet"))), frame);
  deepEqual(columnsOf(await readParquet(fixture("pandas.parquet"), { columns: ["__index_level_0__"] })), [["__index_level_0__", [
    0,
    1,
    3,
  ]]]);
  deepEqual(columnsOf(await readTable(fixture("pandas.feather"))).slice(1), [
    ["job", ["cook", "nurse", "cook", ""]],
    ["code", ["01", "02", "03", ""]],
  ]);
  // Several blocks of LZ4, which refer to those before.
  const long = await readArrow(fixture("long_lz4.feather"));
  deepEqual([...long.numbers("x")], Array.from({ length: 20000 }, (_, i) => i % 97 / 8));
  deepEqual([...long.numbers("big")], Array.from({ length: 20000 }, (_, i) => Math.floor(i / 1000)));
});

test("columns that are no numbers or texts, or have more digits than a number, are named, and only if they are read", async () => {
  for (const format of ["parquet", "arrow"]) {
    const nested = { file: `nested.${format}` },
      large = { file: `large.${format}` },
      of = (options: { file: string }) => fixture(options.file);
    await rejects(
      readTable(of(nested), nested),
      new RegExp(
        `^DataError|RangeError: Cannot read nested.${format}: column "tags" is of .*lists or structures; wanted numbers or texts; ` +
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
        'if it is a code and no amount, give text: ["x", "id"]',
    });
    await rejects(readTable(of(large), { columns: ["whole"] }), /column "whole".* row 1/);
    deepEqual(columnsOf(await readTable(of(large), { columns: ["id", "u"], text: ["id", "u"] })), [
      ["id", ["9007199254740991", "9007199254740993"]],
      ["u", ["18446744073709551615", ""]],
    ]);
    await rejects(readTable(fixture(`empty.${format}`), { file: "empty" }), { message: "Cannot read empty: there are no rows" });
  }
  for await (const table of parquetTables(fixture("empty.parquet"))()) ok(false, `${table.size}`);
  equal(columnsOf(await readTable(fixture("large.arrow"), { text: ["id", "u", "whole"] }))[3][1][1], `${2n ** 60n}`);
});

test("a file of Arrow that is cut short, changed, or goes on after its end is refused, or a table", async () => {
  for (const name of ["typed.arrow", "typed.arrows", "typed_lz4.arrow", "polars_zstd.arrow", "polars.arrow"]) {
    const bytes = fixture(name);
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
  const stream = fixture("typed.arrows");
  await rejects(readArrow(joinedBytes([stream, stream])), { message: "Cannot read the Arrow file: something follows its end" });
});

test("a frame of LZ4 that is broken is refused", () => {
  const frame = latin("\x04\x22\x4d\x18\x60\x40\x82\x06\0\0\0\x13ab\x02\0\x10\0\0\0\0");
  // "ab", seven letters from two before on, "c".
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

test("a table is read from a file of any format, packed or not, as bytes or as a Blob", async () => {
  const csvText = "job,age\ncook,30\nnurse,41\n", wanted = [["job", ["cook", "nurse"]], ["age", [30, 41]]];
  const json = '{"job": "cook", "age": 30}\n{"job": "nurse", "age": 41}\n';
  for (
    const [file, bytes] of [["a.csv", utf8(csvText)], ["a", utf16(`\uFEFF${csvText}`, true)], ["a.jsonl", utf8(json)], [
      "b",
      utf8(json),
    ]] as const
  ) {
    for (const packed of [bytes, new Uint8Array(gzipSync(bytes)), new Uint8Array(gzipSync(gzipSync(bytes)))].slice(0, 2)) {
      deepEqual(columnsOf(await readTable(packed, { file })), wanted);
      deepEqual(columnsOf(await readTable(new Blob([packed]), { file })), wanted);
    }
  }
  for (const name of ["typed.parquet", "typed.arrow", "typed.arrows"]) {
    deepEqual(columnsOf(await readTable(new Blob([fixture(name)]))), typed);
    deepEqual(columnsOf(await readTable(new Uint8Array(gzipSync(fixture(name))))), typed);
  }
  deepEqual(columnsOf(await readTable(latin("a;b\n1;caf\xe9\n"), { separator: ";", encoding: "windows-1252", text: ["a"] })), [
    ["a", ["1"]],
    ["b", ["café"]],
  ]);
  await rejects(readTable(gzipSync(gzipSync("a\n1\n")), { file: "a" }), {
    message: "Cannot read a: it is packed by gzip; unpack it first",
  });
  await rejects(readTable(gzipSync(""), { file: "a" }), { message: "Cannot read a: it is empty; save or download it again" });
});

test("an option that a format has no use for is refused, and one that there is not", async () => {
  const refusals: [Uint8Array, ReadOptions, string][] = [
    [fixture("typed.parquet"), { separator: ";" }, "a Parquet file has no use for separator; leave it out"],
    [fixture("typed.arrow"), { encoding: "utf-8" }, "an Arrow file has no use for encoding; leave it out"],
    [utf8('{"a": 1}'), { missingValues: ["NA"] }, "a JSON file has no use for missingValues; leave it out"],
    [utf8("a\n1\n"), { columns: ["a"] }, "a CSV file has no use for columns; leave it out"],
  ];
  for (const [bytes, options, why] of refusals) {
    await rejects(readTable(bytes, { ...options, file: "a" }), { name: "RangeError", message: `Cannot read a: ${why}` });
  }
  await rejects(readTable(utf8("a\n1\n"), { seperator: ";" } as ReadOptions), {
    name: "TypeError",
    message: 'Cannot read a table: there is no option "seperator"; the nearest is "separator"',
  });
});

test("any bytes are a table, or an error of the kit", async () => {
  const begin = fc.constantFrom(
    "",
    "",
    "PAR1",
    "ARROW1\0\0",
    "\xff\xff\xff\xff",
    "\x1f\x8b\x08\0",
    "\xff\xfe",
    "\xef\xbb\xbf",
    '{"a":',
    "[{",
    "a,b\n1,2\n",
  );
  await fc.assert(
    fc.asyncProperty(
      begin,
      fc.oneof(fc.uint8Array(), fc.string().map(utf8)),
      fc.constantFrom("", "PAR1", "ARROW1", "}", "]"),
      (first, rest, last) => readsOrRefuses(() => readTable(joinedBytes([latin(first), rest, latin(last)]))),
    ),
    { seed: 8, numRuns: 2000 },
  );
});
