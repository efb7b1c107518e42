import { equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, safetyTest, split, type Tensor, tensor, train } from "../../../mod.ts";
import { echo } from "../../helpers/models.ts";
import { delta, promise, rows, untrained } from "../../helpers/promises.ts";

test("outputs that are not a distribution are refused, for expected and decided rates, in training and in a test", async () => {
  const features = rows(60, (i) => [Math.sin(i), Math.cos(3 * i)]), labels = rows(60, (i) => i % 3);
  const sigmoids = new nn.Sequential(new nn.Linear(2, 3), new nn.Sigmoid());
  for (const rates of ["expected", "decided"] as const) {
    await rejects(
      train({
        data: { features, labels },
        model: sigmoids,
        objective: nn.logLoss,
        constraints: [{ text: "ACC >= 0.9", delta }],
        rates,
      }),
      /^OutputError: Cannot use the model's 3 outputs in row \d+ as probabilities: they sum to [\d.]+, and wanted is 1; end the model with Softmax$/,
    );
    const data = new DataSet({ features: rows(60, () => [0.9, 0.9, 0.9]), labels });
    await rejects(
      safetyTest({ ...promise("PR_[1] >= 0.85", { rates }), data }),
      /3 outputs in row 0 as probabilities: they sum to 2\.(7|69)/,
    );
    await rejects(
      safetyTest({
        ...promise("ACC >= 0.1", { rates }),
        data: new DataSet({ features: rows(9, () => [0.5, 0.7, -0.2]), labels: rows(9, () => 0) }),
      }),
      /output -0\.2\d* as a probability \(row 0\): end the model with Softmax/,
    );
  }
});

test("NaN from the model is an error that names its row", async () => {
  class Hollow implements nn.Module {
    readonly unused = new nn.Parameter([1], () => 0);
    forward(x: Tensor): Tensor {
      return x.sub(0.5).log().exp().add(this.unused.mul(0));
    }
  }
  const data = new DataSet({ features: rows(40, (i) => [i === 31 ? 0.2 : 0.9]), labels: rows(40, () => 0) });
  for (const rates of ["expected", "decided"] as const) {
    await rejects(safetyTest({ ...promise("ACC >= 0.5", { model: nn.initialize(new Hollow(), 0), rates }), data }), {
      message: "Cannot judge the model's output NaN in row 31: wanted a finite number",
    });
  }
  // The error does not discard a long training.
  const part = (from: number, to: number) => data.take(rows(to - from, (i) => from + i)),
    [candidate, safety] = [part(0, 20), part(20, 40)];
  const result = await train({
    ...untrained,
    model: new Hollow(),
    data: { candidate, safety },
    constraints: [{ text: "ACC >= 0.1", delta }],
    rates: "decided",
  });
  ok(!result.passed && result.log.length === 1);
  equal(
    result.reason,
    "the candidate could not be tested: Cannot judge the model's output NaN in row 31: wanted a finite number",
  );
  const fine = await train({
    ...untrained,
    data: { candidate: part(0, 15), safety: part(15, 30) },
    constraints: [{ text: "PR >= 0.1", delta }],
  });
  ok(fine.passed);
  throws(() => fine.model.decide(tensor([[0.5], [NaN]])), /as a feature: row 1/);
});

test("decided rates refuse measures of a numeric output", async () => {
  const data = new DataSet({ features: rows(60, () => [1000]), labels: rows(60, (i) => i % 2) });
  await rejects(safetyTest({ ...promise("Mean_Squared_Error <= 0.2", { rates: "decided" }), data }), {
    message:
      'Cannot judge decisions by Mean_Squared_Error, which is of a model\'s output: leave out rates: "decided", or test Mean_Squared_Error by itself',
  });
});

test("rounding may take probabilities slightly above 1, and messages name the user's rows", async () => {
  const labels = rows(60, () => 1);
  const data = new DataSet({ features: rows(60, (i) => [i % 2 === 0 ? 1.0000001192092896 : 0.5]), labels });
  for (const text of ["ACC >= 0.1", "ER <= 0.9", "PR - NR >= -0.9"]) {
    ok((await safetyTest({ ...promise(text, { model: echo }), data })).passed);
  }
  await rejects(
    safetyTest({ ...promise("ACC >= 0.1", { model: echo }), data: new DataSet({ features: rows(60, () => [1.001]), labels }) }),
    /as a probability \(row 0\)/,
  );
  const bad = new DataSet({ features: rows(100, (i) => [i === 77 ? 3 : 0.5]), labels: rows(100, () => 1) }),
    { candidate, safety } = split(bad);
  const [holder] = [candidate, safety].filter(({ rowNumbers }) => rowNumbers.includes(77));
  await rejects(safetyTest({ ...promise("ACC >= 0.1", { model: echo }), data: holder }), /as a probability \(row 77\)/);
  await rejects(
    safetyTest({ ...promise("Mean_Error <= 9", { model: echo, ranges: { Mean_Error: [-1, 1] } }), data: holder }),
    /the value of row 77 is 2/,
  );
});
