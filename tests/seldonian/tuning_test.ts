import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, split, train, type Trial, tune, type TuneOptions } from "../../mod.ts";

const features = Array.from({ length: 240 }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);
const labels = features.map(([x], i) => x + 0.4 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const options: TuneOptions = {
  data: new DataSet({ features, labels }),
  safetyRows: 200,
  model: new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.65", delta: 0.05 }],
  optimizer: { epochs: 60 },
  space: { thetaRate: [0.0001, 0.05], inflation: [1, 2] },
  folds: 3,
  draws: 5,
};

test("settings that learn nothing in their steps come last, and the same seed gives the same trials", async () => {
  const trials = await tune(options);
  equal(trials.length, 4);
  deepEqual(trials.slice(2).map(({ settings }) => settings.thetaRate), [0.0001, 0.0001]);
  ok(trials[0].passing > 0.9 && trials[0].settings.thetaRate === 0.05 && trials[3].passing === 0, JSON.stringify(trials));
  ok(trials[0].objective! <= trials[1].objective!);
  deepEqual(await tune(options), trials);
});

test("a search goes on from the trials of an earlier one", async () => {
  const made: Trial[] = [];
  const whole = await tune({ ...options, onTrial: (trial) => made.push(trial) });
  equal(made.length, 4);
  const kept: Trial[] = JSON.parse(JSON.stringify(made.slice(0, 3))), again: Trial[] = [];
  deepEqual(await tune({ ...options, known: kept, onTrial: (trial) => again.push(trial) }), whole);
  deepEqual(again, made.slice(3));
});

test("train() tunes first where it is asked to, on candidate data alone", async () => {
  const { data, safetyRows: _, others: _others, space, folds, draws, ...rest } = options;
  const parts = split(data as DataSet, { seed: 1 });
  const result = await train({ ...rest, data: parts, tune: { space, folds, draws } });
  const trials = await tune({ ...rest, data: parts.candidate, safetyRows: parts.safety.size, space, folds, draws });
  deepEqual(result.trials, trials);
  const byHand = await train({ ...rest, data: parts, optimizer: { ...rest.optimizer, ...trials[0].settings } });
  deepEqual(result.constraints, byHand.constraints);
  ok(
    `${result}`.includes(
      `  Tuned: thetaRate 0.05, inflation ${trials[0].settings.inflation}, foretold to pass with probability `,
    ),
  );
});

test("some of many combinations are drawn, and bad spaces are named", async () => {
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
