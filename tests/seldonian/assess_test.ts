import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, DataStream, nn, Sets } from "../../mod.ts";
import { assess, type Shared } from "../../seldonian/assess.ts";
import { evaluatePromise } from "../../seldonian/constraints/promise.ts";
import { type Problem, problemOf } from "../../seldonian/problem/problem.ts";
import { fc } from "../deps.ts";

const model = (slope: number) => nn.initialize(new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), slope);

/** A problem on random rows, alone or in clusters. */
async function problemOn(rows: number, seed: number, clustered: boolean): Promise<Problem> {
  const at = (row: number, salt: number) => ((row * 7919 + seed * 104729 + salt * 31) % 997) / 997;
  const of = <T>(value: (row: number) => T) => Array.from({ length: rows }, (_, row) => value(row));
  const data = new DataSet({
    features: of((row) => [at(row, 1), at(row, 2)]),
    labels: of((row) => at(row, 3) > 0.5 ? 1 : 0),
    columns: { M: of((row) => at(row, 4) > 0.4 ? 1 : 0), size: of((row) => at(row, 5)) },
    ...(clustered && { clusters: of((row) => row >> 1) }),
  });
  const constraints = [{ text: "(PR | [M]) - (PR | [!M]) <= 0.9", delta: 0.05 }, {
    text: "(ACC | [size > 0.3]) >= 0.01",
    delta: 0.1,
  }];
  return await problemOf({ objective: nn.logLoss, constraints }, new Sets({ data }));
}

async function found(problem: Problem, slope: number, purpose: "training" | "test", shared?: Shared): Promise<unknown> {
  const { objective, sample, order } = await assess(model(slope), problem, purpose, undefined, shared);
  const bounds = problem.promises.map((promise) => evaluatePromise(promise, sample));
  const places = problem.promises[0].constraint.leaves.map((leaf) => {
    const { values, place, rowNumber } = sample.rowValues(leaf);
    return [[...values.data], Array.from(values.data, (_, i) => `${place(i)} ${rowNumber(i)}`)];
  });
  return { objective, order, places, bounds: bounds.map(({ value, interval: { upper } }) => [value, upper.value]) };
}

test("a model is judged alike alone and after others on the same data", async () => {
  const purposes = fc.constantFrom("training" as const, "test" as const);
  const property = fc.asyncProperty(fc.integer({ min: 20, max: 700 }), fc.nat(99), fc.boolean(), purposes, async (...given) => {
    const [rows, seed, clustered, purpose] = given, problem = await problemOn(rows, seed, clustered), shared: Shared = new Map();
    for (const slope of [seed, seed + 1]) {
      deepStrictEqual(await found(problem, slope, purpose, shared), await found(problem, slope, purpose));
    }
    strictEqual(shared.size, 1);
  });
  await fc.assert(property, { seed: 23, numRuns: 25 });
});

test("nothing is shared of rows that are read again", async () => {
  const { sets, ...problem } = await problemOn(40, 1, false), piece = sets.main.data as DataSet;
  const data = await DataStream.open(async function* () {
    yield piece;
  });
  const shared: Shared = new Map();
  await assess(model(1), { ...problem, sets: new Sets({ data }) }, "test", undefined, shared);
  strictEqual(shared.size, 0);
});
