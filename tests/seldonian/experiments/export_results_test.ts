import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { csv, readTable, type Table } from "../../../mod.ts";
import { Results, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { fc } from "../../deps.ts";

// Whole numbers from 2^53 on are texts to a reader of CSV.
const number = fc.double({ noNaN: true, min: -1e15, max: 1e15 }).map((x) => x + 0), maybe = fc.option(number);
const trial: fc.Arbitrary<TrialResult> = fc.record({
  contender: fc.constantFrom("the kit", 'a "rival", <b>', "zwei\nZeilen", "ĝis 🎲"),
  size: fc.integer({ min: 1, max: 1e6 }),
  trial: fc.integer({ min: 0, max: 1e6 }),
  solution: fc.boolean(),
  performance: maybe,
  values: fc.tuple(maybe, maybe),
  broken: fc.boolean(),
  seconds: number.map(Math.abs),
}).chain((one) =>
  fc.option(fc.constantFrom("it failed", "with, a comma\r\n")).map((error) => error === null ? one : { ...one, error })
);
const constraints = [{ text: "ACC >= 0.9", delta: 0.05 }, { text: "(PR | [M]) <= 0.5", delta: 0.1 }];
const head = [
  "contender",
  "n",
  "trial",
  "solution",
  "performance",
  "broken",
  "seconds",
  "error",
  "g: ACC >= 0.9",
  "g: (PR | [M]) <= 0.5",
];

/** A file's cells; what is missing is `null`. */
function cellsOf(table: Table): unknown[][] {
  return Array.from({ length: table.size }, (_, i) => {
    const row = table.row(i) as Record<string, unknown>;
    return table.names.map((name) => row[name] === "" || Number.isNaN(row[name]) ? null : row[name]);
  });
}

test("CSV and Parquet files have every trial, as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trial, { minLength: 1, maxLength: 12 }), async (trials) => {
      const results = new Results(trials, constraints, "loss");
      const wanted = trials.map((one) => [
        one.contender,
        one.size,
        one.trial,
        Number(one.solution),
        one.performance,
        Number(one.broken),
        one.seconds,
        one.error ?? null,
        ...one.values,
      ]);
      const text = ["contender", "error"], read = await readTable(await results.toParquet(), { text });
      deepEqual(read.names, head);
      deepEqual(cellsOf(read), wanted);
      const again = csv(results.toCsv(), { text, trim: false });
      deepEqual(again.names, head);
      deepEqual(cellsOf(again), wanted);
    }),
    { seed: 2, numRuns: 40 },
  );
});

test("a Parquet file of 10,000 trials is smaller than the CSV", async () => {
  const one = { contender: "the kit", size: 100, solution: true, broken: false, values: [-0.1, -0.2] };
  const trials = Array.from(
    { length: 10_000 },
    (_, i) => ({ ...one, trial: i, performance: 0.5 + i / 1e5, seconds: 0.01 * (i % 7) }),
  );
  const results = new Results(trials, constraints, "loss"), parquet = await results.toParquet();
  equal((await readTable(parquet)).size, 10_000);
  equal(parquet.length < results.toCsv().length / 2, true);
});
