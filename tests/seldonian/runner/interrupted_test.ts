import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type DataSet, train, type Trial, trialsOf, tune } from "../../../mod.ts";
import { problem } from "../../fixtures/tuning_problem.ts";

const space = { thetaRate: [0.01, 0.05] }, long = { ...problem, optimizer: { epochs: 100_000 }, space };

test("a worker that ends itself during a trial ends the search with an error", async () => {
  const start = () => new Worker(import.meta.resolve("../../fixtures/ending_worker.ts"), { type: "module" });
  await rejects(tune({ ...long, workers: { count: 2, start } }), {
    message: "A worker ended itself: wanted it to answer until all is done",
  });
});

test("a trial that was interrupted is not kept, wherever the signal was heard, and a resumed search runs it again", async () => {
  // Here: the search ends, without the trial.
  const here: Trial[] = [];
  deepEqual(await tune({ ...long, signal: AbortSignal.timeout(200), onTrial: (trial) => here.push(trial) }), []);
  // In the runner, whose own signal it was: the search fails, instead of taking the trial for one that never passes.
  const there: Trial[] = [], runner = { count: 1, run: trialsOf({ ...long, signal: AbortSignal.timeout(200) }), end() {} };
  await rejects(tune({ ...long, runner, onTrial: (trial) => there.push(trial) }), /timed out|timeout/i);
  deepEqual([here, there], [[], []]);
  const whole = await tune({ ...problem, space }), resumed = await tune({ ...problem, space, known: there });
  deepEqual(resumed, whole);
});

test("training that is aborted before its first step says so", async () => {
  const { data, model, objective, constraints } = problem, signal = AbortSignal.abort();
  const asked = { data: data as DataSet, model, objective, constraints, signal };
  for (const name of ["adam", "cma-es", "bfgs"] as const) {
    const result = await train({ ...asked, optimizer: { name, epochs: 60 } });
    equal(`${result}`, "No solution found: interrupted after 0 of 60 steps.");
  }
  const tuned = await train({ ...asked, tune: { space }, optimizer: { epochs: 60 } });
  match(`${tuned}`, /^No solution found: interrupted after 0 of 60 steps\./);
});
