import { deepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn } from "../../../mod.ts";
import { experimentIn } from "../../../seldonian/spec/experiment_spec.ts";
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

test("an experiment from a spec has the shift of its problem, which contenders with bounds promise for", async () => {
  const csv = ["x,g,y", ...rows.map(({ g, label }, i) => `${i % 7},${g},${label}`)].join("\n");
  const problem = {
    data: { file: "rows.csv", label: "y", features: ["x"] },
    model: { kind: "logistic" },
    ...{ constraints, shift, rates: "decided", optimizer: { epochs: 20, thetaRate: 0.1 } },
  };
  const files: Record<string, string> = { "problem.json": JSON.stringify(problem), "rows.csv": csv };
  const spec = {
    problem: "problem.json",
    contenders: { kit: { kind: "seldonian" }, penalty: { kind: "penalized" }, none: { kind: "constant", value: 0.1 } },
    ...{ performance: "ER", sizes: [100], trials: 1 },
  };
  const { question } = await experimentIn(
    "spec.json",
    JSON.stringify(spec),
    (name) => Promise.resolve(new TextEncoder().encode(files[name])),
  );
  deepEqual(question.shift, shift);
  const { trials } = await experiment({ ...question, sizes: [100], trials: 1 });
  ok(trials.every(({ error }) => error === undefined), JSON.stringify(trials));
  const own = (group: string) => rows.filter(({ g }) => g === group).map(({ label }) => label);
  const [a, b] = ["a", "b"].map((group) => own(group).reduce((sum, label) => sum + label, 0) / own(group).length);
  const none = trials.find(({ contender }) => contender === "none")!;
  ok(Math.abs(none.values[0]! - (0.2 * a + 0.8 * b - 0.4)) < 1e-9, `${none.values}`);
});
