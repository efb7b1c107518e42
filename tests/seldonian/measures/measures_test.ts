import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, DataSet, measures, nn, safetyTest, Tensor, tensor, train } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import type { Leaf } from "../../../seldonian/constraints/expression.ts";
import { echo } from "../../helpers/models.ts";

const { ACC, CM, ER, FN, FNR, FP, FPR, Mean_Error, Mean_Squared_Error, NR, PR, TN, TNR, TP, TPR } = measures;
const columns = new Map([["M", Uint8Array.of(1, 0, 1, 1)], ["A", Uint8Array.of(1, 1, 0, 1)]]);
const values = (batch: Batch, leaf: Leaf) => Array.from(batch.values(leaf).data);

test("binary measures follow the published definitions, row by row", () => {
  // Powers of two, so that 1 - p is exact.
  const batch = new Batch(
    Tensor.from(Float64Array.of(0.5, 0.25, 0.75, 0.125)),
    Tensor.from(Float64Array.of(1, 0, 0, 1)),
    columns,
  );
  const table: [Leaf, number[]][] = [
    [PR, [0.5, 0.25, 0.75, 0.125]],
    [NR, [0.5, 0.75, 0.25, 0.875]],
    [FPR, [0.25, 0.75]],
    [TNR, [0.75, 0.25]],
    [TPR, [0.5, 0.125]],
    [FNR, [0.5, 0.875]],
    [ACC, [0.5, 0.75, 0.25, 0.125]],
    [ER, [0.5, 0.25, 0.75, 0.875]],
    [PR.given("M"), [0.5, 0.75, 0.125]],
    [PR.given("M", "A"), [0.5, 0.125]],
    [FPR.given("M"), [0.75]],
  ];
  for (const [leaf, wanted] of table) deepEqual(values(batch, leaf), wanted, `${leaf}`);
});

test("multi-class measures take the probability of their class, on the rows of their class", () => {
  const predictions = Tensor.from(Float64Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0, 0.5, 0.5, 0.25, 0.25, 0.5), [4, 3]);
  const batch = new Batch(predictions, Tensor.from(Float64Array.of(0, 2, 1, 0)), columns);
  const table: [Leaf, number[]][] = [
    [ACC, [0.5, 0.125, 0.5, 0.25]],
    [ER, [0.5, 0.875, 0.5, 0.75]],
    [PR.of(1), [0.25, 0.75, 0.5, 0.25]],
    [NR.of(1), [0.75, 0.25, 0.5, 0.75]],
    [FPR.of(0), [0.125, 0]],
    [TNR.of(0), [0.875, 1]],
    [TPR.of(0), [0.5, 0.25]],
    [FNR.of(0), [0.5, 0.75]],
    [CM.of(0, 2), [0.25, 0.5]],
    [CM.of(2, 1), [0.75]],
    [TPR.of(0).given("M"), [0.5, 0.25]],
  ];
  for (const [leaf, wanted] of table) deepEqual(values(batch, leaf), wanted, `${leaf}`);
});

test("rates of decisions are 0 or 1 in every row, and say so: their bounds are those of such values", () => {
  const decisions = new Batch(Tensor.from(Float64Array.of(1, 0, 1, 0)), Tensor.from(Float64Array.of(1, 0, 0, 1)), columns);
  for (const leaf of [ACC, ER, PR, NR, FPR, TNR, FNR, TPR, TP, TN, FP, FN, CM.of(0, 1)]) {
    ok(values(decisions, leaf).every((z) => z === 0 || z === 1) && leaf.measure.binary, `${leaf}`);
  }
  for (const leaf of [Mean_Error, Mean_Squared_Error]) ok(!leaf.measure.binary);
});

test("regression measures are errors and their squares, also for [n, 1] and float32 predictions", () => {
  const labels = Tensor.from(Float64Array.of(1, 2, 3, 4));
  for (const predictions of [Tensor.from(Float64Array.of(1.5, 2, 2, 0)), Tensor.from(Float32Array.of(1.5, 2, 2, 0), [4, 1])]) {
    const batch = new Batch(predictions, labels, columns);
    deepEqual(values(batch, Mean_Error), [0.5, 0, -1, -4]);
    deepEqual(values(batch, Mean_Squared_Error), [0.25, 0, 1, 16]);
    deepEqual(values(batch, Mean_Error.given("A")), [0.5, 0, -4]);
  }
});

test("a binary model has two classes, with probabilities 1 - p and p", () => {
  const p = [0.5, 0.25, 0.75, 0.125], labels = Tensor.from(Float64Array.of(1, 0, 0, 1));
  const two = new Batch(Tensor.from(Float64Array.from(p.flatMap((p) => [1 - p, p])), [4, 2]), labels, columns);
  for (const one of [Tensor.from(Float64Array.from(p)), Tensor.from(Float64Array.from(p), [4, 1])]) {
    const batch = new Batch(one, labels, columns);
    for (const rate of [PR, NR, FPR, TNR, TPR, FNR, TP, FP, TN, FN]) {
      for (const k of [0, 1]) deepEqual(values(batch, rate.of(k)), values(two, rate.of(k)), `${rate.of(k)}`);
      deepEqual(values(batch, rate), values(batch, rate.of(1)));
    }
    for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]]) deepEqual(values(batch, CM.of(i, j)), values(two, CM.of(i, j)));
  }
});

test("constraints can name the two classes of a binary model, and no others", async () => {
  const data = new DataSet({
    features: Array.from({ length: 80 }, (_, i) => [i % 5 === 0 ? 0.875 : 0.25]),
    labels: Array.from({ length: 80 }, (_, i) => i % 2),
  });
  const report = async (text: string, rates: "expected" | "decided" = "expected") =>
    (await safetyTest({ model: echo, data, constraints: [{ text, delta: 0.1 }], rates })).constraints[0];
  for (const rates of ["expected", "decided"] as const) {
    for (
      const [named, plain] of [["CM_[0,1]", "FPR"], ["CM_[1, 0]", "FNR"], ["TPR_[0]", "TNR"], ["PR_[1]", "PR"], ["NR_[0]", "PR"]]
    ) {
      const [{ value, upper }, wanted] = [await report(`${named} <= 0.9`, rates), await report(`${plain} <= 0.9`, rates)];
      deepEqual([value, upper], [wanted.value, wanted.upper], named);
    }
  }
  equal((await report("abs(Precision_[0] - NPV) <= 0.5")).value, -0.5);
  await rejects(report("CM_[0,2] <= 0.9"), /class 2 of CM is out of range: the model has classes 0 to 1/);
  await rejects(report("PR_[2] <= 0.9"), /class 2 of PR is out of range: the model has classes 0 to 1/);
});

/** Returns two numbers per item: a prediction, and its target. */
class Pairs implements nn.Module<{ x: number; y: number }[]> {
  readonly slope = new nn.Linear(1, 1);
  forward(items: { x: number; y: number }[]): Tensor {
    const told = this.slope.forward(tensor(items.map(({ x }) => [x])));
    return autodiff.concatenate([told, tensor(items.map(({ y }) => [y]))], 1);
  }
}
const items = Array.from({ length: 400 }, (_, i) => ({ x: Math.sin(7.1 * i), y: 2 * Math.sin(7.1 * i) + 1 }));
const own = (values: measures.Measure["values"], more: Partial<measures.Measure> = {}): measures.Measure => ({
  name: "Miss",
  task: "regression",
  indices: 0,
  range: [0, 1],
  values,
  ...more,
});
/** The share of misses by more than a tenth, from both outputs and without labels. */
const miss = own(({ predictions }) => {
  const [told, wanted] = [0, 1].map((k) => predictions.slice(1, k, k + 1).reshape(predictions.shape[0]));
  return told.sub(wanted).square().sub(0.01).mul(200).sigmoid();
});
const pairs = (measure: measures.Measure, text = "Miss <= 0.3") => ({
  data: { items },
  model: new Pairs(),
  objective: (outputs: Tensor) => outputs.slice(1, 0, 1).sub(outputs.slice(1, 1, 2)).square().mean(),
  measures: [measure],
  constraints: [{ text, delta: 0.05 }],
  optimizer: { thetaRate: 0.05, epochs: 200 },
});

test("a custom measure reads every output of a model of items", async () => {
  const result = await train(pairs(miss));
  ok(result.passed && result.constraints[0].leaves[0].name === "Miss", `${result}`);
  ok(Math.abs(result.model.slope.weight.value - 2) < 0.1);
});

test("a measure of one output is refused for a model with several, and the error says what to write", async () => {
  const cure = "write a custom measure, as in measures: [mine], whose values() see all of them",
    stated = pairs(miss, "Mean_Error <= 1");
  await rejects(train({ ...stated, data: { items, labels: items.map(({ y }) => y) } }), {
    message: `Cannot read constraint: Mean_Error needs one output a row, and the model has 2; ${cure}\n  Mean_Error <= 1\n  ^`,
  });
  await rejects(train(stated), { message: `Cannot compute Mean_Error of outputs of shape [64, 2]: wanted one a row; ${cure}` });
  // A measure that assumes one output per row.
  await rejects(
    train(pairs(own(({ predictions, labels }) => predictions.reshape(labels.size)))),
    /^RangeError: Cannot compute Miss of outputs of shape \[\d+, 2\]: Cannot reshape/,
  );
  await rejects(
    train(pairs(own(({ predictions }) => predictions.square()))),
    /Cannot use the values of Miss, of shape \[\d+, 2\]: wanted one a row/,
  );
  await rejects(
    train(pairs({ ...miss, task: "classification" })),
    /as (a probability|probabilities).*: end the model with Softmax; or, if Miss is of outputs of another kind, say so by task: "custom"/,
  );
});
