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

test("the worst population may be no vertex of the set", async () => {
  const kinds = Array.from(
    { length: 600 },
    (_, i) => ({ g: "abc"[i % 3], label: Number(i % 3 > 0), m: Number(i % 30 < [12, 24, 3][i % 3]) }),
  );
  const three = new DataSet({
    features: kinds.map(({ label }) => [label]),
    labels: kinds.map(({ label }) => label),
    columns: { g: kinds.map(({ g }) => g), m: kinds.map(({ m }) => m), f: kinds.map(({ m }) => 1 - m) },
  });
  const texts = ["ER * ACC <= 0.2", "(ER | [m]) - (ER | [f]) <= 0.1", "abs((ER | [m]) - (ER | [f])) <= 0.1"];
  for (
    const parts of [{ a: [0, 1], b: [0, 1], c: [0, 1] }, { a: [0.1, 0.7], b: [0.2, 0.5], c: [0, 0.4] }, {
      a: 0.3,
      b: [0, 0.7],
      c: [0, 0.7],
    }]
  ) {
    const { trials: [{ values }] } = await experiment({
      ...{ ...asked, population: three, constraints: texts.map((text) => ({ text, delta: 0.1 })), trials: 1 },
      ...{ shift: { g: parts } as never, contenders: { no: constant(0.1) } },
    });
    const [a, b, c] = ["a", "b", "c"].map((g) => kinds.filter((one) => one.g === g));
    const inM = [a, b, c].map((own) => own.reduce((sum, { m }) => sum + m, 0) / own.length), error = [0, 1, 1];
    const mean = (p: number[], part: (d: number) => number) =>
      p.reduce((sum, one, d) => sum + one * part(d) * error[d], 0) / p.reduce((sum, one, d) => sum + one * part(d), 0);
    const worst = texts.map(() => -Infinity), limits = Object.values(parts).map((one) => [one].flat());
    for (let i = 0; i <= 100; i++) {
      for (let j = 0; i + j <= 100; j++) {
        const p = [i / 100, j / 100, (100 - i - j) / 100];
        if (p.some((part, d) => part < limits[d][0] - 1e-9 || part > limits[d].at(-1)! + 1e-9)) continue;
        const er = mean(p, () => 1), difference = mean(p, (d) => inM[d]) - mean(p, (d) => 1 - inM[d]);
        [er * (1 - er) - 0.2, difference - 0.1, Math.abs(difference) - 0.1].forEach((g, k) => worst[k] = Math.max(worst[k], g));
      }
    }
    worst.forEach((g, k) => ok(values[k]! > g - 1e-9 && values[k]! < g + 1e-3, `${texts[k]}: ${values[k]}, ${g}`));
  }
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
