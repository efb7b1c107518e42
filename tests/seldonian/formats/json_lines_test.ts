import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { jsonLines } from "../../../seldonian/formats/json_lines.ts";
import { fc } from "../../deps.ts";
import { columnsOf } from "./written.ts";

/** Cells of a column of numbers, truth values or texts; undefined means that the object lacks the name. */
const jsonColumn = fc.constantFrom<fc.Arbitrary<unknown>>(
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }), fc.maxSafeInteger()),
  fc.boolean(),
  fc.string({ unit: fc.constantFrom("a", "1", '"', "\\", ",", "[", "]", "{", "}", "\n", "é", ":") }),
).chain((cell) =>
  fc.array(fc.option(fc.option(cell, { nil: null }), { nil: undefined, freq: 3 }), { minLength: 1, maxLength: 5 })
);

test("JSON objects, on lines or in an array, are read as the table of their values", () =>
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

test("JSON numbers declared as texts keep their digits, and unclear values are errors", () => {
  const read = (text: string, columns?: string[]) => columnsOf(jsonLines(text, { file: "a.jsonl", text: columns }));
  deepEqual(read('{"id": 9007199254740993, "x": 1.50}\n{"id": 7, "x": null, "é": true}', ["id", "x", "é"]), [
    ["id", ["9007199254740993", "7"]],
    ["x", ["1.50", ""]],
    ["é", ["", "true"]],
  ]);
  deepEqual(read('{"\\u00e9": 10, "a": "\\"é\\": 5"}', ["é"]), [["é", ["10"]], ["a", [
    '"é": 5',
  ]]]);
  deepEqual(read('{"a": "01234"}\n\n{"b": "NA"}\n'), [["a", ["01234", ""]], ["b", ["", "NA"]]]);
  deepEqual(read('{"a": 1e30, "b": 12345678901234567890.5}'), [["a", [1e30]], ["b", [12345678901234567890.5]]]);
  const refusals: [string, string[] | undefined, string][] = [
    ["", undefined, "Cannot read a.jsonl: there are no rows"],
    ["[]", undefined, "Cannot read a.jsonl: there are no rows"],
    ['{"a": 1}\n{"\\u00e9": 10, "b": "é", "é": 9}', undefined, 'Cannot read a.jsonl: line 2 has "é" twice'],
    ["{}", undefined, "Cannot make a table without columns: give at least one"],
    ['{"a": 1}\n\n{"a": }', undefined, "Cannot read a.jsonl: line 3 is not a JSON object ("],
    ['[\n {"a": 1},\n\n {"a": }]', undefined, "Cannot read a.jsonl: line 4 is not a JSON object ("],
    ['[{"a": 1},]', undefined, "Cannot read a.jsonl: line 1 is not a JSON object ("],
    ['[{"a": 1}\n', undefined, "Cannot read a.jsonl: the array has no end"],
    ['[{"a": 1}]\n[2]', undefined, "Cannot read a.jsonl: something follows the array that ends in line 1"],
    ['{"a": 1}\n5', undefined, 'Cannot read a.jsonl: line 2 has 5; wanted an object, such as {"age": 30}'],
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
      'if it is a code, not an amount, give text: ["a", "id"]',
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
