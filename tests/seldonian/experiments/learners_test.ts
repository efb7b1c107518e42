import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { type DataSet, nn } from "../../../mod.ts";
import { constant, experiment, fitted, learner, penalized, seldonian } from "../../../seldonian/experiments/mod.ts";
import { constraints, model, objective, optimizer, small } from "../../helpers/small_experiment.ts";

const grow = (rows: DataSet, seed: number) =>
  nn.DecisionTree.grow({ features: rows.whole().features, labels: rows.labels }, { maxDepth: 3, minLeaf: 5, seed });

test("a model may be made of the rows: of candidate data alone for a promise, of all rows for others", async () => {
  const sizes: number[] = [];
  const made = (rows: DataSet, seed: number) => (sizes.push(rows.size), grow(rows, seed));
  const how = { model: made, objective, optimizer: { epochs: 30, thetaRate: 0.05 } };
  const { trials } = await experiment({
    ...small,
    contenders: {
      promise: seldonian({ ...how, constraints, safetyFraction: 0.25 }),
      plain: fitted(how),
      penalty: penalized({ ...how, constraints }),
      grown: learner(made),
    },
    sizes: [200],
    trials: 1,
  });
  deepEqual(sizes, [150, 200, 200, 200]);
  ok(trials.every(({ solution, error }) => solution && error === undefined), JSON.stringify(trials));
  // The leaves have learned more than they were grown with.
  const [, plain, , grown] = trials;
  ok(plain.performance! !== grown.performance! && grown.performance! < Math.LN2);
});

test("a function that makes the same model gives the same results as the model", async () => {
  const promise = { constraints, objective, optimizer, safetyFraction: 0.4 };
  const { trials } = await experiment({
    ...small,
    contenders: { model: seldonian({ ...promise, model }), maker: seldonian({ ...promise, model: () => model }) },
    sizes: [120],
    trials: 2,
  });
  const of = (name: string) =>
    trials.filter(({ contender }) => contender === name).map(({ contender: _, seconds: __, ...rest }) => rest);
  equal(of("model").filter(({ solution }) => solution).length > 0, true);
  deepEqual(of("maker"), of("model"));
});

test("a learner that is no function, or makes no model, and an output that is no number are told", async () => {
  throws(() => learner(model as never), /the learner is .*; wanted a function that makes a model of rows and a seed/);
  throws(() => constant("0.5" as never), /the output is "0\.5"; wanted a finite number/);
  throws(() => constant(NaN), /the output is NaN; wanted a finite number/);
  const contenders = { nothing: learner((() => null) as never) };
  const { trials: [{ error }] } = await experiment({ ...small, contenders, sizes: [40], trials: 1 });
  match(error!, /^Cannot judge what a learner made: the model is null; wanted a model/);
});

test("a promise may be for another population; a penalty method has no such option", async () => {
  const shift = { M: { 0: 0.2, 1: 0.8 } }, how = { model, objective, constraints, optimizer };
  const { trials } = await experiment({ ...small, contenders: { kit: seldonian({ ...how, shift }) }, sizes: [300], trials: 1 });
  equal(trials[0].error, undefined);
  throws(() => penalized({ ...how, shift } as never), /there is no option "shift"/);
});
