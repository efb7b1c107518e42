import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { bounds, DataSet, explain, type measures, safetyTest, split, Tensor } from "../../../mod.ts";
import { echo } from "../../helpers/models.ts";
import { htmlOf } from "../../../seldonian/report/html.ts";
import { cost, promise, rows } from "../../helpers/promises.ts";

test("bounds that are valid only for many rows need at least 5, and their verdicts are called approximate", async () => {
  const draw = (n: number) => {
    const A = rows(100, (i) => i < n ? 1 : 0);
    return new DataSet({
      features: rows(100, (i) => [Math.sin(i)]),
      labels: rows(100, () => 0),
      columns: { A, B: A.map((a) => 1 - a) },
      exclusive: [["A", "B"]],
    });
  };
  const question = promise("(Mean_Error | [A]) - (Mean_Error | [B]) <= 100");
  for (const n of [2, 3, 4]) {
    const [{ passed, verdict, guarantee }] = (await safetyTest({ ...question, data: draw(n) })).constraints;
    deepEqual([passed, verdict, guarantee], [false, "not judged", "approximate"]);
  }
  const report = await safetyTest({ ...question, data: draw(5) });
  ok(report.passed);
  match(explain(report), /^The safety test passed, approximately\.\n.*: kept with approximate confidence 95 %/);
  match(explain(report), /Bound: student, right for many rows only, assuming that the mean of so many values is close to normal/);
});

test("each of two bounds of one measure shows its confidence", async () => {
  const data = new DataSet({ features: rows(400, (i) => [0.45 + 0.3 * Math.sin(i)]), labels: rows(400, () => 0) });
  match(
    explain(await safetyTest({ ...promise("abs(PR - 0.45) <= 0.2"), data })),
    /PR is 0\.4\d+ on 400 rows of safety data, at least 0\.4\d+ \(95 %\) and at most 0\.4\d+ \(95 %\)/,
  );
});

test("a test on strata is approximate, vanishing numbers are errors, and CVaR refuses clusters", async () => {
  const labels = rows(200, (i) => i % 2), data = new DataSet({ features: rows(200, (i) => [0.5 + i / 1000]), labels });
  const report = await safetyTest({ ...promise("PR >= 0.1"), data: split(data, { stratify: labels }).safety });
  equal(report.constraints[0].guarantee, "approximate");
  match(
    explain(report),
    /^The safety test passed, approximately\.[^]*Strata were divided for these rows, so that they are not quite independent/,
  );
  for (
    const [text, wanted] of [
      ["(0.9 - ACC) * 1e-400 <= 0", /1e-400 is so small that it would be 0/],
      ["(0.9 - ACC) / 1e200 / 1e200 <= 0", /Cannot use the factor .* in a constraint: it is 0/],
    ] as const
  ) await rejects(safetyTest({ ...promise(text), data }), wanted);
  const wide = new DataSet({
    features: rows(80, (i) => [i % 2]),
    labels: rows(80, () => 0),
    columns: { v: rows(80, (i) => i - 40) },
  });
  const [{ conjuncts: [{ statistic }] }] =
    (await safetyTest({ ...promise("(PR | [v > -1e308]) + (PR | [v < 1e308]) <= 1.9"), data: wide })).constraints;
  equal(statistic!.bound, "one-account");
  await rejects(
    safetyTest({ ...promise("CVaR_[0.1] <= 1"), data: data.clustered(rows(200, (i) => i % 20)) }),
    /CVaR of means of clusters would hide the worst rows/,
  );
  const tenths = {
    ...cost,
    name: "Tenth",
    range: [0, 0.1] as const,
    values: ({ predictions }: measures.Outcomes) => predictions.reshape(predictions.size),
  };
  const thirds = new DataSet({ features: Tensor.from(new Float64Array(90).fill(0.1), [90, 1]), labels: rows(90, () => 0) })
    .clustered(rows(90, (i) => i % 30));
  ok((await safetyTest({ ...promise("Tenth <= 0.11", { measures: [tenths], model: echo }), data: thirds })).passed);
});

test("a verdict says where a bound is custom, and where it is the kit's", async () => {
  const data = new DataSet({ features: rows(100, () => [0.9]), labels: rows(100, () => 1) });
  const said = async (bound: bounds.Bound) => explain(await safetyTest({ ...promise("PR >= 0.5"), bound, data }));
  match(
    await said({ ...bounds.hoeffding, name: "mine" }),
    /Bound: mine, custom: you declare it proven at every number of rows, assuming /,
  );
  match(await said(bounds.hoeffding), /Bound: hoeffding, proven at every number of rows, assuming /);
});

test("a report shows the names of bounds, of groups and of data sets as text, never as tags", async () => {
  const tag = '<img src="x" onerror="alert(1)">', mine = { ...bounds.hoeffding, name: tag };
  const data = new DataSet({
    features: rows(200, (i) => [i % 10 === 0 ? 0 : 1]),
    labels: rows(200, () => 1),
    columns: { [tag]: rows(200, (i) => i % 2), B: rows(200, (i) => 1 - i % 2) },
    exclusive: [[tag, "B"]],
  });
  const group = `(PR | [${JSON.stringify(tag)}])`;
  for (const text of [`${group} >= 0.1`, `${group} - (PR | [B]) <= 0.9`, `log(${group}) >= -9`]) {
    const { constraints } = await safetyTest({ ...promise(text), bound: mine, data });
    const html = await htmlOf({ passed: true, constraints, objective: { candidate: null, safety: null }, log: [] });
    ok(html.includes("&lt;img") && !/<img/.test(html), html);
  }
});
