import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  constraint,
  csv,
  DataSet,
  Encoder,
  explain,
  type MissingPolicy,
  nn,
  prepare,
  safetyTest,
  split,
  Table,
  type tensor,
  train,
} from "../../../mod.ts";
import { type Answer, tester } from "../../../seldonian/constraints/conditions.ts";
import { fc } from "../../deps.ts";

/** Conditions on a number, a text and a flag. */
const condition = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(fc.constantFrom("<", "<=", "==", "!=", ">", ">="), fc.constantFrom(1, 2)).map(([relation, value]) =>
      `age ${relation} ${value}`
    ),
    fc.tuple(fc.constantFrom("==", "!=", "<"), fc.constantFrom("a", "b")).map(([relation, value]) =>
      `sex ${relation} "${value}"`
    ),
    fc.constant("M"),
    tie("all").map((of) => `!(${of})`),
    fc.tuple(tie("all"), fc.constantFrom("&&", "||"), tie("all")).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
  ),
})).all;

test("a condition left open by a missing value is unknown, and so is its opposite; a known one holds for every filled-in value", () =>
  fc.assert(
    fc.property(condition, (text) => {
      const known = { age: [0, 1, 1.5, 2, 3], sex: ["a", "aa", "b", "c"], M: [0, 1] };
      const rows = [...known.age, NaN].flatMap((age) =>
        [...known.sex, ""].flatMap((sex) => [...known.M, NaN].map((M) => ({ age, sex, M })))
      );
      const answers = (rows: { age: number; sex: string; M: number }[], text: string): Answer[] => {
        const [{ conditions }] = constraint(`(PR | [${text}]) <= 1`).leaves;
        const columns = new Map<string, Float64Array | string[]>([
          ["age", Float64Array.from(rows, ({ age }) => age)],
          ["sex", rows.map(({ sex }) => sex)],
          ["M", Float64Array.from(rows, ({ M }) => M)],
        ]);
        return rows.map((_, row) => conditions.map((one) => tester(one, columns)(row))[0]);
      };
      const found = answers(rows, text), opposite = answers(rows, `!(${text})`);
      rows.forEach(({ age, sex, M }, i) => {
        equal(opposite[i], found[i] === null ? null : !found[i]);
        const filled = (Number.isNaN(age) ? known.age : [age]).flatMap((age) =>
          (sex === "" ? known.sex : [sex]).flatMap((sex) => (Number.isNaN(M) ? known.M : [M]).map((M) => ({ age, sex, M })))
        );
        const all = answers(filled, text);
        ok(!all.includes(null));
        if (found[i] !== null) ok(all.every((answer) => answer === found[i]), `${text} ${JSON.stringify(rows[i])}`);
        else ok(filled.length > 1);
      });
    }),
    { seed: 1, numRuns: 300 },
  ));

/** A model that returns its input. */
class Echo implements nn.Module {
  forward(x: ReturnType<typeof tensor>) {
    return x;
  }
}

test("rows whose group is unknown count for no group, and the report says what is missing", async () => {
  const n = 300,
    sex = Array.from({ length: n }, (_, i) => i % 10 === 0 ? null : i % 10 === 1 ? "x" : i % 2 === 0 ? "Male" : "Female");
  const p = Array.from({ length: n }, (_, i) => [0.3 + 0.4 * ((i * 7919 % n) / n)]),
    labels = Array.from({ length: n }, (_, i) => i % 2);
  const data = new DataSet({
    features: p,
    labels,
    columns: { sex, other: sex.map((value) => value === null ? null : value === "Male") },
  });
  const report = await safetyTest({
    model: new Echo(),
    data,
    constraints: [
      { text: '(PR | [sex != "Male"]) - (PR | [sex == "Male"]) <= 0.9', delta: 0.05 },
      { text: '(PR | [sex == "Female"]) - (PR | [sex == "Male"]) <= 0.9', delta: 0.05 },
      { text: "(PR | [!other]) <= 0.9", delta: 0.05 },
      { text: "PR <= 0.9", delta: 0.05 },
    ],
  });
  const count = (wanted: string | null) => sex.filter((value) => value === wanted).length;
  deepEqual(report.constraints[0].leaves.map(({ n }) => n), [n - count("Male") - count(null), count("Male")]);
  deepEqual(report.constraints.map(({ outside }) => outside), [
    [{ rows: 30, of: n, unknown: 30, values: [["sex is missing", 30]] }],
    [{ rows: 60, of: n, unknown: 30, values: [['sex is "x"', 30], ["sex is missing", 30]] }],
    [{ rows: 30, of: n, unknown: 30, values: [["other is unknown", 30]] }],
    [],
  ]);
  match(
    explain(report),
    /\n {4}30 of 300 rows of safety data are in none of its groups: sex is missing \(30\); nothing is promised of them, whichever group they belong to\n/,
  );
});

test("missing labels are errors, and missing values of columns are NaN or empty", () => {
  for (const labels of [[0, null], [0, ""], ["a", ""], [0, NaN], [0, undefined]]) {
    throws(
      () => new DataSet({ features: [[1], [2]], labels: labels as never }),
      /^RangeError: Cannot use .* in labels: row \d must be a finite number$/,
    );
  }
  const data = new DataSet({
    features: [[1], [2], [3]],
    columns: { a: [1, null, 0], b: ["x", null, ""], c: [true, undefined, false], d: ["", "", ""] },
  });
  deepEqual(Object.fromEntries(Array.from(data.columns, ([name, values]) => [name, Array.from<number | string>(values)])), {
    a: [1, NaN, 0],
    b: ["x", "", ""],
    c: [1, NaN, 0],
    d: ["", "", ""],
  });
  throws(() => new DataSet({ features: [[1], [2]], columns: { a: [1, "x"] as never } }), {
    message: "Cannot use 1 in column a: row 0 must be a text, as others are",
  });
  throws(
    () => new DataSet({ features: [[1], [2]], columns: { a: [1, Infinity] } }),
    /^RangeError: Cannot use Infinity in column a: row 1 must be a finite number/,
  );
  throws(() => new DataSet({ features: [["a"]] as never }), {
    message: 'Cannot use "a" as a feature, in row 0: wanted a number; an Encoder makes features of a table\'s texts',
  });
});

const holed = (n: number) => {
  const cell = (i: number, k: number, text: string) => (i * 31 + k * 17) % 11 === 0 ? "" : text;
  return `x,job,sex,y\n${
    Array.from({ length: n }, (_, i) =>
      [cell(i, 1, `${i * 37 % 101}`), cell(i, 2, ["cook", "nurse", "smith"][i % 3]), cell(i, 3, ["M", "F"][i % 2]), i % 2].join(
        ",",
      ))
      .join("\n")
  }\n`;
};
const encoding = { label: "y", groups: { M: { column: "sex", is: "M" }, F: { column: "sex", is: "F" } } };

test("a missing feature is an error with its position, or left out, or filled in from candidate data, by option", () => {
  const table = csv(holed(200), { file: "people.csv" });
  throws(() => prepare(table, encoding), {
    name: "RangeError",
    message:
      'Cannot use the column "x": 18 of its 200 values are missing, the first in line 5 of people.csv; to leave such rows out, ' +
      'give missing: "drop"; to fill features in from the candidate data, give missing: { impute: "median" }; to leave the column out, ' +
      'give exclude: ["x"]',
  });
  const x = table.numbers("x"), job = table.texts("job"), sex = table.texts("sex");
  const whole = Array.from(x.keys()).filter((row) => !Number.isNaN(x[row]) && job[row] !== "" && sex[row] !== "");
  const dropped = prepare(table, { ...encoding, missing: "drop" });
  equal(dropped.data.candidate.size + dropped.data.safety.size, whole.length);
  // The same result as without those rows.
  const clean = prepare(table.take(whole), encoding);
  deepEqual(dropped.data.safety.whole().features.data, clean.data.safety.whole().features.data);
  match(
    `${dropped.description}`,
    new RegExp(
      `! ${
        200 - whole.length
      } rows of 200 left out, because a value is missing in x \\(18\\), job \\(18\\), sex \\(18\\); the promise is about complete rows only`,
    ),
  );

  const filled = prepare(table, { ...encoding, missing: { impute: "median" } }), { candidate } = split(table, {});
  equal(filled.data.candidate.size + filled.data.safety.size, 200);
  const known = [...candidate.numbers("x")].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b),
    half = known.length / 2;
  const median = Number.isInteger(half) ? (known[half - 1] + known[half]) / 2 : known[Math.floor(half)];
  const scale = filled.encoder.scales[0];
  ok("mean" in scale && scale.missing === median);
  // A group is never filled in.
  equal(
    [...filled.data.candidate.columns.get("M")!].filter((value) => Number.isNaN(value)).length,
    candidate.texts("sex").filter((text) => text === "").length,
  );
});

test("a missing value is imputed by mean, mode or a given value, per column, and the encoder's JSON keeps it", () => {
  const table = new Table({ x: [1, 1, 4, null], job: ["b", "a", null, "b"], y: [0, 1, 0, 1] });
  const missing = (impute: Exclude<MissingPolicy, string>["impute"]) =>
    new Encoder(table, { label: "y", missing: { impute } }).scales.map(({ missing }) => missing);
  deepEqual(missing("mean"), [2, "b"]);
  deepEqual(missing("mode"), [1, "b"]);
  deepEqual(missing({ x: { value: -1 }, job: { value: "unknown" } }), [-1, "unknown"]);
  throws(() => missing({ x: "mean" }), /Cannot use the column "job": 1 of its 4 values is missing, the first in row 2/);
  throws(() => missing({ x: { value: "a" }, job: "mode" }), /Cannot impute "a" in "x": the column is of numbers/);
  throws(() => new Encoder(table, { label: "y", missing: ["", "NA"] as never }), {
    message:
      'Cannot encode a table: missing is a list; wanted "error", "drop" or { impute: "mean" }; their spelling is an option for reading, missingValues',
  });
  const encoder = new Encoder(table, { label: "y", missing: { impute: "mean" } }),
    again = new Encoder(JSON.parse(JSON.stringify(encoder)), { label: "y", missing: { impute: "mean" } });
  deepEqual(again.features(table).data, encoder.features(table).data);
});

test("train() from a table describes the table, and the verdict names the rows left out", async () => {
  const text = holed(600), { data, encoder } = prepare(csv(text), { ...encoding, missing: "drop" });
  const result = await train({
    data,
    model: new nn.LogisticRegression(encoder.featureNames.length, 2),
    objective: nn.logLoss,
    constraints: [{ text: "abs((PR | [M]) - (PR | [F])) <= 0.9", delta: 0.05 }],
    optimizer: { epochs: 5 },
  });
  equal(result.description?.rows, 600);
  match(`${result}`, /\n {2}Data: \d+ rows of 600 left out, because a value is missing in/);
  ok(JSON.stringify(result).includes('"role":"feature"'));
});

test("a condition is not evaluated on a row that another condition excludes, nor when rows outside all groups are counted", async () => {
  const n = 100,
    data = new DataSet({
      features: Array.from({ length: n }, () => [0.5]),
      labels: Array.from({ length: n }, (_, i) => i % 2),
      columns: {
        M: Array.from({ length: n }, (_, i) => i % 2),
        g: Array.from({ length: n }, (_, i) => i % 2 === 0 ? 2 : i % 3 === 0 ? 1 : 0),
      },
    });
  const report = await safetyTest({ model: new Echo(), data, constraints: [{ text: "(PR | [M, g]) <= 0.9", delta: 0.1 }] });
  deepEqual(report.constraints[0].outside, []);
});
