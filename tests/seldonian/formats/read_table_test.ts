import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { joinedBytes } from "../../../seldonian/tables/bytes.ts";
import { formatOf } from "../../../seldonian/formats/file_format.ts";
import type { ReadOptions } from "../../../seldonian/formats/read_options.ts";
import { readTable } from "../../../seldonian/formats/read_table.ts";
import { fc } from "../../deps.ts";
import { latin, utf16, utf8 } from "../../helpers/bytes.ts";
import { columnsOf, readsOrRefuses, typed, written } from "./written.ts";

test("the contents of a file determine its format, and the name determines a text format", async () => {
  const cases: [string, string | undefined, string][] = [
    ["a,b\n1,2\n", undefined, "csv"],
    ['{"a": 1}', undefined, "jsonl"],
    ["\xef\xbb\xbf[\n {}]", "data.txt", "jsonl"],
    ['{"a": 1}', "data.csv", "csv"],
    ["a", "data.jsonl", "jsonl"],
    ["a", "data.JSON.gz", "jsonl"],
    // Column names may equal the first bytes of a format.
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
  for (const name of ["typed.parquet", "polars.parquet", "duckdb.parquet"]) equal(formatOf(written(name)), "parquet");
  for (const name of ["typed.arrow", "typed.arrows", "pandas.feather", "polars.arrow"]) equal(formatOf(written(name)), "arrow");
  const zipped = (name: string) => `PK\x03\x04${"\0".repeat(26)}${name}`;
  const refusals: [string, string][] = [
    ["", "it is empty; save or download it again"],
    [zipped("[Content_Types].xml") + zipped("xl/workbook.xml"), "it is an Excel workbook; save the sheet as CSV (UTF-8)"],
    [
      zipped("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
      "it is an OpenDocument spreadsheet; save the sheet as CSV (UTF-8)",
    ],
    [zipped("x.npy"), "it is an .npz file of NumPy; read it with readNpz(); here a table is wanted"],
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
    ["\x93NUMPY", "it is an array of NumPy; read it with readNpy(); here a table is wanted"],
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

test("a table is read from files of every format, packed or not, as bytes or as a Blob", async () => {
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
    deepEqual(columnsOf(await readTable(new Blob([written(name)]))), typed);
    deepEqual(columnsOf(await readTable(new Uint8Array(gzipSync(written(name))))), typed);
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

test("unknown options and options that a format does not use are refused", async () => {
  const refusals: [Uint8Array, ReadOptions, string][] = [
    [written("typed.parquet"), { separator: ";" }, "a Parquet file does not use separator; leave it out"],
    [written("typed.arrow"), { encoding: "utf-8" }, "an Arrow file does not use encoding; leave it out"],
    [utf8('{"a": 1}'), { missingValues: ["NA"] }, "a JSON file does not use missingValues; leave it out"],
    [utf8("a\n1\n"), { columns: ["a"] }, "a CSV file does not use columns; leave it out"],
  ];
  for (const [bytes, options, why] of refusals) {
    await rejects(readTable(bytes, { ...options, file: "a" }), { name: "RangeError", message: `Cannot read a: ${why}` });
  }
  await rejects(readTable(utf8("a\n1\n"), { seperator: ";" } as ReadOptions), {
    name: "TypeError",
    message: 'Cannot read a table: there is no option "seperator"; the nearest is "separator"',
  });
});

test("any bytes are read as a table or are an error of the kit", async () => {
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
