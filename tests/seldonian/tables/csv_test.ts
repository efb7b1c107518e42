import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, readCsv, Table, toolkitTable } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { pieces, utf8 } from "../../helpers/bytes.ts";

const text = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r", " ", "1", "."), maxLength: 6 });
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test("fields written as CSV are read back, whatever they contain", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }).chain((width) =>
        fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1 })
      ),
      fc.constantFrom(",", ";", "\t"),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (cells, separator, end, last) => {
        const width = cells[0].length, names = ["x", "y", "2", "1"].slice(0, width);
        // A text in every column keeps the columns texts.
        const rows = [Array<string>(width).fill("text"), ...cells];
        const lines = [names, ...rows].map((line) => line.map(quoted).join(separator)).join(end) + (last ? end : "");
        const table = csv(lines, { separator, missingValues: [], trim: false, text: names });
        deepEqual(table.names, names);
        names.forEach((name, j) => deepEqual(table.column(name), rows.map((row) => row[j])));
      },
    ),
    { seed: 1 },
  ));

test("a file without quotes is the table of the same file with quotes, at any length, and has the same lines", async () => {
  const cell = fc.constantFrom("1", "007", "-2.5", "x y", "", " z ", "NA", "ü");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.tuple(cell, cell, cell)), { minLength: 1, maxLength: 40 }),
      fc.constantFrom(1, 16_000),
      fc.constantFrom(",", ";"),
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom("", "\n", "\n\n"),
      fc.integer({ min: 1000, max: 99_999 }),
      fc.nat(3),
      async (some, least, separator, feed, last, cut, late) => {
        // A blank line is none of a quoted cell.
        const rows = [["a", "b", "c"], ["t", "0", "1"], ...Array(Math.ceil(least / some.length)).fill(some).flat()];
        for (let i = 0; i < late; i++) rows.push(["two\nlines", "1", "0"]);
        const written = (cells: readonly string[] | null) => cells === null ? "" : cells.join(separator),
          marked = (cells: readonly string[] | null) => cells === null ? "" : cells.map(quoted).join(separator);
        const wanted = csv(rows.map(marked).join("\r") + last, { separator, text: ["a"] });
        // Quotes in the last lines end the fast way.
        const lines = rows.map((cells, i) => (rows.length - i <= late ? marked : written)(cells)).join(feed) + last;
        const cuts = late > 0 ? [utf8(lines.slice(0, lines.indexOf('"'))).length] : [cut, 2 * cut];
        const found = await readCsv(pieces(utf8(lines), cuts), { separator, text: ["a"] });
        equal(found.size, wanted.size);
        for (const name of wanted.names) deepEqual(kinds(found, name), kinds(wanted, name));
        equal(`${found}`, `${wanted}`);
        for (let row = found.size - 1; row >= 0; row -= 7) equal(found.place(row), wanted.place(row));
      },
    ),
    { seed: 5, numRuns: 12 },
  );
});

/** A column's values, or why there are none. */
function kinds(table: Table, name: string): unknown {
  try {
    return Array.from<unknown>(table.column(name));
  } catch (error) {
    return (error as Error).message;
  }
}

test("a file read in pieces is the same table, wherever the pieces are cut", async () => {
  const line = fc.array(fc.constantFrom("1", "007", "2.50", "x", "", 'a "b"', "ü,ñ", "two\nlines", "NA"), {
    minLength: 3,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.boolean(),
      async (lines, cuts, last) => {
        const text = ["\uFEFFa,b,c", ...lines.map((cells) => cells.map(quoted).join(","))].join("\r\n") + (last ? "\r\n" : "");
        const bytes = utf8(text);
        const options = { text: ["a", "b", "c"] },
          [whole, streamed] = [csv(text, options), await readCsv(pieces(bytes, cuts), options)];
        deepEqual(streamed.names, whole.names);
        for (const name of whole.names) deepEqual([...streamed.column(name)], [...whole.column(name)]);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test("text in single letters gives the same table or error as the whole text, for all quotes", async () => {
  const outcome = async (read: () => Table | Promise<Table>) => {
    try {
      const table = await read();
      return table.names.map((name) => [...table.column(name)]);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const letters = fc.string({ unit: fc.constantFrom("a", '"', '"', ",", "\n", "\r", "1"), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(letters, async (text) => {
      async function* letterByLetter() {
        for (const letter of text) yield await Promise.resolve(letter);
      }
      deepEqual(
        await outcome(() => readCsv(letterByLetter(), { header: ["x"] })),
        await outcome(() => csv(text, { header: ["x"] })),
      );
    }),
    { seed: 6, numRuns: 1000 },
  );
});

test("using a column of numbers with one text is an error that names its line and how to declare it", async () => {
  for (const before of [1, 100, 10001, 25000]) {
    const pieces = () => new Blob(["a,b\n", "1,x\n".repeat(before), "none,y\n"]).stream();
    const table = await readCsv(pieces());
    equal(table.texts("b")[before], "y");
    throws(() => table.column("a"), {
      name: "RangeError",
      message:
        `Cannot use the column "a": ${before.toLocaleString("en")} of its ${(before + 1).toLocaleString("en")} values ${
          before === 1 ? "is a number" : "are numbers"
        }, and "none" in line ${
          before + 2
        } is not; if that is a way to write a missing value, give missingValues: { a: ["none"] }; if ` +
        'the column is of text, give text: ["a"]',
    });
    deepEqual((await readCsv(pieces(), { missingValues: { a: ["none"] } })).row(before), { a: NaN, b: "y" });
    deepEqual((await readCsv(pieces(), { text: ["a"] })).row(before), { a: "none", b: "y" });
  }
});

test("a column declared as text keeps its cells unchanged", () => {
  deepEqual(csv("code\n007\n2.50\n\nx1\n", { text: ["code"] }).column("code"), ["007", "2.50", "", "x1"]);
});

test("any text is read as a table or is an error of the kit", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (content, headless) => {
      try {
        ok(csv(content, headless ? { header: ["a", "b"] } : {}).size > 0);
      } catch (error) {
        ok(error instanceof RangeError && error.message.startsWith("Cannot "), `${error}`);
      }
      throws(() => toolkitTable("1,2\n", content), RangeError);
    }),
    { seed: 2, numRuns: 500 },
  ));

test("a column is numeric if every value is a number; missing values are NaN, or empty texts", () => {
  const table = csv("\uFEFFage,job,score\n31,cook,1e3\n,NA,-.5\n7.,?, 2 \n\n", {});
  equal(table.size, 3);
  deepEqual(table.names, ["age", "job", "score"]);
  deepEqual([...table.column("age")], [31, NaN, 7]);
  deepEqual(table.column("job"), ["cook", "", ""]);
  deepEqual([...table.column("score")], [1000, -0.5, 2]);
  deepEqual(csv("x\n0x10\n").column("x"), ["0x10"]);
});

test("tables are made from objects and from columns, and take() selects rows", () => {
  const table = Table.from([{ age: 31, job: "cook", paid: true }, { age: null, job: "nurse", paid: false }]);
  deepEqual([...table.column("age")], [31, NaN]);
  deepEqual(table.row(1), { age: NaN, job: "nurse", paid: 0 });
  deepEqual(table.take([1, 1, 0]).column("job"), ["nurse", "nurse", "cook"]);
  deepEqual(table.take([1, 0]).take([1]).row(0), table.row(0));
  deepEqual(new Table({ x: [1, 2], y: ["a", "b"] }).row(1), { x: 2, y: "b" });
});
