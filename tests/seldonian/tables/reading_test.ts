import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, type CsvOptions, csvTables, describe, Encoder, nn, prepare, readCsv, split, Table, train } from "../../../mod.ts";
import { fc } from "../../deps.ts";

test("a row's place is its line in the file, also with quoted line ends, blank lines, splits and shuffles", async () => {
  const cell = fc.constantFrom("a", "b", '"two\nlines"', '"three\r\nlines\r\n"', '"c, d"');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, fc.nat(2)), { minLength: 4, maxLength: 20 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.nat(),
      async (rows, end, seed) => {
        let text = `name,y${end}`, line = 2;
        const lines: number[] = [];
        rows.forEach(([cell, blanks], i) => {
          text += end.repeat(blanks);
          line += blanks;
          lines.push(line);
          text += `${cell},${i}${end}`;
          line += 1 + cell.replaceAll("\r\n", "\n").split("\n").length - 1;
        });
        const pieces = new Blob([text]).stream();
        for (const table of [csv(text, { file: "data.csv" }), await readCsv(pieces, { file: "data.csv" })]) {
          deepEqual(rows.map((_, i) => table.place(i)), lines.map((line) => `line ${line} of data.csv`));
          const { safety } = split(table, { seed });
          safety.numbers("y").forEach((y, i) => equal(safety.place(i), `line ${lines[y]} of data.csv`));
        }
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

test("the separator of fields is recognised, or an error asks for it", () => {
  for (const separator of [",", ";", "\t", "|"]) {
    const lines = [["x", "name", "y"], ["1", "a", "2"], ["3", "b, c; d", "4"]];
    const table = csv(
      lines.map((line) => line.map((cell) => /[,;|\t]/.test(cell) ? `"${cell}"` : cell).join(separator)).join("\n"),
    );
    deepEqual(table.row(1), { x: 3, name: "b, c; d", y: 4 });
  }
  throws(() => csv("a;b,c\n1;2,3\n4;5,6\n"), {
    message: 'Cannot tell what separates the fields: it may be "," or ";"; give separator: ","; or give separator: ";"',
  });
  deepEqual(csv("x\n1\n2\n").names, ["x"]);
});

test("errors for unmatched quotes name the line where they open", () => {
  const table: [string, string][] = [
    ['a,b\n1,x\n2,"y\n3,z\n', "line 3: a quote opens there, and the file ends before it is closed"],
    [
      'a,b\n1,x\n2,"y\n3,"z"\n',
      'line 3: the quote that opens there is followed by other text where it closes, in line 4, at "3,\\"z\\""; a quote inside of a field ' +
      'is written twice, ""',
    ],
    [
      'a,b\n1,"x"y\n',
      'line 2: the quote that opens there is followed by other text where it closes, at "1,\\"x\\"y"; a quote inside of a field is ' +
      'written twice, ""',
    ],
  ];
  for (const [text, why] of table) throws(() => csv(text), { name: "RangeError", message: `Cannot read ${why}` });
  deepEqual(csv('a,b\n1,5" pipe\n').row(0), { a: 1, b: '5" pipe' });
});

test("traces of a spreadsheet are repaired and reported, or refused", () => {
  const told = (text: string, options?: CsvOptions) =>
    describe(csv(text, options)).notes.map(({ column = "", text }) => `${column} ${text}`.trim());
  deepEqual(told("x,y,\n1,2,\n3,4,\n"), ["the empty column after the last separator is left out"]);
  deepEqual(told("x,y\n1,2,\n3,4,\n"), ["the empty column after the last separator is left out"]);
  deepEqual(told("x;y\n1;2\n3;4\n"), ['fields are separated by ";"']);
  deepEqual(told(" x , y\nFemale ,\u00a01\nMale,2\n"), [
    'white space around the names "x", "y" was left out',
    "white space around values was left out in x (1), y (1)",
  ]);
  deepEqual(told("x\n007\n08\n"), ["x 2 numbers with a zero in front, such as 007; codes are to be read as text"]);
  deepEqual(csv(",y\n1,2\n2,3\n").names, ["column 1", "y"]);
  throws(() => csv("x,y\n1,2,\n3,4\n"), {
    message:
      'Cannot read line 3: it has 2 fields, and there are 2 columns; it is "3,4"; if that line is not data, give skipLines: [3]',
  });
  throws(() => csv("x,y\n1,2\n3,4,\n"), {
    message:
      'Cannot read line 3: it has 3 fields, and there are 2 columns; it is "3,4,"; if that line is not data, give skipLines: [3]',
  });
  throws(() => csv("# made by a program\nx,y\n1,2\n"), {
    message:
      'Cannot read line 2: it has 2 fields, and there is 1 column; it is "x,y"; if line 1 is not a head line, give skipLines: [1]',
  });
  deepEqual(csv("# made by a program\nx,y\n1,2\n", { skipLines: [1] }).row(0), { x: 1, y: 2 });
  throws(
    () => csv("1.5,Male\n2.5,Female\n"),
    /^RangeError: Cannot take line 1 for the names of the columns: it has "1\.5", which is a value/,
  );
  throws(
    () => csv("x,y\nmetres,years\n1,2\n3,4\n").column("x"),
    /"metres" in line 2 is not; if that line is a second head line, give skipLines: \[2\]/,
  );
  deepEqual(csv("x,y\nmetres,years\n1,2\n3,4\n", { skipLines: [2] }).row(1), { x: 3, y: 4 });
  deepEqual(csv("x,y\nFEMALE,1\n", { replace: { x: { FEMALE: "Female" } } }).row(0), { x: "Female", y: 1 });
});

test("a table of values keeps missing values, and refuses values that are neither numbers nor texts", () => {
  const table = new Table({ x: [1, null, undefined, NaN], name: ["a", null, undefined, ""], flag: [true, false, null, true] });
  deepEqual([...table.numbers("x")], [1, NaN, NaN, NaN]);
  deepEqual(table.texts("name"), ["a", "", "", ""]);
  deepEqual([...table.numbers("flag")], [1, 0, NaN, 1]);
  throws(() => new Table({ x: [1, "a"] }), {
    message: 'Cannot make a table: column "x" is 1 in row 0, and "a" elsewhere; wanted numbers or texts, not both',
  });
  throws(() => Table.from([{ x: { a: 1 } as never }]), {
    message: 'Cannot make a table: "x" of object 0 is {"a":1}; wanted a number, a text or a truth value',
  });
});

/** A text in pieces, as from a stream. */
async function* pieces(text: string) {
  for (let start = 0; start < text.length; start += 10_000) yield await Promise.resolve(text.slice(start, start + 10_000));
}

test("errors and descriptions refer to the rows of the part, piece or file that was used", async () => {
  const text = (n: number, more = "") =>
    `x,g,y${more && ",more"}\n${
      Array.from({ length: n }, (_, i) => `${i * 37 % 101},${"ab"[i % 2]},${i % 2}${more}`).join("\n")
    }\n`;
  // The error for a stray cell in a part names its line in the file.
  const stray = csv(text(60).replace("\n74,", "\nstray,"), { file: "d.csv" }), line = 4;
  for (let seed = 0; seed < 5; seed++) {
    const { candidate } = split(stray, { seed, safetyFraction: 0.5 });
    throws(() => new Encoder(candidate, { label: "y" }), new RegExp(`"stray" in line ${line} of d\\.csv is not`));
    throws(() => candidate.column("x"), new RegExp(`"stray" in line ${line} of d\\.csv is not`));
  }
  // Parts from two files; one file has an additional column.
  const first = csv(text(200)), second = csv(text(300, ",1")), encoder = new Encoder(first, { label: "y", columns: ["g"] });
  const result = await train({
    data: {
      candidate: encoder.encode(first),
      safety: encoder.encode(second.take(Array.from({ length: 90 }, (_, i) => 200 + i))),
    },
    model: new nn.LogisticRegression(1),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.1", delta: 0.05 }],
    optimizer: { epochs: 2 },
  });
  ok(result.description?.rows === 200);
  // A description covers only the prepared rows.
  equal(prepare(first.take(Array.from({ length: 40 }, (_, i) => i)), { label: "y", columns: ["g"] }).description.rows, 40);
  // Lines may end in carriage returns only.
  const returns = text(30000).replaceAll("\n", "\r"), sizes: number[] = [];
  for await (const table of csvTables(() => pieces(returns), { rows: 1000 })()) sizes.push(table.size);
  ok(sizes.length > 2, `${sizes}`);
  equal(sizes.reduce((a, b) => a + b), 30000);
  // A piece may have no complete row.
  const holes = async function* () {
    yield await Promise.resolve(new Table({ x: [1, 2, null], y: [0, 1, 0] }));
    yield await Promise.resolve(new Table({ x: [null], y: [1] }));
  };
  const fitted = await Encoder.fit(holes, { label: "y", missing: "drop" });
  equal((await fitted.stream(holes)).size, 2);
});

test("unusual values are read or refused by name", () => {
  deepEqual([...new Table({ a: ["x", NaN, null] as never }).column("a")], ["x", "", ""]);
  deepEqual([...new Table({ a: new BigInt64Array([1n, 2n]) as never }).numbers("a")], [1, 2]);
  deepEqual([...Table.from([{ a: null }, { a: NaN }, { a: 3 }], { missingValues: ["-"] }).numbers("a")], [NaN, NaN, 3]);
  throws(() => Table.from([{ a: new Date(NaN) }]), /"a" of object 0 is null; wanted a number, a text or a truth value/);
  deepEqual(csv("A\n2\n3\n").column("A"), Float64Array.of(2, 3));
  throws(() => csv("1,2\n1,2,3\n", { header: ["a", "b"] }), /it is "1,2,3"; if that line is not data, give skipLines: \[2\]/);
  throws(() => csv("t\nu\na,b\n1,2\n", { skipLines: [1] }), /give skipLines: \[1, 2\]/);
  const table = new Table({ n: [0, 1, 0, 1], t: ["a", "", "b", "a"], y: [0, 1, 0, 1] });
  throws(
    () => prepare(table, { label: "y", groups: { A: { column: "n", is: "0" } } }),
    /of numbers a group is one, give groups: \{ A: \{ column: "n", is: 0 \} \}/,
  );
  throws(
    () => prepare(table, { label: { column: "y", classes: [0, "0", 1] } }),
    /Cannot use "0" as two classes of "y": it is named twice/,
  );
  const members = (
    rule: (row: Readonly<Record<string, unknown>>) => boolean,
  ) => [
    ...new Encoder(table, { label: "y", features: ["n"], groups: { A: rule } }).encode(table).columns.get("A") as Float64Array,
  ];
  deepEqual(members((row) => JSON.stringify(row).includes('"t":"b"')), [0, NaN, 1, 0]);
  deepEqual(members(({ t }) => t !== "a"), [0, NaN, 1, 0]);
  throws(() => members(({ sex }) => sex === "a"), /Cannot find the column "sex": the table has "n", "t", "y"/);
  throws(
    () => new Encoder(new Table({ t: ["", ""], y: [0, 1] }), { label: "y", features: ["t"], missing: { impute: "mode" } }),
    /all of its values are missing in the candidate data/,
  );
});
