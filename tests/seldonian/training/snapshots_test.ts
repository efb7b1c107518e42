import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, selectCandidate, tensor } from "../../../mod.ts";
import { fc } from "../../deps.ts";

test("the kept parameters are those of the steps that they are said to be of, whatever steps follow", async () => {
  const features = Array.from({ length: 120 }, (_, i) => [Math.sin(i), Math.cos(3 * i), (i % 2) + Math.sin(5 * i)]);
  const labels = features.map(([a, b], i) => Number(a + b + Math.sin(7 * i) + (i % 2) > 0.5)), A = features.map((_, i) => i % 2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      fc.boolean(),
      fc.constantFrom(0.3, 0.35, 0.4, 0.45, 0.5),
      async (candidates, finalists, starts, replay, limit) => {
        const model = nn.initialize(new nn.Sequential(new nn.Linear(3, 1), new nn.Sigmoid()), 0);
        const found = await selectCandidate({
          data: new DataSet({ features, labels, columns: { A } }),
          model,
          objective: nn.logLoss,
          constraints: [{ text: `abs((PR | [A]) - (PR | [!A])) <= ${limit}`, delta: 0.05 }],
          safetyRows: 120,
          candidates,
          optimizer: { name: "adam", thetaRate: 0.1, epochs: 40, batchSize: 120, starts, finalists, replay },
        });
        ok(found.candidates.length > 0);
        // Objectives of steps differ in the first digits.
        const { log } = found, isOf = (objective: number, step: number) => Math.abs(objective - log[step - 1].f) < 1e-6;
        for (const { objective, step } of found.candidates) ok(step === null || isOf(objective, step));
        const last = log.findLast(({ g, lagrangian }) => g[0] <= 0 && Number.isFinite(lagrangian));
        if (candidates > 1 || last === undefined) return;
        nn.flatParameters(model).theta.set(found.lastFeasible!);
        deepEqual(isOf(nn.logLoss(model.forward(tensor(features)), tensor(labels)).value, last.step), true);
      },
    ),
    { seed: 4, numRuns: 20 },
  );
});
