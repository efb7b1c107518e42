import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, Tensor } from "../../../mod.ts";
import { constant, type Contender, experiment, type TrialData } from "../../../seldonian/experiments/mod.ts";
import { population, small } from "../../helpers/small_experiment.ts";

/** A contender that hands out what a function makes. */
function says(outputs: (trial: TrialData) => unknown): Contender {
  return { settings: `${outputs}`, outputs: async (trial) => await outputs(trial) as Tensor };
}

const one = { ...small, sizes: [40], trials: 1 };

test("a promise that cannot be judged on the truth is broken: nobody can say that it holds", async () => {
  const ratio = [{ text: "min((PR | [M]) / PR, PR / (PR | [M])) >= 0.9", delta: 0.05 }];
  const contenders = { nobody: constant(0), all: constant(1) };
  const judged = async (more: object) =>
    (await experiment({ ...one, contenders, ...more })).trials.map(({ broken, values }) => [broken, values[0]]);
  // 0 / 0 of rates, where nobody is accepted.
  deepEqual((await judged({ constraints: ratio }))[0], [true, null]);
  equal((await judged({ constraints: ratio }))[1][0], false);
  const truth = population.take(population.rowNumbers.filter((i) => i % 2 === 0));
  const inNobody = await judged({ truth, constraints: [{ text: "(PR | [M]) <= 0.5", delta: 0.05 }] });
  deepEqual(inNobody, [[true, null], [true, null]]);
});

test("a value at the limit keeps the promise, one beyond it breaks it", async () => {
  const truth = new DataSet({ features: [[0], [0], [0], [0]], labels: [1, 1, 1, 0] });
  const broken = async (limit: number) => {
    const constraints = [{ text: `ACC >= ${limit}`, delta: 0.05 }];
    return (await experiment({ ...one, truth, constraints, contenders: { all: constant(1) } })).trials[0].broken;
  };
  deepEqual([await broken(0.75), await broken(0.75 + 2 ** -52), await broken(0.75 - 2 ** -52)], [false, true, false]);
});

test("models without a finite performance are told beside the mean of the others", async () => {
  const infinite = (_: Tensor, labels: Tensor) => Tensor.scalar(labels.size > 0 ? Infinity : 0);
  const results = await experiment({ ...one, trials: 2, performance: infinite, contenders: { constant: constant() } });
  const [{ performance, unmeasured }] = results.summaries;
  deepEqual([performance, unmeasured], [null, 2]);
  match(`${results}`, /2 not finite/);
  const plain = await experiment(one);
  deepEqual(plain.summaries.map((summary) => summary.unmeasured), [0, 0, 0]);
});

test("a function that makes rows and fails in a trial ends that trial, not the others", async () => {
  let calls = 0;
  const made = (failing: () => unknown) => (size: number): DataSet => {
    if (++calls === 2) return failing() as DataSet;
    return population.take(Array.from({ length: size }, (_, i) => i));
  };
  const errors = async (failing: () => unknown) => {
    calls = 0;
    const asked = { ...one, trials: 3, truth: population, population: made(failing), contenders: { constant: constant() } };
    return (await experiment(asked)).trials.map(({ error, solution }) => error ?? solution);
  };
  const thrown = await errors(() => {
    throw new Error("no such patient");
  });
  deepEqual(thrown, [true, "no such patient", true]);
  deepEqual((await errors(() => 3))[1], "Cannot draw the data: the function returned 3; wanted a DataSet");
});

test("outputs that are no tensor are told by what they are", async () => {
  const contenders = {
    list: says(({ truth }) => new Array(truth.size).fill(0.5)),
    text: says(() => "0.5"),
    nothing: says(() => {}),
  };
  const errors = (await experiment({ ...one, contenders })).trials.map(({ error }) => error!);
  match(errors[0], /^Cannot judge a list instead of a tensor for the data: wanted one for each of the 300 rows of the truth$/);
  match(errors[1], /^Cannot judge "0\.5" instead of a tensor for the data/);
  match(errors[2], /^Cannot judge no outputs for the data/);
});
