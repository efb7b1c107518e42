import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { bounds, DataSet, nn } from "../../../mod.ts";
import {
  experiment,
  TrainingSamples,
  trainingSamplesNeeded,
  type TrainingSamplesOptions,
} from "../../../seldonian/experiments/mod.ts";
import { fc } from "../../deps.ts";
import { binomial } from "../../helpers/exact.ts";
import { loose } from "../../helpers/misspelt.ts";
import { pilot, small } from "../../helpers/small_experiment.ts";

const wave = (i: number) => Math.sin(7.1 * i + 3 * Math.sin(2.3 * i));
/** The first third has label 1, and nothing tells which it is. */
const size = 60, features = Array.from({ length: size }, (_, i) => [wave(i)]), labels = features.map((_, i) => Number(i < 20));
const model = new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()), objective = nn.logLoss;
/** The rate of labels that are 1, which no model changes. */
const Positive = {
  name: "Positive",
  task: "classification" as const,
  indices: 0 as const,
  range: [0, 1] as const,
  binary: true,
  values: ({ labels }: { labels: { reshape(n: number): unknown; size: number } }) => labels.reshape(labels.size),
};
const asked = loose({
  data: new DataSet({ features, labels }),
  model,
  objective,
  measures: [Positive],
  constraints: [{ text: "Positive <= 0.5", delta: 0.05 }],
  optimizer: { epochs: 1, name: "adam" },
}) as TrainingSamplesOptions;

/** Whether the test passes with k of n. */
function passes(k: number, n: number): boolean {
  const values = Float64Array.from({ length: n }, (_, i) => Number(i < k));
  return bounds.upperBound(values, { delta: 0.05, range: [0, 1], method: "clopper-pearson" }) <= 0.5;
}

function choose(n: number, k: number): number {
  let found = 1;
  for (let i = 1; i <= k; i++) found *= (n - k + i) / i;
  return k > n ? 0 : found;
}

test("rates are those of draws without replacement up to the pilot's size, and with replacement beyond it", async () => {
  const trials = 60, { sizes } = await trainingSamplesNeeded({ ...asked, trials, sizes: [30, 60, 100] });
  for (const { size: n, cautious, hopeful } of sizes) {
    const safety = n / 2;
    let exact = 0;
    for (let k = 0; k <= safety; k++) {
      const chance = n <= size
        ? choose(20, k) * choose(size - 20, safety - k) / choose(size, safety)
        : binomial(safety, 20 / size)[k];
      if (passes(k, safety)) exact += chance;
    }
    const spread = 3 * Math.sqrt(exact * (1 - exact) / trials);
    ok(exact > 0.05 && exact < 0.95, `${n}: ${exact}`);
    for (const { value } of [cautious, hopeful]) ok(Math.abs(value - exact) < spread, `${n}: ${value}, exact ${exact}`);
    if (n <= size) equal(cautious, hopeful);
  }
});

test("what is learned by heart passes only where the pilot is the world", async () => {
  const noise = features.map((_, i) => Array.from({ length: 80 }, (_, j) => wave(83 * i + j)));
  const model = new nn.Sequential(new nn.Linear(80, 1), new nn.Sigmoid()), optimizer = { thetaRate: 0.1, epochs: 60 };
  const data = new DataSet({ features: noise, labels: features.map((_, i) => Number(wave(5000 + i) > 0)) });
  const constraints = [{ text: "ACC >= 0.55", delta: 0.05 }];
  const needed = await trainingSamplesNeeded({ data, model, objective, constraints, optimizer, trials: 4, sizes: [60, 240] });
  deepEqual(needed.sizes.map(({ cautious, hopeful }) => [cautious.value, hopeful.value]), [[0, 0], [0, 1]]);
  equal(needed.rows, Infinity);
  ok(needed.atLeast > 60 && needed.atLeast < 240);
});

test("sizes count clusters; the same seed gives the same rates; default sizes end where the power is reached", async () => {
  const pairs = asked.data.clustered(features.map((_, i) => i >> 1)), trials = 8;
  const more = { ...asked, data: pairs, trials, constraints: [{ text: "Positive <= 0.8", delta: 0.05 }] };
  const needed = await trainingSamplesNeeded(more);
  equal(needed.pilot, 30);
  ok(needed.sizes.at(-1)!.cautious.value >= 0.8 && needed.sizes.every(({ size }, i) => size === [8, 15, 30, 60, 120, 240][i]));
  deepEqual((await trainingSamplesNeeded(more)).sizes, needed.sizes);
});

test("trials in threads of a module are those of this thread; another module's experiment is an error", async () => {
  const module = import.meta.resolve("../../fixtures/pilot_script.ts"), workers = { module, count: 2 };
  deepEqual((await trainingSamplesNeeded({ ...pilot, workers })).sizes, (await trainingSamplesNeeded(pilot)).sizes);
  await rejects(experiment({ ...small, workers }), /Cannot run a trial of an experiment: the module asks a pilot first/);
  const other = import.meta.resolve("../../fixtures/experiment_script.ts");
  await rejects(trainingSamplesNeeded({ ...pilot, workers: other }), /the question here is another one/);
  const random = { module: import.meta.resolve("../../fixtures/random_pilot_script.ts"), count: 1 };
  await rejects(trainingSamplesNeeded({ ...pilot, workers: random }), /of a pilot: the question here is another one/);
});

test("the answer lies where the rates reach the power for the first time", () => {
  const band = (value: number) => ({ value, low: value, high: value });
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }), (rates) => {
      const sizes = rates.map((rate, i) => ({ size: 100 * 2 ** i, cautious: band(rate), hopeful: band(rate) }));
      const { rows, atLeast } = new TrainingSamples(sizes, 0.8, 100), first = rates.findIndex((rate) => rate >= 0.8);
      equal(rows, atLeast);
      if (first < 0) return equal(rows, Infinity);
      ok(rows <= sizes[first].size && (first === 0 || rows > sizes[first - 1].size));
    }),
    { seed: 3, numRuns: 200 },
  );
  const half = (rate: number, size: number) => ({ size, cautious: band(rate), hopeful: band(rate) });
  equal(new TrainingSamples([half(0.6, 100), half(1, 400)], 0.8, 100).rows, 200);
});

test("the table says what the rates are of, and how far it has looked", () => {
  const rate = (value: number) => ({ value, low: 0, high: 1 });
  const sizes = [{ size: 50, cautious: rate(0.1), hopeful: rate(0.1) }, { size: 200, cautious: rate(0.5), hopeful: rate(1) }];
  const text = `${new TrainingSamples(sizes, 0.8, 100)}`;
  match(text, /^A solution with probability 0\.8 takes more than 200 rows, or \d+ rows if the pilot were the world\n/);
  match(text, / 50 {2}0\.10 \(0\.00 to 1\.00\) {2}the same: drawn without replacement\n/);
  match(text, / 200 {2}0\.50 .* {2}1\.00 \(/);
});

test("wrong options, and trials that all fail, are errors", async () => {
  const wrong = (more: object) => trainingSamplesNeeded({ ...asked, trials: 1, sizes: [20], ...more } as TrainingSamplesOptions);
  await rejects(wrong({ power: 1 }), /Cannot ask for power 1/);
  await rejects(wrong({ sizes: [50, 40] }), /sizes is a list; wanted a list of growing numbers of rows/);
  await rejects(wrong({ data: [1] }), /data is a list; wanted a DataSet, the pilot/);
  await rejects(wrong({ tune: {} }), /no option "tune"/);
  await rejects(wrong({ constraints: [{ text: "(PR | [M]) <= 0.5", delta: 0.05 }] }), /M/);
  await rejects(wrong({ signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});
