import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataSet, Encoder, nn, readCsv, sharedRows, split, Table, toolkitTable, train } from "../../mod.ts";
import { fc } from "../deps.ts";

const text = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r", " ", "1", "."), maxLength: 6 });
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test("what is written as CSV is read again, whatever stands in the fields", () =>
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
        // A field that is no number keeps columns texts.
        const rows = [Array<string>(width).fill("text"), ...cells];
        const lines = [names, ...rows].map((line) => line.map(quoted).join(separator)).join(end) + (last ? end : "");
        const table = csv(lines, { separator, missingValues: [], trim: false, text: names });
        deepEqual(table.names, names);
        names.forEach((name, j) => deepEqual(table.column(name), rows.map((row) => row[j])));
      },
    ),
    { seed: 1 },
  ));

test("a file that is read in pieces is the same table, wherever they are cut", async () => {
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
        const bytes = new TextEncoder().encode(text),
          places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        async function* pieces() {
          for (let i = 1; i < places.length; i++) yield await Promise.resolve(bytes.slice(places[i - 1], places[i]));
        }
        const options = { text: ["a", "b", "c"] }, [whole, streamed] = [csv(text, options), await readCsv(pieces(), options)];
        deepEqual(streamed.names, whole.names);
        for (const name of whole.names) deepEqual([...streamed.column(name)], [...whole.column(name)]);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test("pieces are lines wherever the whole text has them, however its quotes stand", async () => {
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

test("a text among numbers is named where the column is used, wherever it stands, with how to declare it", async () => {
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

test("a column that is said to be of text keeps how its cells were written", () => {
  deepEqual(csv("code\n007\n2.50\n\nx1\n", { text: ["code"] }).column("code"), ["007", "2.50", "", "x1"]);
});

test("any text is a table, or an error of the kit", () =>
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

test("columns are numbers where every value is one; what is missing is NaN, or no text", () => {
  const table = csv("\uFEFFage,job,score\n31,cook,1e3\n,NA,-.5\n7.,?, 2 \n\n", {});
  equal(table.size, 3);
  deepEqual(table.names, ["age", "job", "score"]);
  deepEqual([...table.column("age")], [31, NaN, 7]);
  deepEqual(table.column("job"), ["cook", "", ""]);
  deepEqual([...table.column("score")], [1000, -0.5, 2]);
  deepEqual(csv("x\n0x10\n").column("x"), ["0x10"]);
});

test("tables of objects and of columns", () => {
  const table = Table.from([{ age: 31, job: "cook", paid: true }, { age: null, job: "nurse", paid: false }]);
  deepEqual([...table.column("age")], [31, NaN]);
  deepEqual(table.row(1), { age: NaN, job: "nurse", paid: 0 });
  deepEqual(table.take([1, 1, 0]).column("job"), ["nurse", "nurse", "cook"]);
  deepEqual(table.take([1, 0]).take([1]).row(0), table.row(0));
  deepEqual(new Table({ x: [1, 2], y: ["a", "b"] }).row(1), { x: 2, y: "b" });
});

test("an encoder takes means, deviations and categories from the table it is made of", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ x: fc.double({ min: -1e6, max: 1e6, noNaN: true }), job: fc.constantFrom("a", "b", "c"), y: fc.nat(1) }),
        {
          minLength: 2,
          maxLength: 30,
        },
      ),
      (rows) => {
        // The categories of the column are texts, even if there are no others.
        const candidate = Table.from(rows),
          encoder = new Encoder(candidate, { label: "y", groups: { A: ({ job }) => job === "a" } });
        const { features, labels, columns } = encoder.encode(candidate).at(rows.map((_, i) => i)), [n, width] = features.shape;
        const at = (i: number, j: number) => features.data[i * width + j];
        const mean = rows.reduce((sum, _, i) => sum + at(i, 0), 0) / n,
          square = rows.reduce((sum, _, i) => sum + at(i, 0) ** 2, 0) / n;
        ok(Math.abs(mean) < 1e-5 && (Math.abs(square - 1) < 1e-5 || square === 0), `${mean} ${square}`);
        rows.forEach(({ job }, i) =>
          encoder.featureNames.slice(1).forEach((name, j) => equal(at(i, j + 1), Number(name === `job=${job}`)))
        );
        deepEqual([...labels.data], rows.map(({ y }) => y));
        deepEqual([...columns.get("A")!], rows.map(({ job }) => Number(job === "a")));
        const again = new Encoder(JSON.parse(JSON.stringify(encoder)), { label: "y" });
        deepEqual(again.features(candidate).data, features.data);
      },
    ),
    { seed: 3 },
  ));

test("an unseen category is zeros, and what is missing is named", () => {
  const table = csv("age,job,paid\n30,cook,yes\n40,nurse,no\n");
  const encoder = new Encoder(table, { label: { column: "paid", classes: ["no", "yes"] } });
  deepEqual(encoder.featureNames, ["age", "job=cook", "job=nurse"]);
  const later = encoder.encode(csv("job,paid,age\nsmith,yes,45\n")).at([0]);
  deepEqual([[...later.features.data], later.labels.value], [[2, 0, 0], 1]);
  const errors: [() => unknown, string][] = [
    [
      () => encoder.encode(csv("age,job,paid\n,cook,yes\n")),
      'Cannot use the column "age": 1 of its 1 values is missing, the first in line 2; to leave such rows out, give missing: "drop"',
    ],
    [
      () => encoder.encode(csv("age,job,paid\n1,cook,perhaps\n")),
      'Cannot use "perhaps" in line 2, column "paid", as a class: wanted one of "no", "yes"',
    ],
    [() => encoder.encode(csv("age,paid\n1,no\n")), 'Cannot find the column "job": the table has "age", "paid"'],
    [
      () => encoder.encode(csv("age,job,paid\nold,cook,no\n")),
      'Cannot use "age" as numbers: it is of texts, such as "old" in line 2',
    ],
    [
      () => new Encoder(table, { label: "paid", features: ["age", "paid"] }),
      'Cannot use the label "paid" as a feature: leave it out of `features`',
    ],
    [
      () => new Encoder({ scales: 3 }, { label: "paid" }),
      "Cannot make an encoder: wanted a table, or the result of an encoder's toJSON()",
    ],
    [() => csv("a,b\n1,2\n3\n"), "Cannot read line 3: it has 1 field, and there are 2 columns"],
    [() => csv("a,a\n1,2\n"), 'Cannot make a table: two columns are named "a"'],
    [() => csv("a,b\n"), "Cannot make a table: there are no rows"],
    [() => csv("a", { separator: "ab" }), 'Cannot read values separated by "ab": wanted one character, such as "," or "\\t"'],
    [() => Table.from([{ a: 1 }, {}]), 'Cannot make a table: object 1 has no "a"'],
    [() => Table.from([{ a: 1 }, { a: 1, b: 1 }]), 'Cannot make a table: object 1 has "b", and object 0 does not'],
    [() => new Table({ a: [1], b: [1, 2] }), 'Cannot make a table: column "a" has 1 rows, and "b" 2'],
    [() => table.take([2]), "Cannot take row 2: the table has 2 rows"],
    [() => toolkitTable("1\n", "{"), "Cannot read the meta-data: it is not JSON"],
    [
      () => toolkitTable("1\n", '{"regime":"reinforcement_learning"}'),
      'Cannot read the meta-data: "regime" is "reinforcement_learning"',
    ],
  ];
  for (const [wrong, message] of errors) {
    throws(wrong, (error: Error) => {
      ok(error instanceof RangeError && error.message.startsWith(message), error.message);
      return true;
    });
  }
});

test("stratified parts have each value equally often, and groups stay together", () =>
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 80 }), fc.integer(), fc.constantFrom(0.25, 0.5, 0.6), (n, seed, safetyFraction) => {
      const table = new Table({ row: Array.from({ length: n }, (_, i) => i) });
      const stratum = Array.from({ length: n }, (_, i) => i % 3 === 0 ? "a" : "b"),
        family = Array.from({ length: n }, (_, i) => i >> 1);
      const rowsOf = (part: Table) => [...part.column("row")] as number[];
      const strata = split(table, { seed, safetyFraction, stratify: stratum });
      for (const value of ["a", "b"]) {
        const count = (rows: number[]) => rows.filter((row) => stratum[row] === value).length, all = count(rowsOf(table));
        ok(Math.abs(count(rowsOf(strata.candidate)) - all * (1 - safetyFraction)) < 1);
      }
      ok(Math.abs(strata.candidate.size - n * (1 - safetyFraction)) < 1);
      const together = split(table, { seed, safetyFraction, groups: family }),
        there = new Set(rowsOf(together.candidate).map((row) => family[row]));
      ok(rowsOf(together.safety).every((row) => !there.has(family[row])));
      ok(Math.abs(there.size - new Set(family).size * (1 - safetyFraction)) < 1);
      for (const { candidate, safety } of [strata, together]) {
        deepEqual([...rowsOf(candidate), ...rowsOf(safety)].sort((a, b) => a - b), rowsOf(table));
      }
    }),
    { seed: 4 },
  ));

test("rows that both parts have are found", () => {
  const features = Array.from({ length: 40 }, (_, i) => [i % 30, Math.sin(i % 30)]),
    data = new DataSet({ features, labels: features.map(([x]) => x % 2) });
  const parts = split(data, { seed: 1 }), shared = sharedRows(parts);
  const wanted = [...Array(10).keys()].filter((i) => {
    const x = (part: DataSet) => [...part.at([...Array(part.size).keys()]).features.data].filter((_, j) => j % 2 === 0);
    return x(parts.candidate).includes(i) && x(parts.safety).includes(i);
  });
  equal(shared.length, wanted.length);
  ok(shared.length > 0);
  for (const [a, b] of shared) deepEqual(parts.candidate.at([a]).features.data, parts.safety.at([b]).features.data);
});

test("train() takes parts that were split and encoded before", async () => {
  const n = 400,
    table = new Table({
      income: Array.from({ length: n }, (_, i) => 100 * Math.sin(7.1 * i)),
      job: Array.from({ length: n }, (_, i) => i % 2 === 0 ? "cook" : "nurse"),
      paid: Array.from({ length: n }, (_, i) => Math.sin(7.1 * i) > 0 ? "yes" : "no"),
    });
  const parts = split(table, { safetyFraction: 0.5, seed: 3 });
  const encoder = new Encoder(parts.candidate, {
    label: { column: "paid", classes: ["no", "yes"] },
    groups: { cooks: ({ job }) => job === "cook" },
  });
  const options = {
    model: new nn.Sequential(new nn.Linear(3, 1), new nn.Sigmoid()),
    objective: nn.logLoss,
    constraints: [{ text: "(ACC | [cooks]) >= 0.7", delta: 0.05 }],
    optimizer: { thetaRate: 0.05 },
  };
  const data = { candidate: encoder.encode(parts.candidate), safety: encoder.encode(parts.safety) };
  const result = await train({ ...options, data, seed: 3 });
  ok(result.passed);
  const whole = await train({ ...options, data: encoder.encode(table), safetyFraction: 0.5, seed: 3 });
  deepEqual(whole.constraints[0].upper, result.constraints[0].upper);
  await train({ ...options, data, safetyFraction: 0.5 }).then(
    () => ok(false),
    ({ message }) =>
      equal(message, "Cannot use a safetyFraction for data that is split already: leave it out, or give the data whole"),
  );
});
