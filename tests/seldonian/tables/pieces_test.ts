import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, csvTables, DataSet, DataStream, Encoder, splitTables, Table, type Tables } from "../../../mod.ts";
import { joinedColumns } from "../../../seldonian/data/columns.ts";
import { fc } from "../../deps.ts";
import { all, encoding, n, open, text } from "../../helpers/jobs_file.ts";

/** The table that joins pieces. */
const joined = (tables: Table[]) =>
  new Table(Object.fromEntries(tables[0].names.map((name) => [
    name,
    tables.flatMap((table) => Array.from<unknown>(table.column(name)) as never[]),
  ])));

test("a CSV file in pieces has the rows and types of the whole file", async () => {
  const whole = csv(text);
  for (const rows of [1, 7, 1000, 2999, 3000, 5000]) {
    const tables = await all(csvTables(open(), { rows })()), again = joined(tables);
    ok(tables.slice(0, -1).every(({ size }) => size >= rows));
    equal(again.size, n);
    for (const name of whole.names) deepEqual(again.column(name), whole.column(name));
  }
  const codes = csvTables(() => new Blob(["zip,x\n01234,1\n", "00001,2\n"]).stream(), { text: ["zip"] });
  deepEqual(joined(await all(codes())).column("zip"), ["01234", "00001"]);
  await rejects(all(csvTables(() => new Blob(["x\n"]).stream())()), /there are no rows/);
  const late = () => new Blob([`x\n${"1\n".repeat(20)}`, "a\n"]).stream();
  const found = await all(csvTables(late, { rows: 10 })());
  throws(() => found.map((table) => table.column("x")), {
    message:
      'Cannot use the column "x": 20 of its 21 values are numbers, and "a" in line 22 is not; if that is a way to write a ' +
      'missing value, give missingValues: { x: ["a"] }; if the column is of text, give text: ["x"]',
  });
  throws(() => csv("x\n1\n", { text: ["y"] }), /Cannot find the column "y" of text: there are "x"/);
});

test("splitting tables in pieces puts every row in one part and keeps groups together", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom(0.2, 0.5, 0.8), fc.boolean(), async (seed, safetyFraction, grouped) => {
      const tables = csvTables(open(), { rows: 500 }), options = { seed, safetyFraction, ...(grouped && { groups: "age" }) };
      const parts = splitTables(tables, options), again = splitTables(csvTables(open(333), { rows: 70 }), options);
      const [candidate, safety] = [joined(await all(parts.candidate())), joined(await all(parts.safety()))];
      equal(candidate.size + safety.size, n);
      ok(grouped || Math.abs(safety.size / n - safetyFraction) < 0.05);
      deepEqual([...candidate.column("noise"), ...safety.column("noise")].sort(), [...csv(text).column("noise")].sort());
      if (grouped) ok(!new Set<unknown>(candidate.column("age")).intersection(new Set<unknown>(safety.column("age"))).size);
      deepEqual(joined(await all(again.safety())).column("noise"), safety.column("noise"));
    }),
    { seed: 3, numRuns: 10 },
  );
  throws(() => splitTables(csvTables(open()), { safetyFraction: 0 }), /wanted a number between 0 and 1/);
});

test("an encoder fitted on pieces agrees with one of the whole table, up to rounding", async () => {
  const whole = new Encoder(csv(text), encoding), pieces = await Encoder.fit(csvTables(open(), { rows: 100 }), encoding);
  deepEqual(pieces.featureNames, whole.featureNames);
  const [a, b] = [whole, pieces].map((encoder) => encoder.features(csv(text)).data);
  ok(a.every((x, i) => Math.abs(x - b[i]) < 1e-6));
  await rejects(Encoder.fit(csvTables(open()), { label: "age", features: ["age"] }), /Cannot use the label "age" as a feature/);
});

test("a split of tables whose order changes between passes is refused", async () => {
  let pass = 0;
  const whole = csv(text),
    tables: Tables = async function* () {
      yield await Promise.resolve(whole.take(Array.from({ length: n }, (_, i) => (i + 7 * pass) % n)));
      pass++;
    };
  const { candidate, safety } = splitTables(tables);
  await all(candidate());
  await rejects(all(safety()), /^RangeError: Cannot use a table that changes: between row 0 and row 999 it is not what it was/);
});

test("a column with numbers in one piece and texts in another is an error", async () => {
  const tables: Tables = async function* () {
    yield await Promise.resolve(new Table({ id: [1, 2], y: [0, 1] }));
    yield new Table({ id: ["3", "x1"], y: [0, 1] });
  };
  const error = {
    name: "RangeError",
    message:
      'Cannot use the column "id": it has numbers at first, and texts from row 2 on; wanted one kind in all pieces; read it ' +
      "as text throughout, with the option `text` of csv()",
  };
  await rejects(all(splitTables(tables, { groups: "id" }).safety()), error);
  await rejects(Encoder.fit(tables, { label: "y" }), error);
  await rejects(new Encoder(new Table({ id: [1], y: [1] }), { label: "y", features: [] }).stream(tables), error);
  const pieces = (first: number[], second: string[]) =>
    DataStream.open(async function* () {
      yield await Promise.resolve(new DataSet({ features: [[1], [2]], columns: { id: first } }));
      yield new DataSet({ features: [[1], [2]], columns: { id: second } });
    });
  await rejects(pieces([1, 2], ["3", "4"]), error);
  await rejects(
    DataStream.open(async function* () {
      yield await Promise.resolve(new DataSet({ features: [[1]], clusters: [1] }));
      yield new DataSet({ features: [[1]], clusters: ["1"] });
    }),
    /Cannot use the column "clusters": it has numbers at first, and texts from row 1 on/,
  );
  throws(
    () => joinedColumns([new Map([["id", Float64Array.of(1)]]), new Map([["id", ["1"]]])]),
    /Cannot use the column "id": it has numbers at first, and texts later/,
  );
});
