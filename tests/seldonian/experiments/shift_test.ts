import { deepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn } from "../../../mod.ts";
import { constant, experiment, penalized, seldonian } from "../../../seldonian/experiments/mod.ts";

// Half are b. Of a one tenth have label 1, of b a half.
const rows = Array.from(
  { length: 400 },
  (_, i) => ({ g: i % 2 === 0 ? "a" : "b", label: Number(i % 20 < (i % 2 === 0 ? 2 : 10)) }),
);
const population = new DataSet({
  features: rows.map(({ g }) => [g === "b" ? 1 : 0]),
  labels: rows.map(({ label }) => label),
  columns: { g: rows.map(({ g }) => g) },
});
const shift = { g: { a: [0.2, 0.6], b: [0.4, 0.8] } } as const, constraints = [{ text: "ER <= 0.4", delta: 0.1 }];
const asked = { rates: "decided" as const, population, constraints, performance: nn.logLoss, sizes: [100], trials: 2 };

test("models are judged in the worst population of the experiment's shift", async () => {
  const judged = async (more: object) => {
    const { trials } = await experiment({ ...asked, contenders: { no: constant(0.1) }, ...more });
    return trials.map(({ values }) => values.map((value) => Number(value!.toFixed(9))));
  };
  const [a, b] = ["a", "b"].map((group) => {
    const own = rows.filter(({ g }) => g === group);
    return own.reduce((sum, { label }) => sum + label, 0) / own.length;
  });
  const at = (part: number) => Number(((1 - part) * a + part * b - 0.4).toFixed(9));
  deepEqual(await judged({}), [[at(0.5)], [at(0.5)]]);
  deepEqual(await judged({ shift }), [[at(0.8)], [at(0.8)]]);
});

test("a contender may promise for the populations; one without bounds has none", async () => {
  const how = {
    model: new nn.LogisticRegression(1),
    objective: nn.logLoss,
    constraints,
    optimizer: { epochs: 40, thetaRate: 0.1 },
  };
  const { trials } = await experiment({ ...asked, shift, contenders: { kit: seldonian({ ...how, shift }) } });
  ok(trials.every(({ error }) => error === undefined), JSON.stringify(trials));
  ok((() => {
    try {
      penalized({ ...how, shift } as never);
    } catch (error) {
      return /there is no option "shift"/.test(`${error}`);
    }
  })());
  await rejects(
    experiment({ ...asked, shift: { h: { a: 0.5, b: 0.5 } }, contenders: { no: constant() } }),
    /Cannot shift by "h": there is no such column/,
  );
});
