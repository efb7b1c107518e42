import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { measures, nn, NoSolution, Passed, safetyTest, type Tensor, tensor, train, tune } from "../../../mod.ts";
import { errorOf, loose } from "../../helpers/misspelt.ts";
import { logistic } from "../../helpers/models.ts";
import { features, labels, mine, passed, problem, question, searched } from "../../helpers/small_question.ts";

test("objectives can be given by name", async () => {
  const log = async (objective: "logLoss" | "ER" | nn.Loss | typeof measures.ER) =>
    JSON.stringify((await train({ ...problem, objective })).log);
  equal(await log("logLoss"), await log(nn.logLoss));
  equal(await log("ER"), await log(measures.ER));
  ok(await log("ER") !== await log("logLoss"));
  const told = await safetyTest({ ...question, objective: "ER" });
  ok(told.objective! > 0 && told.objective === (await safetyTest({ ...question, objective: measures.ER })).objective);
  const [first] = await tune({ ...searched, objective: "logLoss" }), [second] = await tune(searched);
  deepEqual(first, second);
});

test("decide() takes nested arrays like tensors if the data has tensors; otherwise a list has items", async () => {
  const rows = [[1, 2], [-1, 0.5], [0.1, -3]];
  deepEqual(passed.model.decide(rows).toArray(), passed.model.decide(tensor(rows)).toArray());
  match(
    (await errorOf(() => passed.model.decide([1, 2])))!.message,
    /^Cannot use 1 as a feature, in row 0: wanted a list of numbers for each row/,
  );
  /** A model of lists of numbers. */
  class Sums implements nn.Module<number[][]> {
    readonly layer = new nn.LogisticRegression(1);
    forward(items: number[][]): Tensor {
      return this.layer.forward(tensor(items.map((one) => [one.reduce((a, b) => a + b)])));
    }
  }
  const result = await train({ ...problem, data: { items: features, labels }, model: new Sums() });
  ok(result instanceof Passed);
  equal(result.model.decide([[1, 2, 3], [4]]).size, 2);
});

test("onStep does not see the steps of a search's trials", async () => {
  const steps: number[] = [];
  const result = await train({
    ...problem,
    tune: { space: { inflation: [1, 2] }, folds: 2, draws: 1 },
    onStep: ({ step }) => steps.push(step),
  });
  deepEqual(steps, [1, 2]);
  equal(result.trials!.length, 2);
});

test("a slope that is not finite at the initial parameters is the reason, with the term and the parameter", async () => {
  const zeros = () => {
    const model = logistic();
    for (const parameter of nn.namedParameters(model).values()) parameter.fill(() => 0);
    return model;
  };
  type Model = ReturnType<typeof zeros> & { 0: nn.Linear };
  const cure = "it and the model must be differentiable there, as sqrt(x + 1e-12) is at 0 and sqrt(x) is not";
  const norm = (model: unknown) => (model as Model)[0].weight.square().sum().sqrt();
  const root: nn.Loss = (p, y) => nn.logLoss(p, y).add(p.cast("float64").sub(0.5).square().sum().sqrt());
  const doubt = {
    ...mine,
    task: "regression" as const,
    range: [0, 1] as const,
    values: ({ predictions, labels }: { predictions: Tensor; labels: Tensor }) =>
      predictions.reshape(labels.size).sub(0.5).abs().sqrt(),
  };
  const cases: [more: object, reason: string | RegExp][] = [
    [{ penalty: norm }, "the penalty is 0 at the initial parameters, and its slope in 0.weight is NaN"],
    [
      { penalty: (model: Model) => model[0].bias!.sqrt().sum() },
      "the penalty is 0 at the initial parameters, and its slope in 0.bias is Infinity",
    ],
    [{ objective: root }, /^the objective is 0\.693\d+ at the initial parameters, and its slope in 0\.weight is NaN$/],
    [
      { measures: [doubt], constraints: [{ text: "Mine <= 0.9", delta: 0.05 }], bound: "hoeffding" },
      /^the bound on Mine <= 0\.9 is -?[\d.]+ at the initial parameters, and its slope in 0\.weight is NaN$/,
    ],
  ];
  const table = cases.flatMap(([more, reason]) =>
    ["adam", "sgd", "bfgs"].map((name) => [{ ...more, optimizer: { name, epochs: 3 } }, reason] as const)
  );
  for (const [more, reason] of table) {
    const result = await train(loose({ ...problem, model: zeros(), ...more })) as NoSolution;
    ok(result instanceof NoSolution, `${JSON.stringify(more)} ${result}`);
    const [found, advice] = result.reason.split("; ");
    if (typeof reason === "string") equal(found, reason);
    else match(found, reason);
    equal(advice, cure);
    equal(result.log.length, 1);
  }
  // A smoothed penalty trains, and so does another start.
  const smooth = (model: Model) => model[0].weight.square().sum().add(1e-12).sqrt();
  ok((await train({ ...problem, model: zeros(), penalty: (model) => smooth(model as Model) })).passed);
  ok((await train({ ...problem, model: zeros(), penalty: norm, optimizer: { starts: 2, epochs: 3 } })).passed);
});
