import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type DataSet, type SearchSpace, split, train, type Trial, trialsFile, tune, type TuneOptions } from "../../../mod.ts";
import { problem } from "../../fixtures/tuning_problem.ts";
import { skipWriting } from "../../helpers/runs.ts";

const options: TuneOptions = { ...problem, space: { thetaRate: [0.0001, 0.05], inflation: [1, 2] } };

test("settings that learn nothing come last, and the same seed gives the same trials", async () => {
  const trials = await tune(options);
  equal(trials.length, 4);
  deepEqual(trials.slice(2).map(({ settings }) => settings.thetaRate), [0.0001, 0.0001]);
  ok(trials[0].passing > 0.9 && trials[0].settings.thetaRate === 0.05 && trials[3].passing === 0, JSON.stringify(trials));
  ok(trials[0].objective! <= trials[1].objective!);
  deepEqual(await tune(options), trials);
});

test("a search continues from the trials of an earlier one", async () => {
  const made: Trial[] = [];
  const whole = await tune({ ...options, onTrial: (trial) => made.push(trial) });
  equal(made.length, 4);
  const kept: Trial[] = JSON.parse(JSON.stringify(made.slice(0, 3))), again: Trial[] = [];
  deepEqual(await tune({ ...options, known: kept, onTrial: (trial) => again.push(trial) }), whole);
  deepEqual(again, made.slice(3));
});

test("train() with `tune` first tunes on candidate data only", async () => {
  const { data, safetyRows: _, others: _others, space, folds, draws, ...rest } = options;
  const parts = split(data as DataSet, { seed: 1 });
  const result = await train({ ...rest, data: parts, tune: { space, folds, draws } });
  const trials = await tune({ ...rest, data: parts.candidate, safetyRows: parts.safety.size, space, folds, draws });
  deepEqual(result.trials, trials);
  const byHand = await train({ ...rest, data: parts, optimizer: { ...rest.optimizer, ...trials[0].settings } });
  deepEqual(result.constraints, byHand.constraints);
  ok(
    `${result}`.includes(
      `  Tuned: thetaRate 0.05, inflation ${trials[0].settings.inflation}, predicted to pass with probability `,
    ),
  );
});

test("samples limits the combinations, and errors name bad spaces", async () => {
  const some = await tune({ ...options, samples: 2 });
  equal(some.length, 2);
  await rejects(tune({ ...options, space: { inflation: [] } }), {
    message: "Cannot search inflation: there are no values to try",
  });
  await rejects(tune({ ...options, samples: 0 }), { message: "Cannot try 0 combinations: wanted a whole number from 1" });
  await rejects(tune({ ...options, folds: 1 }), {
    message: "Cannot hold out 1 parts of 240 rows in turn: wanted a whole number from 2 to the rows",
  });
});

test("a search draws from a range, linear or logarithmic", async () => {
  const space: SearchSpace = {
    thetaRate: { from: 1e-4, to: 1e-1, scale: "log" },
    epochs: { from: 10, to: 20, whole: true },
    inflation: [1, 2],
  };
  const trials = await tune({ ...options, space, samples: 12, folds: 2, draws: 1 });
  equal(trials.length, 12);
  for (const { settings: { thetaRate, epochs, inflation } } of trials) {
    ok(
      thetaRate! >= 1e-4 && thetaRate! <= 1e-1 && epochs! >= 10 && epochs! <= 20 && Number.isInteger(epochs) &&
        [1, 2].includes(inflation!),
    );
  }
  ok(trials.filter(({ settings }) => settings.thetaRate! < 3e-3).length >= 3);
  await rejects(tune({ ...options, space }), { message: "Cannot try every value of a range: say how many samples to draw" });
  await rejects(tune({ ...options, space: { thetaRate: { from: 0, to: 1, scale: "log" } }, samples: 2 }), {
    message: "Cannot search thetaRate from 0 to 1: wanted from < to, above 0",
  });
});

test("evolution finds a better rate than the middle of the range, and uses all its samples", async () => {
  const space: SearchSpace = { thetaRate: { from: 1e-5, to: 1, scale: "log" } };
  const trials = await tune({ ...options, space, search: "cma-es", samples: 20, folds: 2, draws: 3 });
  equal(trials.length, 20);
  const middle = trials.find(({ settings }) => Math.abs(Math.log10(settings.thetaRate!) + 2.5) < 0.01)!;
  ok(trials[0].objective! < middle.objective! - 0.02, JSON.stringify([trials[0], middle]));
  await rejects(tune({ ...options, space, search: "cma-es" }), /Cannot search by cma-es without an end/);
});

test("worker threads find the same trials to the bit, and report their errors", async () => {
  const start = () => new Worker(import.meta.resolve("../../fixtures/tuning_worker.ts"), { type: "module" });
  deepEqual(await tune({ ...options, workers: { count: 2, start } }), await tune(options));
  await rejects(tune({ ...options, space: { thetaRate: [-1] }, workers: { count: 1, start } }), {
    message: "A worker failed: Cannot train: optimizer.thetaRate is -1; wanted >0",
  });
  await rejects(tune({ ...options, workers: { count: 0, start } }), /Cannot search in 0 workers/);
});

test("a search can vary safetyFraction and shares, on data that is candidate data for every fraction", async () => {
  const { data, safetyRows: _, others: _others, folds: _folds, draws: _draws, space: _space, ...rest } = options,
    seen: number[] = [];
  const space: SearchSpace = { safetyFraction: [0.3, 0.7], shares: ["equal", "optimal"], thetaRate: [0.05] };
  const result = await train({
    ...rest,
    data: data as DataSet,
    tune: { space, folds: 3, draws: 5, onTrial: ({ settings }) => seen.push(settings.safetyFraction!) },
  });
  deepEqual(seen, [0.3, 0.3, 0.7, 0.7]);
  const chosen = result.trials![0].settings;
  equal(result.constraints[0].leaves[0].n, Math.round(240 * chosen.safetyFraction!));
  // The search uses no row of any safety data.
  const tuned = await tune({
    ...rest,
    data: split(data as DataSet, { safetyFraction: 0.7 }).candidate,
    safetyRows: 168,
    totalRows: 240,
    space,
    folds: 3,
    draws: 5,
  });
  deepEqual(tuned, result.trials);
  await rejects(tune({ ...options, space: { safetyFraction: [0.5] } }), /Cannot search a safetyFraction without totalRows/);
});

test("a killed search continues from its file, whenever it was killed", { skip: skipWriting }, async () => {
  const { spawn } = await import("node:child_process"),
    { mkdtempSync, readFileSync, rmSync, writeFileSync } = await import("node:fs");
  const { tmpdir } = await import("node:os"), process = (await import("node:process")).default;
  const folder = mkdtempSync(`${tmpdir()}/search`), path = `${folder}/trials.jsonl`;
  try {
    const whole = await tune({ ...options, space: { thetaRate: [0.0001, 0.01, 0.05], inflation: [1, 2] } });
    /** Starts a search in a process, kills it after some time, and returns whether it had finished. */
    const searched = (milliseconds: number) =>
      new Promise<boolean>((resolve) => {
        const child = spawn(process.execPath, ["tests/fixtures/tuning_child.ts", path], { stdio: "ignore" });
        const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
        child.on("exit", (code) => (clearTimeout(timer), resolve(code === 0)));
      });
    let killed = 0;
    for (let time = 150; !await searched(time); time *= 1.3) ok(++killed < 60);
    ok(killed >= 2, `killed ${killed} times`);
    deepEqual(
      await tune({ ...options, space: { thetaRate: [0.0001, 0.01, 0.05], inflation: [1, 2] }, ...await trialsFile(path) }),
      whole,
    );
    equal(readFileSync(path, "utf8").trim().split("\n").length, 6);
    // A truncated last line is dropped, wherever it was cut, and the next trial is not glued to it.
    const text = readFileSync(path, "utf8"), last = text.trimEnd().lastIndexOf("\n") + 1;
    for (let end = last; end < text.length; end += 7) {
      writeFileSync(path, text.slice(0, end));
      const { known, onTrial } = await trialsFile(path);
      equal(known.length, 5);
      onTrial(whole[0]);
      deepEqual((await trialsFile(path)).known, [...known, whole[0]]);
    }
    writeFileSync(path, '{"settings": 3}\n');
    await rejects(trialsFile(path), /line 1 is not a trial; fix it, or move the file away to start again/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
