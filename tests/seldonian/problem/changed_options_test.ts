/** What a caller changes after a call reaches neither its run nor what is written of it. */
import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, type Passed, safetyTest, selectCandidate, train, tune } from "../../../mod.ts";
import { points } from "../../helpers/line.ts";

const features = points(300), race = features.map((_, i) => i % 5 === 0 ? "b" : "a");
const data = new DataSet({ features, labels: features.map(([x]) => x > 0 ? 1 : 0), columns: { race } });

/** Options of a run, each an object that somebody may change, and the change. */
function stated() {
  const shift = { race: { a: 0.8, b: 0.2 as number | [number, number] } }, ranges = { PR: [0, 1] as [number, number] };
  const bound = { PR: "star" as "star" | "auto" };
  const constraints = [{ text: "(PR | [race == r]) + ER <= 1.8", delta: 0.1, forEvery: { r: ["a"] } }];
  const optimizer = { name: "adam" as const, epochs: 8, thetaRate: 0.02, inflation: 1 }, space = { epochs: [4, 8] };
  const weights = { 'PR | [race == "a"]': 1, ER: 1 };
  const options = {
    data,
    model: new nn.LogisticRegression(2),
    objective: "logLoss" as const,
    rates: "decided" as const,
    ...{ constraints, shift, ranges, bound, shares: weights, optimizer },
  };
  const change = () => {
    Object.assign(shift.race, { a: 0.2, b: [0.8, 0.8] });
    ranges.PR[1] = 9;
    bound.PR = "auto";
    weights.ER = 9;
    constraints[0].forEvery.r.push("b");
    constraints[0].delta = 0.4;
    constraints.push(constraints[0]);
    optimizer.epochs = 3;
    space.epochs.pop();
  };
  return { options, change, space };
}

test("train() is told once, and its certificate says what was tested", async () => {
  const runs = await Promise.all([false, true].map(async (changed) => {
    const { options, change } = stated();
    const result = await train({ ...options, onStep: () => changed && change() });
    ok(result.passed, `${result}`);
    if (changed) change();
    return [result.constraints, result.log, await (result as Passed<nn.LogisticRegression>).certificate()];
  }));
  deepEqual(JSON.parse(JSON.stringify(runs[1])), JSON.parse(JSON.stringify(runs[0])));
});

const calls: Record<string, (run: ReturnType<typeof stated>) => Promise<unknown>> = {
  "safetyTest()": async ({ options: { model, objective, optimizer: _, ...options } }) =>
    await safetyTest({ ...options, objective, model: nn.initialize(model, 0) }),
  "selectCandidate()": async ({ options }) => {
    const { log, candidates } = await selectCandidate({ ...options, safetyRows: 300 });
    return [log, candidates.map(({ plan }) => plan.map(({ delta, shift }) => [delta, shift]))];
  },
  "tune()": async ({ options, space }) => await tune({ ...options, safetyRows: 300, folds: 2, draws: 1, space }),
  "train() with tune": async ({ options, space }) => await train({ ...options, tune: { folds: 2, draws: 1, space } }),
};
for (const [name, call] of Object.entries(calls)) {
  test(`${name} has read its options when it returns its promise`, async () => {
    const as = (found: unknown) => JSON.parse(JSON.stringify(found));
    const [kept, changed, later] = [stated(), stated(), stated()], wanted = as(await call(kept)), begun = call(changed);
    changed.change();
    deepEqual(as(await begun), wanted);
    later.change();
    notDeepEqual(as(await call(later).catch(String)), wanted);
  });
}
