import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Encoder, nn, Table, type Tensor } from "../../mod.ts";
import { toOnnx } from "../../seldonian/export/mod.ts";
import { classification } from "../../seldonian/tasks/classification.ts";
import { fc } from "../deps.ts";
import { difference, opened, skip } from "./runtime.ts";

/** Gives the features themselves, so that the file shows what its encoder makes of a row. */
const echo: nn.Module = { forward: (x: Tensor) => x };

const level = fc.constantFrom("a", "b", "ä ü", "0", "1e3", 'quo"te', "a,b", "line\nbreak", "NaN"),
  // Not so small that the runtime takes a mean for 0: it looks at means in float32.
  number = fc.integer({ min: -1e9, max: 1e9 }).map((x) => x / 1024);
const imputation = fc.constantFrom("mean" as const, "median" as const, "mode" as const);

/** Columns of a table: numbers, some of them constant, and texts; some cells are missing. */
const tables = fc.record({
  rows: fc.integer({ min: 4, max: 12 }),
  kinds: fc.array(fc.constantFrom("number", "text", "constant"), { minLength: 1, maxLength: 5 }),
  impute: fc.option(imputation, { nil: undefined }),
  standardise: fc.boolean(),
}).chain(({ rows, kinds, ...more }) =>
  fc.tuple(...kinds.map((kind) => {
    const cell = kind === "text" ? level : kind === "number" ? number : fc.constant(7);
    return fc.array(fc.tuple(cell, fc.integer({ min: 0, max: 9 })), { minLength: rows, maxLength: rows });
  })).map((cells) => ({ cells, kinds, ...more }))
);

function tableOf(
  cells: readonly (readonly (readonly [string | number, number])[])[],
  kinds: readonly string[],
  missing: number,
): Table {
  const columns = cells.map((column, i) => {
    const values = column.map(([cell, k]) => k < missing ? (kinds[i] === "text" ? "" : NaN) : cell);
    return [`column ${i}`, kinds[i] === "text" ? values as string[] : Float64Array.from(values as number[])] as const;
  });
  return new Table(Object.fromEntries([...columns, ["y", Float64Array.from(cells[0], (_, i) => i % 2)]]));
}

/** A table's columns as inputs of a file. */
function inputsOf(table: Table, { scales }: Encoder): Record<string, number[] | string[]> {
  return Object.fromEntries(scales.map(({ name }) => [name, [...table.column(name)] as number[] | string[]]));
}

test("a file encodes raw columns to the same bits: numbers, categories, new ones, constants, and what replaces missing cells", {
  skip,
}, () =>
  fc.assert(
    fc.asyncProperty(tables, async ({ cells, kinds, impute, standardise }) => {
      const fitted = tableOf(cells, kinds, impute === undefined ? 0 : 2), features = kinds.map((_, i) => `column ${i}`);
      fc.pre(impute === undefined || cells.every((column) => column.some(([, k]) => k >= 2)));
      const encoder = new Encoder(fitted, {
        label: "y",
        features,
        standardise,
        ...(impute !== undefined && { missing: { impute } }),
      });
      // Rows that the encoder was not fitted to: a new category, and other numbers.
      const later = tableOf(
        cells.map((column, i) => column.map(([cell, k], row) => [row === 0 && kinds[i] === "text" ? "new" : cell, k] as const)),
        kinds,
        impute === undefined ? 0 : 2,
      );
      const run = await opened(toOnnx(echo, { encoder }));
      for (const table of [fitted, later]) {
        const wanted = encoder.features(table), { output } = await run(inputsOf(table, encoder));
        deepEqual(output.dims, [...wanted.shape]);
        deepEqual(output.data, Array.from(wanted.data, (x) => x + 0));
      }
    }),
    { seed: 3, numRuns: 40 },
  ));

test(
  "a row with a missing value that nothing replaces is answered by NaN and decision -1, the others as ever",
  { skip },
  async () => {
    const table = new Table({ age: Float64Array.of(1, 2, 3, 4), job: ["a", "b", "a", "b"], y: Float64Array.of(0, 1, 0, 1) });
    const encoder = new Encoder(table, { label: "y" }), one = nn.initialize(new nn.LogisticRegression(3), 0);
    const flat = { forward: (x: Tensor) => one.forward(x).reshape(-1) },
      several = nn.initialize(new nn.LogisticRegression(3, 3), 5);
    for (const model of [flat, one, several]) {
      const run = await opened(toOnnx(model, { encoder, decides: true }));
      const { output, decision } = await run({ age: [1, NaN, 3, 4], job: ["a", "b", "", "b"] });
      const wanted = model.forward(encoder.features(table)), width = wanted.size / 4, { data } = wanted;
      deepEqual(output.dims, [...wanted.shape]);
      const refused = (i: number) => Math.floor(i / width) === 1 || Math.floor(i / width) === 2;
      deepEqual(output.data.map(Number.isNaN), Array.from(data, (_, i) => refused(i)));
      ok(difference([...data].filter((_, i) => !refused(i)), output.data.filter((_, i) => !refused(i))) < 1e-6);
      const decided = classification.decision!.decided(wanted.cast("float64")).data;
      deepEqual(decision, [decided[0], -1, -1, decided[3]]);
    }
  },
);

test("a tree tells rows at its thresholds apart as the kit does, with the encoder in the file", { skip }, async () => {
  const age = Float64Array.from({ length: 80 }, (_, i) => i % 13 / 3), y = Float64Array.from(age, (x, i) => +(x + i % 3 > 2.5));
  const table = new Table({ age, other: Float64Array.from(age, (x) => x * x / 7), y }),
    encoder = new Encoder(table, { label: "y" });
  const features = encoder.features(table), model = nn.RandomForest.grow({ features, labels: y }, { trees: 7 });
  const run = await opened(toOnnx(model, { encoder, decides: true })), { decision } = await run(inputsOf(table, encoder));
  deepEqual(decision, Array.from(model.forward(features).data, (p) => +(p >= 0.5)));
});

test("columns with the names of outputs and of values in the file keep their names", { skip }, async () => {
  const column = Float64Array.of(1, 2, 3), table = new Table({ output: column, decision: column, ":0": column, y: column });
  const encoder = new Encoder(table, { label: "y" }), model = nn.initialize(new nn.LogisticRegression(3), 0);
  const run = await opened(toOnnx(model, { encoder, decides: true }));
  const { output, decision } = await run({ output: [1, 2, 3], decision: [1, 2, 3], ":0": [1, 2, 3] });
  equal(decision.length, 3);
  ok(output.data.every((p) => p > 0 && p < 1));
});
