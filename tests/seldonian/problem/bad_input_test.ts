import { equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, ConstraintError, DataSet, nn, train, type TrainOptions } from "../../../mod.ts";
import { linear, options } from "../../helpers/line.ts";

test("errors for bad input name it", async () => {
  const labelled = (label: number) => {
    const { features, labels } = linear(40).at(Array.from({ length: 40 }, (_, i) => i));
    labels.data[3] = label;
    return new DataSet({ features, labels });
  };
  const three = () => new nn.Sequential(new nn.Linear(2, 3), new nn.Softmax());
  const table: [Partial<TrainOptions<nn.Module>>, string | RegExp][] = [
    [{ constraints: [] }, 'Cannot promise nothing: wanted constraints, such as [{ text: "ACC >= 0.95", delta: 0.05 }]'],
    [
      { constraints: [{ text: "ACC >= 0.6", delta: 1 }] },
      "Cannot promise with delta 1: wanted one between 0 and 1, such as 0.05",
    ],
    [
      { constraints: [{ text: "(PR | [X]) <= 0.6", delta: 0.1 }] },
      'Cannot read constraint: unknown column "X"; the data has M, F\n  (PR | [X]) <= 0.6\n         ^',
    ],
    [
      { constraints: [{ text: "PR_[2] <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: class 2 of PR is out of range: the model has classes 0 to 1\n  PR_[2] <= 0.6\n  ^",
    ],
    [
      { model: three(), constraints: [{ text: "PR <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: PR needs a class, because the model has 3: write PR_[k], k from 0 to 2\n  PR <= 0.6\n  ^",
    ],
    [
      { model: three(), constraints: [{ text: "1 - PR_[3] <= 0.6", delta: 0.1 }] },
      "Cannot read constraint: class 3 of PR is out of range: the model has classes 0 to 2\n  1 - PR_[3] <= 0.6\n      ^",
    ],
    [
      { model: three(), constraints: [{ text: "Mean_Error <= 0.6", delta: 0.1 }] },
      /^Cannot read constraint: Mean_Error needs one output a row, and the model has 3; write a custom measure/,
    ],
    [
      { data: labelled(2) },
      /^Cannot use label 2 in row \d+: wanted a class, a whole number from 0 to 1; if these are the classes, give label: .*$/,
    ],
    [{ data: labelled(0.5) }, /^Cannot use label 0\.5 in row \d+: wanted a class/],
    [
      { model: new nn.Linear(2, 1) },
      /^Cannot use the model's output -?\d\.\d+ as a probability \(row \d+\): end the model with Sigmoid$/,
    ],
    [{ model: new nn.Sequential(new nn.Linear(3, 1), new nn.Sigmoid()) }, "Cannot multiply [64, 2] by [3, 1]: 2 must equal 3"],
    [
      { model: new nn.Sigmoid() },
      "Cannot train a model without parameters: wanted at least one nn.Parameter in a field, and not frozen",
    ],
    [
      { optimizer: { batchSize: 201 } },
      "Cannot train: optimizer.batchSize is 201, and the candidate data has 200 rows; wanted at most that",
    ],
    [{ optimizer: { epochs: 0 } }, "Cannot train: optimizer.epochs is 0; wanted >=1"],
    [{ optimizer: { epochs: 1.5 } }, "Cannot train: optimizer.epochs is 1.5; wanted a whole number"],
    [{ optimizer: { thetaRate: NaN } }, "Cannot train: optimizer.thetaRate is NaN; wanted number"],
    [
      { optimizer: { epoch: 3 } as never },
      'Cannot train: there is no option "optimizer.epoch"; the nearest is "epochs"',
    ],
    [
      { objective: () => autodiff.zeros([2]) },
      "Cannot minimise an objective that is a tensor of shape [2], float32: wanted a tensor of one number, float32 or float64, as by .mean()",
    ],
    [{ analysis: "magic" as never }, 'Cannot train: analysis is "magic"; wanted "conjunctive" or "interval"'],
    [{ candidates: 0 }, "Cannot train: candidates is 0; wanted a whole number from 1"],
    [{ optimizer: { surrogate: "none" as never } }, /^Cannot train: optimizer\.surrogate is "none"; wanted /],
    [{ optimizer: { temperature: 0 } }, "Cannot train: optimizer.temperature is 0; wanted >0"],
    [{ safetyFraction: 0 }, "Cannot split data with safetyFraction 0: wanted a number between 0 and 1"],
  ];
  for (const [more, wanted] of table) {
    const message = await train(options(more)).then(() => "no error", (error: Error) => error.message);
    if (typeof wanted === "string") equal(message, wanted);
    else match(message, wanted);
  }
  await rejects(train(options({ constraints: [{ text: "ACC >>= 2", delta: 0.1 }] })), ConstraintError);
});
