/** Gradient descent trains for each of several candidates in turn, the safest last, whatever ends a part. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { nn, selectCandidate } from "../../../mod.ts";
import { linear } from "../../helpers/line.ts";

/** The part of the inflation in each step, in quarters, read from bounds of a model that does not move. */
async function quarters(more: object, candidates = 4): Promise<number[]> {
  const run = async (candidates: number, more: object) =>
    (await selectCandidate({
      data: linear(60),
      safetyRows: 60,
      model: new nn.LogisticRegression(2),
      objective: "logLoss",
      constraints: [{ text: "ACC >= 0.3", delta: 0.05 }],
      candidates,
      optimizer: { name: "adam", thetaRate: 1e-30, ...more },
    })).log.map(({ g: [g] }) => g);
  const [whole] = await run(1, { epochs: 1 }), [none] = await run(1, { epochs: 1, inflation: 0 });
  return (await run(candidates, more)).map((g) => Number((4 * (g - none) / (whole - none)).toFixed(6)));
}

const times = (...counts: number[]) => counts.flatMap((count, i) => new Array<number>(count).fill(i + 1));

test("parts are of equal length, from accurate to safe", async () => {
  deepEqual(await quarters({ epochs: 40 }), times(10, 10, 10, 10));
  deepEqual(await quarters({ epochs: 40, patience: 10 }), times(10, 10, 10, 10));
});

test("where patience runs out, the next part begins, and training ends after the safest", async () => {
  deepEqual(await quarters({ epochs: 1000, patience: 4 }), times(6, 6, 6, 6));
  deepEqual(await quarters({ epochs: 40, patience: 8.5 }), times(10, 10, 10, 10));
  deepEqual(await quarters({ epochs: 1000, patience: 4 }, 1), new Array(6).fill(4));
});

test("the last step is for the safest, however few there are", async () => {
  deepEqual(await quarters({ epochs: 1 }), [4]);
  deepEqual(await quarters({ epochs: 2 }), [1, 4]);
  deepEqual(await quarters({ epochs: 3 }), [1, 2, 4]);
  for (const candidates of [3, 5, 6, 7, 10]) equal((await quarters({ epochs: candidates }, candidates)).at(-1), 4);
});
