import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { experiment, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { printed } from "../../helpers/child.ts";
import { onDeno } from "../../helpers/runs.ts";
import { small } from "../../helpers/small_experiment.ts";

/** Results without their times. */
function timeless(trials: readonly TrialResult[]): unknown[] {
  return trials.map(({ seconds: _, ...rest }) => rest);
}

const module = import.meta.resolve("../../fixtures/experiment_script.ts");

test("trials run in threads of a module, as far as its own experiment: the same bits as here", async () => {
  const here = await experiment(small), there = await experiment({ ...small, workers: { module, count: 2 } });
  deepEqual(timeless(there.trials), timeless(here.trials));
  // As many threads as cores, but no more than trials.
  const one = { ...small, sizes: [40], trials: 1 };
  deepEqual(timeless((await experiment({ ...one, workers: module })).trials), timeless((await experiment(one)).trials));
});

test("a script's own threads run it up to the experiment, and only the script goes on", { skip: !onDeno }, async () => {
  const { code, out, errors } = await printed(undefined, "-R", "tests/fixtures/experiment_script.ts");
  equal(code, 0, errors);
  deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(timeless((await experiment(small)).trials))));
});

test("a module with another question, and one that fails, are errors", async () => {
  const workers = { module, count: 1 };
  await rejects(experiment({ ...small, seed: 1, workers }), /the question here is another one/);
  const failing = import.meta.resolve("../../fixtures/failing_thread.ts");
  await rejects(experiment({ ...small, workers: { module: failing, count: 1 } }), /there is no such table/);
  await rejects(experiment({ ...small, workers: 3 as never }), /workers is 3; wanted import\.meta\.url/);
});
