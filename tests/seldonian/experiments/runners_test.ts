import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { runAll, runHere } from "../../../mod.ts";
import {
  constant,
  type Contender,
  experiment,
  type ExperimentOptions,
  experimentTrials,
  memoryStore,
  serveQueue,
  type TrialRequest,
} from "../../../seldonian/experiments/mod.ts";
import { small } from "../../helpers/small_experiment.ts";

const one: ExperimentOptions = { ...small, contenders: { constant: constant() }, sizes: [40], trials: 1 };
const wrong = (more: object) => experiment({ ...one, ...more } as ExperimentOptions);
const module = import.meta.resolve("../../fixtures/experiment_script.ts"), start = () => new Worker(module, { type: "module" });

test("workers, a runner, a store and a signal that cannot work are errors, and no experiment without trials", async () => {
  const workers = [
    ...["", "trials.ts", 3, {}, { module, count: 0 }, { module, count: -1 }, { module, count: 1.5 }, { module: "trials.ts" }],
    ...[{ start }, { count: 0, start }, { count: 2, start: module }],
  ];
  for (const one of workers) {
    await rejects(wrong({ workers: one }), /workers is .*; wanted import\.meta\.url/, JSON.stringify(one));
  }
  const run = experimentTrials(one), end = () => {};
  for (const runner of [{}, { run }, { run, end }, { count: 0, run, end }, { count: 1, end }]) {
    await rejects(wrong({ runner }), /runner is .*; wanted a Runner/, JSON.stringify(runner));
  }
  for (const store of [5, {}, null, { known: 3 }]) await rejects(wrong({ store }), /store is .*; wanted a store/);
  await rejects(wrong({ signal: {} }), /signal is .*; wanted an AbortSignal/);
  await rejects(runAll({ count: 0, run, end }, [{ contender: "constant", size: 40, trial: 0 }]), /wanted a Runner/);
  await rejects(serveQueue("redis://127.0.0.1:1", { count: 0, start }), /the workers is .*; wanted { count, start }/);
});

test("a runner that answers with something else, or with another trial, is an error; nothing of it is kept", async () => {
  const run = experimentTrials(one), store = memoryStore();
  const answers = (change: (result: object) => unknown) =>
    wrong({ store, runner: runHere(async (request: TrialRequest) => change(await run(request))) });
  await rejects(answers(() => 3), /^TypeError: Cannot use the runner's result of trial 0 of constant with 40 rows, which is 3: /);
  await rejects(answers((result) => ({ ...result, trial: 1 })), /it is another trial's/);
  await rejects(answers((result) => ({ ...result, contender: "other" })), /it is another trial's/);
  await rejects(answers((result) => ({ ...result, solution: "yes" })), /Cannot use the runner's result/);
  let runs = 0;
  await wrong({ store, onTrial: () => runs++ });
  equal(runs, 1);
});

test("a signal ends an experiment whose trial hangs, here and in another runner; what is kept is there", async () => {
  for (const other of [false, true]) {
    const begun = Promise.withResolvers<void>(), kept = Promise.withResolvers<void>(), stop = new AbortController();
    const hangs: Contender = { settings: "hangs", outputs: () => (begun.resolve(), new Promise(() => {})) };
    const asked = { ...one, contenders: { ...one.contenders, hangs } }, store = memoryStore();
    const runner = other ? { ...runHere(experimentTrials(asked)), count: 2 } : undefined;
    Promise.all([begun.promise, kept.promise]).then(() => stop.abort(new Error("enough")));
    const { trials } = await experiment({ ...asked, runner, store, signal: stop.signal, onTrial: () => kept.resolve() });
    deepEqual(trials.map(({ contender }) => contender), ["constant"]);
    match(`${await experiment({ ...asked, store, signal: AbortSignal.abort() })}`, /constant/);
  }
});
