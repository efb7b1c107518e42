import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, type CsvOptions, type Cure, DataError, describe, nn, prepare, Table, train } from "../../mod.ts";
import { fc } from "../deps.ts";
import { grouped } from "../helpers/grouped.ts";

const column = (cells: readonly string[], separator = ";") =>
  ["x;name", ...cells.map((cell) => `${cell};a`)].join("\n").replaceAll(";", separator);

/** What each cure makes of the options, with those that go with it. */
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

test("numbers of any notation are read right, or refused with a cure that reads them right", () =>
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

test("points before three digits each time are asked about, where they may stand between thousands", () => {
  const wages = ["950", "1.200", "12.000", "3.100", "2.750", "1.999"],
    asked = /"1\.200" in line 3 may be 1200 or 1\.2, as all 5 of /;
  for (const separator of [";", "\t"]) throws(() => csv(column(wages, separator)).numbers("x"), asked);
  equal(csv(column(wages), { decimal: "." }).numbers("x")[1], 1.2);
  equal(csv(column(wages), { decimal: ",", thousands: "." }).numbers("x")[1], 1200);
  // Measured to three places, in a file of another kind; a single 1.5 or 1200 says which it is; a few say nothing.
  equal(csv(column(wages.slice(1), "\t")).numbers("x")[0], 1.2);
  for (const more of ["1.5", "1200", "0.125"]) equal(csv(column([...wages, more])).numbers("x")[1], 1.2);
  equal(csv(column(wages.slice(0, 4))).numbers("x")[1], 1.2);
  equal(Table.from(wages.map((cell) => ({ x: Number(cell) }))).numbers("x")[1], 1.2);
});

test("signs of several kinds are told together, each with its cure", () => {
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
  // Dates are no numbers in another notation.
  const dates = csv(column(Array.from({ length: 30 }, (_, i) => `${1 + i % 28}.05.2021`)));
  match(`${describe(dates)}`, /"x": dates or times/);
});

const rows = Array.from({ length: 60 }, (_, i) => i);

test("ids that come again are no features: what is to become of their rows is asked", () => {
  const visits = (name: string, of: (row: number) => string | number) =>
    csv([`${name},dose,y`, ...rows.map((i) => `${of(i)},${i % 7},${i % 2}`)].join("\n"));
  for (const name of ["patient_id", "ID", "userId", "uuid", "customer id"]) {
    const table = visits(name, (i) => 1000 + i % 30);
    throws(() => prepare(table, { label: "y" }), (error: DataError) => {
      match(
        error.message,
        new RegExp(`Cannot take "${name}" for a feature .* its values come again; give exclude: .*groupBy: "${name}"`),
      );
      match(error.worded("spec"), /say "groupBy": ".*" beside "data"; or/);
      return true;
    });
    equal(prepare(table, { label: "y", groupBy: name }).data.safety.size, 30);
    deepEqual(prepare(table, { label: "y", features: [name] }).encoder.featureNames, [name]);
  }
  for (const name of ["paid", "valid", "grid", "humidity", "idle"]) {
    deepEqual(prepare(visits(name, (i) => 1000 + i % 30), { label: "y" }).encoder.featureNames, [name, "dose"]);
  }
  // A few codes are levels.
  prepare(visits("region_id", (i) => `r${i % 5}`), { label: "y" });
});

test("a mark for missing values among numbers is told, however often it comes", () => {
  const ages = (mark: number, part: number) =>
    `${
      describe(csv([
        "age,y",
        ...Array.from({ length: 400 }, (_, i) => `${i % 100 < part ? mark : 18 + (i * 7919) % 61},${i % 2}`),
      ].join("\n")))
    }`;
  for (const mark of [-999, -1000, 0, 999, 9999]) {
    for (const part of [2, 5, 12, 30, 60]) {
      match(ages(mark, part), /values, -?\d+, lie apart from the rest/, `${mark} in ${part} %`);
    }
  }
  for (const part of [0, 5, 30]) ok(!/lie apart/.test(ages(18, part)));
});

test("a description shows whole numbers as they are, signs that cannot be seen by their number, and no problem twice", () => {
  const text = `${describe(csv(`id,name\n123456,"a\u001b[31m"\n987654,"<NA>"\n222222,"(null)"\n123456,b`))}`;
  match(text, /123456 to 987654/);
  match(text, /a\\u001b\[31m/);
  match(text, /"\(null\)", "<NA>" may each stand for a missing value|"<NA>", "\(null\)" may each stand for a missing value/);
  ok(!text.includes("\u001b"));
  const two = `${describe(csv("a,b,y\n1,x,0\n2,3,1\nz,4,1\n5,6,0"), { label: "y" })}`;
  equal(two.match(/✗/g)?.length, 2, two);
});

test("rows of few values are equal by chance, rows of many are copies", () => {
  const notesOf = (lines: readonly string[]) => `${prepare(csv(["a,b,y", ...lines].join("\n")), { label: "y" }).description}`;
  const few = Array.from({ length: 300 }, (_, i) => `${i % 3},${i % 3},${i % 2}`);
  match(notesOf(few), /rows equal to another in every column.*as chance may give/);
  const many = Array.from({ length: 300 }, (_, i) => `${(i * 7919 % 1009) / 8},${i % 3},${i % 2}`);
  match(notesOf([...many, ...many.slice(0, 60)]), /! .*are rows there twice\?/);
});

test("a condition that no row can be asked is told without a row", async () => {
  const table = csv(["x,sex,y", ...rows.map((i) => `${i % 9},${i % 3 ? "Male" : "Female"},${i % 2}`)].join("\n"));
  const { data } = prepare(table, { label: "y", columns: ["sex"] });
  const asked = (text: string) =>
    train({ data, model: new nn.LogisticRegression(1), objective: nn.logLoss, constraints: [{ text, delta: 0.05 }] });
  await rejects(asked("(PR | [sex == Female]) <= 0.9"), /^(?!.*(row|line) \d).*: "Female" is no value; write a text in quotes/);
  await rejects(asked("(PR | [sex < 3]) <= 0.9"), /it cannot be told whether line \d+ counts: column "sex" is "(Fem|M)ale", /);
});
