import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, type CsvOptions, type Cure, DataError, describe, Table } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { grouped } from "../../helpers/grouped.ts";

const column = (cells: readonly string[], separator = ";") =>
  ["x;name", ...cells.map((cell) => `${cell};a`)].join("\n").replaceAll(";", separator);

/** The options of each cure, combined with those that belong to it. */
const curesOf = (cures: readonly Cure[]) =>
  cures.reduce<CsvOptions[]>((sets, { when, option, value }) => {
    if (when === "and") sets[sets.length - 1] = { ...sets[sets.length - 1], [option]: value };
    else sets.push({ [option]: value });
    return sets;
  }, []);

const notations: CsvOptions[] = [
  {},
  { decimal: "," },
  { decimal: ",", thousands: "." },
  { thousands: "," },
  { decimal: ",", thousands: " " },
  { thousands: "'" },
  { decimal: ",", thousands: "\u202f" },
];

test("numbers in any notation are read correctly, or refused with a cure that reads them correctly", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1000, max: 9e6 }), fc.integer({ min: 100000, max: 9e8 }).map((x) => x / 100)), {
        minLength: 6,
        maxLength: 20,
      }),
      fc.array(fc.integer({ min: -999, max: 999 }), { maxLength: 10 }),
      fc.constantFrom(...notations),
      fc.constantFrom(";", "\t"),
      (large, small, notation, separator) => {
        const truth = [...small, ...large], text = column(truth.map((x) => grouped(`${x}`, notation)), separator);
        try {
          deepEqual([...csv(text).numbers("x")], truth);
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
          const read = curesOf(error.cures).map((options) => {
            try {
              return [...csv(text, options).numbers("x")];
            } catch {
              return null;
            }
          });
          ok(read.some((numbers) => `${numbers}` === `${truth}`), error.message);
        }
      },
    ),
    { seed: 2, numRuns: 1000 },
  ));

test("points that always precede three digits are refused if they may separate thousands", () => {
  const wages = ["950", "1.200", "12.000", "3.100", "2.750", "1.999"],
    asked = /"1\.200" in line 3 may be 1200 or 1\.2, as all 5 of /;
  for (const separator of [";", "\t"]) throws(() => csv(column(wages, separator)).numbers("x"), asked);
  equal(csv(column(wages), { decimal: "." }).numbers("x")[1], 1.2);
  equal(csv(column(wages), { decimal: ",", thousands: "." }).numbers("x")[1], 1200);
  // Not refused: three decimals throughout in a tab-separated file; a column with 1.5, 1200 or 0.125; a few numbers.
  equal(csv(column(wages.slice(1), "\t")).numbers("x")[0], 1.2);
  for (const more of ["1.5", "1200", "0.125"]) equal(csv(column([...wages, more])).numbers("x")[1], 1.2);
  equal(csv(column(wages.slice(0, 4))).numbers("x")[1], 1.2);
  equal(Table.from(wages.map((cell) => ({ x: Number(cell) }))).numbers("x")[1], 1.2);
});

test("one error reports signs of several kinds, each with its cure", () => {
  const told = (cells: readonly string[]) => {
    try {
      csv(column(cells)).numbers("x");
    } catch (error) {
      return (error as DataError).message;
    }
  };
  match(told(["814,66", "2.724,61", "3"])!, /thousands: "\."; and give decimal: ","/);
  match(told(["1,427.51", "3.5", "4"])!, /thousands: ","; if the column/);
  match(
    told(["-", "3", "4,5", "4"])!,
    /decimal: ","; if that is a way to write a missing value, give missingValues: \{ x: \["-"\] \}/,
  );
  match(told(["kg", "3", "4"])!, /second head line, give skipLines: \[2\]/);
  match(told(["n.a.", "3", "4"])!, /^(?!.*skipLines).*missingValues/);
  match(told(["31.05.2021", "3", "4"])!, /text: \["x"\]/);
  // Dates are not numbers in another notation.
  const dates = csv(column(Array.from({ length: 30 }, (_, i) => `${1 + i % 28}.05.2021`)));
  match(`${describe(dates)}`, /"x": dates or times/);
});
