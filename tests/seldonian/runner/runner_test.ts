import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, runAll, runHere, type Runner, type Trial, tune } from "../../../mod.ts";
import { fc } from "../../deps.ts";

/** A runner whose pieces end in any order, and that records how many ran at once. */
function scheduled(count: number, s: fc.Scheduler) {
  let now = 0;
  const seen = { most: 0, asked: 0, ended: false };
  const runner: Runner<number, number> = {
    count,
    async run(request) {
      seen.most = Math.max(seen.most, ++now);
      seen.asked++;
      await s.schedule(Promise.resolve(), `${request}`);
      now--;
      return request * request;
    },
    end: () => seen.ended = true,
  };
  return { runner, seen };
}

const requests = fc.array(fc.integer(), { maxLength: 12 });

test("answers come in the order of the requests, and no more run at once than the runner allows", () =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), requests, fc.integer({ min: 1, max: 5 }), async (s, asked, count) => {
      const { runner, seen } = scheduled(count, s), told: [number, number][] = [];
      const all = runAll(runner, asked, { onAnswer: (answer, place) => told.push([answer, place]) });
      await s.waitFor(all);
      deepEqual(await all, asked.map((x) => x * x));
      deepEqual(told, asked.map((x, i) => [x * x, i]));
      ok(seen.most <= count && seen.asked === asked.length);
    }),
    { seed: 3, numRuns: 200 },
  ));

test("an interrupted run returns the first answers without a gap, and starts few more requests", () =>
  fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      requests,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 12 }),
      async (s, asked, count, after) => {
        const { runner, seen } = scheduled(count, s), stop = new AbortController(), told: number[] = [];
        const all = runAll(runner, asked, {
          signal: stop.signal,
          onAnswer: (answer) => told.push(answer) === after && stop.abort(),
        });
        await s.waitFor(all);
        const found = await all;
        deepEqual(found, told);
        deepEqual(found, asked.slice(0, found.length).map((x) => x * x));
        if (after > 0 && after <= asked.length) ok(seen.asked <= Math.min(asked.length, after + 2 * count));
        else equal(found.length, asked.length);
      },
    ),
    { seed: 4, numRuns: 200 },
  ));

test("a piece that fails is an error of the whole run", async () => {
  const runner = runHere((x: number) => x === 3 ? Promise.reject(new RangeError("Cannot do 3")) : Promise.resolve(x));
  const told: number[] = [];
  await rejects(runAll(runner, [1, 2, 3, 4], { onAnswer: (x) => told.push(x) }), { name: "RangeError", message: "Cannot do 3" });
  deepEqual(told, [1, 2]);
});

const features = Array.from({ length: 240 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0 ? 1 : 0);
const question = {
  data: new DataSet({ features, labels }),
  safetyRows: 60,
  model: new nn.LogisticRegression(1),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.7", delta: 0.05 }],
  space: { thetaRate: [0.01, 0.05, 0.1], epochs: [20] },
  folds: 2,
  draws: 2,
};

test("a search with a custom runner requests every fold once, in order, and skips known trials", async () => {
  const asked: string[] = [], noted: Trial[] = [];
  const runner: Parameters<typeof tune>[0]["runner"] = {
    count: 3,
    run: (
      { settings, fold },
    ) => (asked.push(`${settings.thetaRate} ${fold}`), Promise.resolve({ passed: 2, objective: settings.thetaRate as number })),
    end: () => asked.push("end"),
  };
  const trials = await tune({ ...question, runner, onTrial: (trial) => noted.push(trial) });
  deepEqual(asked, ["0.01 0", "0.01 1", "0.05 0", "0.05 1", "0.1 0", "0.1 1", "end"]);
  deepEqual(noted.map(({ settings }) => settings.thetaRate), [0.01, 0.05, 0.1]);
  deepEqual(trials, noted);
  asked.length = 0;
  deepEqual(await tune({ ...question, runner, known: [noted[1]] }), trials);
  deepEqual(asked, ["0.01 0", "0.01 1", "0.1 0", "0.1 1", "end"]);
});

test("an interrupted search keeps only the finished trials", async () => {
  const stop = new AbortController(), noted: Trial[] = [];
  const trials = await tune({
    ...question,
    signal: stop.signal,
    onTrial: (trial) => (noted.push(trial), stop.abort()),
  });
  deepEqual([trials.length, noted.length], [1, 1]);
  ok(trials[0].objective !== null);
});
