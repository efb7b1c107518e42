import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  type AdvisedOptions,
  DataSet,
  explain,
  nn,
  type NoSolution,
  safetyTest,
  type Tensor,
  train,
  type TrainOptions,
} from "../../../mod.ts";
import { logistic } from "../../helpers/models.ts";

const wave = (k: number) => (i: number) => Math.sin(7.1 * i + k) * Math.cos(3.3 * i * (k + 1));
const features = Array.from({ length: 600 }, (_, i) => [wave(0)(i), wave(1)(i)]), M = features.map((_, i) => i % 2);
const labels = features.map(([x, y], i) => x + 0.3 * y + 0.4 * M[i] + 0.2 * wave(2)(i) > 0 ? 1 : 0);
const data = new DataSet({ features, labels, columns: { M, F: M.map((m) => 1 - m) }, exclusive: [["M", "F"]] });
const delta = 0.05, network = new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Sigmoid());
const adam = { name: "adam", thetaRate: 0.05, epochs: 60 } as const;

async function failure(text: string, more: Partial<TrainOptions<nn.Module>> = {}): Promise<NoSolution> {
  const options = { data, model: network, objective: nn.logLoss, constraints: [{ text, delta }], optimizer: adam, ...more };
  const result = await train(options);
  if (result.passed) throw new Error(`it passed: ${result}`);
  return result;
}

/** The first advice is this, for what was seen. */
async function advised(
  text: string,
  more: Partial<TrainOptions<nn.Module>>,
  options: AdvisedOptions,
  seen: RegExp,
): Promise<void> {
  const { advice: [first] } = await failure(text, more);
  deepEqual(first?.options, options);
  match(first.seen, seen);
}

test("a bound that a better one would narrow is to be left out", async () => {
  const wider = /^it widens the bound by a factor of \d\.\d+$/;
  await advised("ACC >= 0.89", { bound: "hoeffding" }, { bound: "auto" }, wider);
  await advised("abs((PR | [M]) - (PR | [F])) <= 0.03", { analysis: "interval" }, { analysis: "conjunctive" }, wider);
});

test("a small part for the test is to be greater", async () => {
  const more = { model: logistic(), safetyFraction: 0.05, rates: "decided" } as const;
  const { advice: [{ options, attempt }] } = await failure("ACC >= 0.83", more);
  match(attempt, /^a test with about \d+\.\d times as many rows$/);
  ok(options!.safetyFraction! > 0.05 && options!.safetyFraction! <= 0.8);
});

test("a group with few rows is named, as it sets the width of the bound", async () => {
  const column = M.map((_, i) => Number(i % 12 === 0)), few = new DataSet({ features, labels, columns: { M: column } });
  const { advice } = await failure("(ACC | [M]) >= 0.7", { data: few, model: logistic(), optimizer: { inflation: 0.1 } });
  match(advice.map(({ seen }) => seen).join("\n"), /; ACC \| \[M\] is on \d\d rows only$/m);
});

test("a small and smooth problem that did not train is one for BFGS", () =>
  advised("ACC >= 0.8", { model: logistic(), optimizer: { thetaRate: 0.001 } }, {
    optimizer: { thetaRate: undefined, epochs: undefined },
  }, /^training ended with a predicted bound of 0\.\d+, and this problem is small and smooth$/));

test("batches whose bounds are mostly noise are to be larger, with as many steps", () =>
  advised("abs((PR | [M]) - (PR | [F])) <= 0.015", { optimizer: { ...adam, batchSize: 30, epochs: 5 } }, {
    optimizer: { batchSize: 240, epochs: 40 },
  }, /^in batches of 30 rows the bound was between -?\d.* and \d.* in the last epoch, on all candidate data \d/));

test("training that ended while the bound fell is to go on", () =>
  advised("ACC >= 0.8", { optimizer: { ...adam, thetaRate: 0.005 } }, {
    optimizer: { epochs: 240 },
  }, /^the bound still fell at the end, from 0\.\d+ to 0\.\d+ in the last fifths of the steps$/));

test("an inflation that leaves no room is to be less", async () => {
  const inflated = { model: logistic(), optimizer: { inflation: 20 } },
    seen = /^the predicted bound is 0\.\d+, and 0\.\d+ with inflation 20/;
  await advised("ACC >= 0.75", inflated, { optimizer: { inflation: 4 } }, seen);
});

test("a model that looked safer on the data that trained it needs more inflation and regularization", async () => {
  // 60 features of noise, few rows, and decisions.
  const wide = features.slice(0, 160).map((row, i) => [...row, ...Array.from({ length: 60 }, (_, j) => wave(j + 3)(i))]);
  const given = {
    data: { features: wide, labels: labels.slice(0, 160) },
    rates: "decided",
    optimizer: { inflation: 1 },
  } as const;
  const { advice: [first], best, objective } = await failure("ACC >= 0.8", { ...given, model: new nn.LogisticRegression(62) });
  ok(best!.g[0] <= 0 && objective.safety! > objective.candidate!);
  ok(first.options!.optimizer!.inflation! > 1 && first.options!.optimizer!.regularization! >= 0.01, first.attempt);
});

test("a promise that no parameters keep is told how much is missing, and no option is advised for it", async () => {
  const { advice } = await failure("ACC >= 0.999", { model: logistic(), optimizer: {} });
  deepEqual(advice.map(({ options }) => options), [undefined]);
  match(advice[0].attempt, /^a limit that is weaker by 0\.\d+, or a model with other features$/);
});

test("steps that diverge are to be shorter, and a group without rows needs some", async () => {
  const regression = { data: { features, labels }, model: new nn.LinearRegression(2), objective: nn.meanSquaredError };
  const optimizer = { name: "sgd", thetaRate: 1e6, momentum: 0.9, epochs: 200 } as const;
  const { advice, failed } = await failure("Mean_Squared_Error <= 0.3", { ...regression, optimizer });
  equal(failed, null);
  deepEqual(advice[0].options, { optimizer: { thetaRate: 1e5 } });
  const few = new DataSet({ features, labels, columns: { M: M.map((_, i) => Number(i === 5)) } });
  const silent = await failure("(PR | [M]) >= 0.1", { data: few, bound: "student", optimizer: { ...adam, epochs: 200 } });
  match(silent.advice.at(-1)!.seen, /had no finite bound to train on$/);
});

test("another test of the same rows costs what a ledger would count, with a ledger or without, also by safetyTest()", async () => {
  const uses = { rows: 20, tests: 2, tested: 20, trained: 0, spent: 0.1, deltas: [0.05] };
  const told = async (halving?: boolean) => {
    const ledger = halving === undefined ? {} : { ledger: { use: () => Promise.resolve({ ...uses, halving }) } };
    const constraints = [{ text: "ACC >= 0.99", delta }];
    return explain(await safetyTest({ model: nn.initialize(logistic(), 0), data, constraints, ...ledger })).split("\n").at(-1)!;
  };
  match(await told(), /^ {2}Before another test: .* that none errs is sure with 90 % only; .*; a ledger keeps count$/);
  match(await told(false), /^ {2}Before another test: .* that none errs is sure with 80 % only; .* test on new rows$/);
  match(
    await told(true),
    /^ {2}Before another test: these rows are spent, a next test of them has half of the delta that is left; /,
  );
});

test("a failed result shows at most three advices, its candidate, and what another test of these rows would cost", async () => {
  const result = await failure("ACC >= 0.95"), { advice, failed, best, log } = result, text = `${result}`;
  ok(advice.length > 0 && advice.length <= 3);
  for (const { attempt, seen } of advice) ok(text.includes(`\n    ${attempt}: ${seen}`), text);
  deepEqual(best, { step: failed!.step, g: failed!.g });
  ok(best!.g[0] > 0 && (best!.step === null || (best!.step >= 1 && best!.step <= log.length)));
  equal(failed!.model.forward(data.at([0]).features as Tensor).shape[0], 1);
  deepEqual((result.toJSON().advice as unknown[]).length, advice.length);
  const html = await result.html();
  for (const { attempt } of advice) ok(html.includes(`<li><strong>${attempt}</strong>: `), html);
  match(
    text,
    /\n {2}Before another test: these rows are spent, with a next test of them, that none errs is sure with 90 % only; .*a ledger keeps count$/,
  );
});
