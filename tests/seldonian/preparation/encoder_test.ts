import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, Encoder, nn, split, Table, toolkitTable, train } from "../../../mod.ts";
import { fc } from "../../deps.ts";

test("an encoder takes means, deviations and categories from its table", () =>
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
        // The column is of texts, even if it has one category.
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
        deepEqual([...columns.get("A") as Uint8Array], rows.map(({ job }) => Number(job === "a")));
        const again = new Encoder(JSON.parse(JSON.stringify(encoder)), { label: "y" });
        deepEqual(again.features(candidate).data, features.data);
      },
    ),
    { seed: 3 },
  ));

test("an unseen category becomes zeros, and errors name missing columns and values", () => {
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
      'Cannot read the meta-data: "regime" is "reinforcement_learning"; read its episodes with toolkitEpisodes()',
    ],
    [
      () => toolkitTable("1\n", '{"regime":"custom"}'),
      'Cannot read the meta-data: "regime" is "custom"; read its columns with csv(text, { header: all_col_names })',
    ],
    [
      () => toolkitTable("1\n", '{"regime":"supervised_learning","sub_regime":"x"}'),
      'Cannot read the meta-data: "sub_regime" is "x"; wanted "classification", "binary_classification", ',
    ],
  ];
  for (const [wrong, message] of errors) {
    throws(wrong, (error: Error) => {
      ok(error instanceof RangeError && error.message.startsWith(message), error.message);
      return true;
    });
  }
});

test("meta-data of the toolkit may name the features; others are left out, and an unknown one is an error", () => {
  const columns = {
    regime: "supervised_learning",
    sub_regime: "regression",
    all_col_names: ["a", "b", "y"],
    label_col_names: ["y"],
  };
  const read = (more: object) => toolkitTable("1,2,3\n4,5,6\n", JSON.stringify({ ...columns, ...more })).encoding.features;
  deepEqual(read({}), ["a", "b"]);
  deepEqual(read({ feature_col_names: ["b"] }), ["b"]);
  throws(() => read({ feature_col_names: ["c"] }), { message: 'Cannot read the meta-data: all_col_names lacks "c"' });
});

test("train() accepts parts that are already split and encoded", async () => {
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
