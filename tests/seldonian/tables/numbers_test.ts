import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, type CsvOptions, DataError, describe } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { grouped } from "../../helpers/grouped.ts";

/** A table with these cells in column x, and a column of texts. */
const columnOf = (cells: readonly string[], options: CsvOptions = {}) =>
  csv(["x,name", ...cells.map((cell) => `"${cell.replaceAll('"', '""')}",a`)].join("\n"), options);

const number = fc.oneof(fc.integer(), fc.double({ min: -1e9, max: 1e9, noNaN: true })).map((x) => `${Number(x.toFixed(4))}`)
  .filter((text) => !text.includes("e"));

test("numbers are read in the declared notation", () =>
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(
        { decimal: "," as const },
        { decimal: "," as const, thousands: "." },
        { thousands: "," },
        { thousands: " " },
        { decimal: "," as const, thousands: "\u202f" },
        { thousands: "'" },
      ),
      (numbers, notation) => {
        const table = columnOf(numbers.map((text) => grouped(text, notation)), notation);
        deepEqual([...table.numbers("x")], numbers.map((text) => Number(text) + 0));
      },
    ),
    { seed: 1, numRuns: 300 },
  ));

const strays = [
  "-",
  "none",
  "inf",
  "$12.30",
  "1,5",
  "1,234",
  "1.234.567",
  "12 %",
  "x",
  "<5",
  "90+",
  "1e400",
  "12345678901234567890",
  "#REF!",
];

test("using a column of numbers with stray texts is an error that names the first line and cell", () =>
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 4, maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...strays)), { minLength: 1, maxLength: 3 }),
      (numbers, places) => {
        const cells = [...numbers];
        for (const [place, stray] of places) cells[place % cells.length] = stray;
        const first = cells.findIndex((cell) => strays.includes(cell)), table = columnOf(cells);
        // A few numbers among texts are levels.
        const numeric = cells.filter((cell) => cell !== "x" && cell !== "none" && cell !== "-" && cell !== "#REF!").length;
        if (numeric < 0.1 * cells.length) return;
        throws(() => table.column("x"), (error: Error) => {
          ok(
            error instanceof DataError && error.message.includes(`${JSON.stringify(cells[first])} in line ${first + 2} is not`),
            error.message,
          );
          return true;
        });
        ok(describe(table).notes.some(({ kind, column }) => kind === "problem" && column === "x"));
        deepEqual(columnOf(cells, { text: ["x"] }).column("x"), cells);
        deepEqual(
          [...columnOf(cells, { missingValues: { x: strays } }).numbers("x")],
          cells.map((cell) => strays.includes(cell) ? NaN : Number(cell)),
        );
        equal(table.texts("name").length, cells.length);
      },
    ),
    { seed: 2, numRuns: 300 },
  ));

test("with the cure that an error shows, the column is read", () => {
  const cases: [string[], unknown][] = [
    [["1,5", "2,25"], [1.5, 2.25]],
    [["1,234,567", "2,000"], [1234567, 2000]],
    [["1.234,5", "2.000"], null],
    [["1 234", "2 000"], [1234, 2000]],
    [["1", "2", "none"], [1, 2, NaN]],
    [["1", "2", "-", "n.a."], [1, 2, NaN, NaN]],
    [["12345678901234567890", "12345678901234567891"], ["12345678901234567890", "12345678901234567891"]],
  ];
  for (const [cells, wanted] of cases) {
    let error: DataError | undefined;
    try {
      columnOf(cells).column("x");
    } catch (caught) {
      error = caught as DataError;
    }
    ok(error instanceof DataError, `${cells}`);
    if (wanted === null) continue;
    const { option, value } = error.cures[0];
    deepEqual([...columnOf(cells, { [option]: value }).column("x")], wanted);
    match(error.worded("spec"), new RegExp(`say "${option}": .* in "data"`));
    match(error.worded("page"), new RegExp(`“${option}”`));
  }
});
