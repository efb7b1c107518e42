/** Nothing that is stated beside a plan is dropped: the plan says the same, or the test is refused. */
import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, safetyTest, type SafetyTestOptions, selectCandidate } from "../../../mod.ts";
import { points } from "../../helpers/line.ts";

const features = points(120), columns = { race: features.map((_, i) => i % 3 === 0 ? "b" : "a") };
const data = new DataSet({ features, labels: features.map(([x]) => x > 0 ? 1 : 0), columns });
const constraints = [{ text: "PR <= 0.9", delta: 0.05 }], shift = { race: { a: 0.4, b: 0.6 } };

async function planned(more: object = {}) {
  const model = new nn.LogisticRegression(2), optimizer = { name: "adam" as const, epochs: 3 };
  const options = { data, safetyRows: 120, model, objective: "logLoss" as const, constraints, optimizer, ...more };
  const [{ model: chosen, plan }] = (await selectCandidate(options)).candidates;
  return { model: chosen, plan };
}

const others: [name: string, stated: Partial<SafetyTestOptions>, found: string, wanted: string][] = [
  ["shift", { shift }, "the population of the data", "race is a 0.4, b 0.6"],
  ["rates", { rates: "decided" }, '"expected"', '"decided"'],
  ["bound", { bound: "hoeffding" }, '"auto"', '"hoeffding"'],
  ["bound", { bound: { PR: "star" } }, '"auto"', '{"PR":"star"}'],
  ["ranges", { ranges: { PR: [0, 2] } }, "{}", '{"PR":[0,2]}'],
  ["analysis", { analysis: "interval" }, '"conjunctive"', '"interval"'],
  ["shares", { shares: "equal" }, '"optimal"', '"equal"'],
];
for (const [name, stated, found, wanted] of others) {
  test(`${name} beside a plan must be the plan's: ${wanted}`, async () => {
    const message = `Cannot test by a plan of other ${name}: ${found} in the plan, and ${wanted} stated; ` +
      `leave ${name} out, or plan anew`;
    const { model, plan } = await planned(), same = await planned(stated);
    for (const some of [[], constraints]) {
      await rejects(safetyTest({ model, data, plan, constraints: some, ...stated }), { name: "RangeError", message });
      // A plan of the same is taken.
      const { constraints: [{ populations }] } = await safetyTest({ ...same, data, constraints: some, ...stated });
      equal(populations, name === "shift" ? wanted : undefined);
    }
  });
}

test("a promise that is stated again is one of the plan", async () => {
  const { model, plan } = await planned({ shift });
  const test = (more: Partial<SafetyTestOptions>) => safetyTest({ model, data, plan, constraints, ...more });
  // Without shift, it is one for the population of the data.
  await rejects(
    test({}),
    /of other shift: race is a 0\.4, b 0\.6 in the plan, and the population of the data stated; leave shift out/,
  );
  await rejects(test({ shift, constraints: [{ ...constraints[0], delta: 0.1 }] }), {
    message:
      "Cannot test by a plan of other constraints: PR <= 0.9 at delta 0.05 in the plan, and PR <= 0.9 at delta 0.1 stated; " +
      "leave constraints out, or plan anew",
  });
  equal((await test({ constraints: [] })).constraints[0].populations, "race is a 0.4, b 0.6");
});
