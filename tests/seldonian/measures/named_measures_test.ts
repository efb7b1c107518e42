import { deepEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import { constraint, DataSet, measures, safetyTest, tensor, train } from "../../../mod.ts";
import { cost, delta, model, promise, rows, untrained } from "../../helpers/promises.ts";

test("two measures of one name are refused in texts, code and objectives", async () => {
  const mine: measures.Measure = {
    ...measures.ACC.measure,
    values: ({ predictions }) => predictions.reshape(predictions.size).mul(0).add(1),
  };
  const data = new DataSet({ features: rows(40, (i) => [i % 2]), labels: rows(40, () => 1) });
  const two = [{ text: "ACC >= 0.9", delta }, { text: measures.ACC.atLeast(0.9), delta }];
  await rejects(
    safetyTest({ model, data, constraints: two, measures: [mine] }),
    /Cannot use a custom measure named "ACC": the kit has a measure of this name; rename yours/,
  );
  const within = (x: number): measures.Measure => ({
    ...cost,
    name: "within",
    range: [0, 1],
    values: ({ predictions }) => predictions.reshape(predictions.size).mul(1 / x),
  });
  const leaf = (x: number) => constraint("within <= 0.9", { measures: [within(x)] });
  await rejects(
    safetyTest({ model, data, constraints: [{ text: leaf(2), delta }, { text: leaf(1), delta }] }),
    /two measures named "within"/,
  );
  await rejects(
    train({ ...untrained, data, objective: measures.ACC, constraints: [{ text: "ACC >= 0.9", delta }], measures: [mine] }),
    /a custom measure named "ACC"/,
  );
});

test("two tests can have different measures of one name, and a measure that reads arrays outside the data is refused", async () => {
  const near = (k: number): measures.Measure => ({
    ...cost,
    name: "Near",
    range: [0, 1],
    counts: (y) => y <= k,
    values: ({ predictions }) => predictions.reshape(predictions.size),
  });
  const far: measures.Measure = { ...near(0), name: "Far", counts: (y) => y > 0 };
  const data = new DataSet({
    features: rows(90, (i) => [i % 2]),
    labels: rows(90, (i) => i % 3 === 2 ? 1 : i % 3 === 1 ? 1 : 0),
  });
  const joined = async (k: number) =>
    (await safetyTest({ ...promise("(Near + Far) / 2 <= 0.99", { measures: [near(k), far] }), data })).constraints[0].conjuncts[0]
      .statistic!.bound;
  deepEqual([await joined(0), await joined(1)], ["star", "one-account"]);
  const prices = tensor(rows(90, (i) => i % 2)).cast("float64");
  const priced: measures.Measure = {
    ...cost,
    name: "Priced",
    range: [0, 1],
    values: ({ predictions }) => predictions.reshape(predictions.size).mul(prices),
  };
  await rejects(
    safetyTest({ ...promise("Priced <= 0.9", { measures: [priced] }), data }),
    /Cannot bound Priced: it can be computed for 90 rows, but not for \d+ of them .*; put its other inputs into columns of the data/,
  );
});
