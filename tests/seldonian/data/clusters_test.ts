import { deepEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, explain, safetyTest } from "../../../mod.ts";
import { atMostDelta, passesOf, promise, rows, uniforms } from "../../helpers/promises.ts";

test("a bound on means of clusters counts the rows of one cluster as one observation", async () => {
  // All rows of a patient agree, so 40 patients are 40 values, however many rows they have.
  const draw = (uniform: () => number) => {
    const patients = rows(40, (patient) => ({ patient, right: uniform() < 0.8 ? 1 : 0, count: 1 + Math.floor(20 * uniform()) }));
    return patients.flatMap((one) => rows(one.count, () => one));
  };
  const data = (drawn: ReturnType<typeof draw>, clusters?: number[]) =>
    new DataSet({ features: drawn.map(({ right }) => [right]), labels: drawn.map(() => 1), clusters });
  const question = promise("ACC >= 0.81", { rates: "decided" });
  let passes = 0;
  for (let trial = 0; trial < 200; trial++) {
    const drawn = draw(uniforms(trial)), groups = drawn.map(({ patient }) => patient);
    const report = await safetyTest({ ...question, data: data(drawn), groups });
    if (report.passed) passes++;
    const [{ leaves: [{ n, mean, bound }], clustered }] = report.constraints,
      right = new Set(drawn.filter(({ right }) => right === 1)).size;
    ok(n === 40 && Math.abs(mean - right / 40) < 1e-12 && bound === "star" && clustered);
    deepEqual((await safetyTest({ ...question, data: data(drawn, groups) })).constraints, report.constraints);
  }
  atMostDelta(passes, 200);
  // Without clusters the same test passes far too often.
  const naive = await passesOf(200, (uniform) => ({ ...question, data: data(draw(uniform)) }));
  ok(naive > 40, `${naive} of 200`);
  match(
    explain(
      await safetyTest({
        ...question,
        data: data(draw(uniforms(0))),
        groups: draw(uniforms(0)).map(({ patient }) => patient),
      }),
    ),
    /on 40 clusters of safety data/,
  );
});
