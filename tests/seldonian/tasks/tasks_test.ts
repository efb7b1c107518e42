import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { type DataSetParts, type Measure, measures, nn, type Tensor, tensor, train } from "../../../mod.ts";
import { standardMeasures, taskNamed, taskOf, tasks } from "../../../seldonian/tasks/mod.ts";

const xs = Array.from({ length: 600 }, (_, i) => (i * 7919 % 600) / 300 - 1);
const numbers: DataSetParts = { features: xs.map((x) => [x]), labels: xs.map((x) => 3 * x + 1) };
const optimizer = { thetaRate: 0.05, epochs: 60 };

test("every measure names the task that lists it, and every task can be found by name", () => {
  for (const { name, measures } of tasks) {
    for (const measure of measures) deepEqual([measure.task, taskNamed(measure.task).name], [name, name]);
  }
  equal(new Set(standardMeasures.map(({ name }) => name)).size, standardMeasures.length);
  const named = Object.entries(measures).flatMap(([name, one]) => "measure" in one ? [name] : []);
  deepEqual(named.sort(), standardMeasures.map(({ name }) => name).sort());
});

test("the task of a problem is the strictest task of its measures and its loss", () => {
  const of = (...names: string[]) => standardMeasures.filter(({ name }) => names.includes(name));
  equal(taskOf(of("Mean_Error", "ACC"), undefined).name, "classification");
  equal(taskOf(of("Mean_Error"), nn.logLoss).name, "classification");
  equal(taskOf(of("Mean_Error"), undefined).name, "regression");
  equal(taskOf([], nn.meanAbsoluteError).name, "regression");
  equal(taskOf([], undefined).name, "custom");
});

test("a custom task allows any outputs, and refuses decide() and decided rates", async () => {
  // Both ends of an interval; the promise is how often it contains the label.
  class Interval implements nn.Module {
    readonly line = new nn.Linear(1, 2);
    forward(x: Tensor): Tensor {
      return this.line.forward(x);
    }
  }
  const Covered: Measure = {
    name: "Covered",
    task: "custom",
    indices: 0,
    range: [0, 1],
    values: ({ predictions, labels }) => {
      const y = labels.reshape(labels.size, 1);
      return y.sub(predictions.slice(1, 0, 1)).sigmoid().mul(predictions.slice(1, 1, 2).sub(y).sigmoid()).reshape(labels.size);
    },
  };
  const objective = (predictions: Tensor) => predictions.slice(1, 1, 2).sub(predictions.slice(1, 0, 1)).square().mean();
  const asked = {
    data: numbers,
    model: new Interval(),
    objective,
    constraints: [{ text: "Covered >= 0.4", delta: 0.05 }],
    measures: [Covered],
    optimizer: { thetaRate: 0.05, lambdaRate: 0.5, epochs: 1000, inflation: 3 },
  };
  const result = await train(asked);
  ok(result.passed, `${result}`);
  throws(() => result.model.decide(tensor([[0.5]])), /Cannot decide by a model whose task is custom: its output is the answer/);
  await rejects(train({ ...asked, rates: "decided" }), /Cannot judge decisions by Covered, which is of a model's output/);
});

test("a regression model refuses decide(), because its output is the answer", async () => {
  const constraints = [{ text: "abs(Mean_Error) <= 2", delta: 0.05 }], ranges = { Mean_Error: [-9, 9] as const };
  const result = await train({
    data: numbers,
    model: new nn.LinearRegression(1),
    objective: nn.meanSquaredError,
    constraints,
    ranges,
    optimizer,
  });
  ok(result.passed, `${result}`);
  throws(() => result.model.decide([[0.5]]), (error: Error) => {
    match(error.message, /Cannot decide by a model whose task is regression: its output is the answer, model\.forward\(x\)/);
    return error instanceof TypeError;
  });
});
