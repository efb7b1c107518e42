import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { nn, train, tune } from "../../../mod.ts";
import { loose } from "../../helpers/misspelt.ts";
import { problem, searched } from "../../helpers/small_question.ts";

const modelOf = ({ width }: { width: number }) =>
  new nn.Sequential(new nn.Linear(2, width), new nn.Tanh(), new nn.Linear(width, 1), new nn.Sigmoid());
const space = { "model.width": [1, 3], epochs: [40] }, how = { space, folds: 2, draws: 2 };

test("a search makes the model of each trial from its settings, and train() that of the best", async () => {
  const made: number[] = [], noted = (settings: { width: number }) => (made.push(settings.width), modelOf(settings));
  const trials = await tune({ ...searched, ...how, modelOf: noted });
  deepEqual(made, [1, 1, 3, 3]);
  deepEqual(trials.map(({ settings }) => settings["model.width"]).sort(), [1, 3]);
  const result = await train({ ...problem, model: modelOf({ width: 2 }), tune: { ...how, modelOf } });
  ok(result.passed);
  equal(nn.namedParameters(result.model).get("0.weight")!.shape[0], result.trials![0].settings["model.width"]);
  ok(`${result}`.includes(`Tuned: model.width ${result.trials![0].settings["model.width"]}, epochs 40`));
});

test("settings of a model need a function that makes one", async () => {
  await rejects(tune({ ...searched, space }), {
    message: "Cannot search model.width: wanted modelOf, a function from the model's settings to a model, such as " +
      "({ width }) => new Network(width)",
  });
  await rejects(tune({ ...searched, space: loose({ "modle.width": [1] }), modelOf }), /there is no option "space\.modle\.width"/);
  await rejects(
    tune({ ...searched, space, modelOf: () => loose(3) }),
    /Cannot search: the result of modelOf\(\) is 3; wanted a model, /,
  );
});
