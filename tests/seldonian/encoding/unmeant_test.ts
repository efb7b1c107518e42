import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, Encoder, prepare, split, Table } from "../../../mod.ts";

test("row numbers, ids, dates and columns with too many levels are refused as features, unless they are named", () => {
  const rows = Array.from({ length: 200 }, (_, i) => i), y = rows.map((i) => (i * 7 % 3) % 2), x = rows.map((i) => Math.sin(i));
  const refused = (columns: Record<string, (number | string)[]>, message: RegExp, options = {}) =>
    throws(() => prepare(new Table({ x, y, ...columns } as never), { label: "y", ...options }), message);
  refused(
    { n: rows },
    /Cannot take "n" for a feature without being told: it numbers the rows in the order of the file; give exclude: \["n"\]/,
  );
  refused(
    { patient_id: rows.map((i) => i * 7919 % 1000) },
    /Cannot take "patient_id" for a feature without being told: it looks like an id/,
  );
  refused(
    { when: rows.map((i) => `2024-01-${10 + i % 9}`) },
    /Cannot take "when" for a feature without being told: it looks like dates or times/,
  );
  refused(
    { name: rows.map((i) => `n${i}`) },
    /Cannot take "name" for a feature without being told: each of its many texts would become a feature/,
  );
  refused({ name: rows.map((i) => `n${i}`) }, /"name" as a feature: it has/, { features: ["name"] });
  const table = new Table({ x, y, n: rows, name: rows.map((i) => `n${i}`) } as never);
  deepEqual(prepare(table, { label: "y", exclude: ["n", "name"] }).encoder.featureNames, ["x"]);
  equal(prepare(table, { label: "y", features: ["name"], maxLevels: 200 }).encoder.featureNames.length, 100);
  deepEqual(prepare(table, { label: "y", features: ["n"] }).encoder.featureNames, ["n"]);
});

test("columns of groups and conditions are not features, unless they are named", () => {
  const table = new Table({ x: [1, 2, 3, 4], sex: ["a", "b", "a", "b"], age: [3, 1, 4, 2], y: [0, 1, 0, 1] });
  const encoding = { label: "y", groups: { A: { column: "sex", is: "a" } }, columns: ["age"] };
  deepEqual(new Encoder(table, encoding).featureNames, ["x"]);
  deepEqual(new Encoder(table, { ...encoding, features: ["x", "sex", "age"] }).featureNames, ["x", "sex=a", "sex=b", "age"]);
});

test("a column that is constant up to rounding is no feature, and the description reports other values in safety data", () => {
  const n = 400,
    table = (cell: (i: number) => number) =>
      new Table({
        x: Array.from({ length: n }, (_, i) => Math.sin(i)),
        z: Array.from({ length: n }, (_, i) => cell(i)),
        y: Array.from({ length: n }, (_, i) => i % 2),
      });
  for (const cell of [() => 14.62, (i: number) => 0.1 + (i % 2) * 1e-17, (i: number) => 1e9 * (1 + (i % 2) * 2 ** -52)]) {
    const { data } = prepare(table(cell), { label: "y" });
    const { features: { data: values } } = data.safety.whole();
    ok(values.every((value: number, i: number) => i % 2 === 0 || value === 0));
  }
  // A small variation counts as a variation.
  const varied = prepare(table((i) => 1e6 + i % 2), { label: "y" }).data.candidate.whole().features.data as Float32Array;
  ok(varied.some((value, i) => i % 2 === 1 && Math.abs(value) > 0.5));

  const { safety } = split(table(() => 0), { seed: 0 }),
    tested = new Set(Array.from({ length: safety.size }, (_, i) => Number(safety.place(i).slice(4))));
  const shifted = prepare(table((i) => tested.has(i) ? 0.2 : 0.1), { label: "y" });
  match(
    `${shifted.description}`,
    /! constant in candidate data and not in the safety part: z \(0\.1 there, 0\.2 in row \d+\); the model does not see it/,
  );
  const [one] = tested, far = prepare(table((i) => i === one ? 1000 : Math.cos(i)), { label: "y" });
  match(
    `${far.description}`,
    new RegExp(`! "z": 1 value of the safety part far beyond candidate data, such as 1000 in row ${one},`),
  );
});

test("120,000 ids are refused within seconds, as texts and as numbers", () => {
  const n = 120_000, began = performance.now();
  for (const id of [(i: number) => `u${i * 7919 % n}`, (i: number) => `${1e9 + i * 7919 % n}`, (i: number) => `${i}`]) {
    const table = csv(`id,x,y\n${Array.from({ length: n }, (_, i) => `${id(i)},${i % 97},${i % 2}`).join("\n")}\n`);
    throws(() => prepare(table, { label: "y" }), /^RangeError: Cannot take "id" for a feature without being told: /);
  }
  ok(performance.now() - began < 10_000);
});
