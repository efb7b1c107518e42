import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type bounds, DataSet, type measures, safetyTest } from "../../../mod.ts";
import { atMostDelta, cost, delta, passesOf, promise, rows, uniforms } from "../../helpers/promises.ts";

test("a difference between two decided groups is scaled to the range of its measure", async () => {
  const draw = (uniform: () => number, n: number) => {
    const M = rows(n, (i) => i % 2), F = M.map((m) => 1 - m);
    return new DataSet({
      features: M.map((m) => [uniform() < (m === 1 ? 0.7 : 0.3) ? 1 : 0]),
      columns: { M, F },
      exclusive: [["M", "F"]],
    });
  };
  for (const binary of [false, true]) {
    const own = { ...cost, binary },
      question = promise("(Cost | [M]) - (Cost | [F]) <= 1.9", { rates: "decided", measures: [own] });
    atMostDelta(await passesOf(200, (uniform) => ({ ...question, data: draw(uniform, 60) })), 200);
    const { constraints: [{ conjuncts: [{ value, upper, statistic }] }] } = await safetyTest({
      ...question,
      data: draw(uniforms(1), 400),
    });
    equal(statistic!.bound, binary ? "buehler" : "star");
    ok(value < upper && upper < value + 1, `${value}, at most ${upper}`);
  }
});

test("groups that may overlap do not count as exclusive, even if no row of the data is in both", async () => {
  // Only the rare rows in both groups have errors: (ER | A) = (ER | B) = 0.01 / 0.505.
  const draw = (uniform: () => number) => {
    const kind = rows(100, () => {
      const u = uniform();
      return u < 0.01 ? "both" : u < 0.505 ? "A" : "B";
    });
    const member = (group: string) => kind.map((one) => one === group || one === "both" ? 1 : 0);
    return new DataSet({
      features: kind.map((one) => [one === "both" ? 0 : 1]),
      labels: kind.map(() => 1),
      columns: { A: member("A"), B: member("B") },
    });
  };
  const question = promise("((ER | [A]) + (ER | [B])) / 2 <= 0.0197", { rates: "decided" });
  atMostDelta(await passesOf(300, (uniform) => ({ ...question, data: draw(uniform) })), 300);
});

test("the exact bound on two counts takes only values that are 0 or 1", async () => {
  const nearly: measures.Measure = {
    ...cost,
    name: "Nearly",
    range: [0, 1],
    values: ({ predictions }) => predictions.reshape(predictions.size).mul(0.999),
  };
  const M = rows(20, (i) => i % 2),
    draw = (uniform: () => number) =>
      new DataSet({
        features: rows(20, () => [uniform() < 0.5 ? 1 : 0]),
        columns: { M, F: M.map((m) => 1 - m) },
        exclusive: [["M", "F"]],
      });
  const question = promise("(Nearly | [M]) - (Nearly | [F]) <= -0.0001", { rates: "decided", measures: [nearly] });
  atMostDelta(await passesOf(300, (uniform) => ({ ...question, data: draw(uniform) })), 300);
  await rejects(
    safetyTest({ ...question, measures: [{ ...nearly, binary: true }], data: draw(uniforms(0)) }),
    /Cannot bound Nearly \| \[[MF]\]: the value of row \d+ is 0\.999, and "buehler" takes only 0 and 1/,
  );
});

test("a chosen family also bounds overlapping groups, in place of the one account", async () => {
  const A = rows(80, (i) => i % 2), B = rows(80, (i) => i % 3 === 0 ? 1 : 0);
  const data = new DataSet({
    features: rows(80, (i) => [0.5 + 0.3 * Math.sin(i)]),
    labels: rows(80, () => 0),
    columns: { A, B },
  });
  const of = async (bound: bounds.BoundName) =>
    (await safetyTest({ ...promise("(PR | [A]) - (PR | [B]) <= 0.5", { bound }), data })).constraints[0];
  equal((await of("auto")).conjuncts[0].statistic!.bound, "one-account");
  const { conjuncts: [{ statistic }], leaves } = await of("hoeffding");
  deepEqual([statistic, leaves.map(({ bound, deltaLower, deltaUpper }) => [bound, deltaLower ?? deltaUpper])], [undefined, [[
    "hoeffding",
    delta / 2,
  ], ["hoeffding", delta / 2]]]);
});
