import { doesNotThrow, rejects } from "node:assert/strict";
import { test } from "node:test";
import {
  DataSet,
  explain,
  type measures,
  nn,
  safetyTest,
  type SafetyTestOptions,
  type Tensor,
  tensor,
  train,
} from "../../mod.ts";
import { cost, delta, promise, rows, untrained } from "../helpers/promises.ts";

test("a model whose output depends on other rows of its batch is refused, in training and in a test", async () => {
  const n = 500, features = rows(n, (i) => [0.3 + 0.4 * ((i * 7919) % 1000) / 1000]), labels = rows(n, () => 1);
  /** Adds a part of the batch's mean. */
  const shifted = (weight: number): nn.Module => ({ forward: (x: Tensor) => x.add(x.mean().mul(weight)).div(1 + weight) });
  const others: nn.Module[] = [
    ...[0.01, 1, 3, 10].map(shifted),
    { forward: (x: Tensor) => x.softmax(0) },
    { forward: (x: Tensor) => x.greater(x.mean()).cast("float32") },
    { forward: (x: Tensor) => tensor(Array.from(x.data, (z) => [[...x.data].filter((other) => other < z).length / x.shape[0]])) },
    { forward: (x: Tensor) => x.mul(0).add(x.shape[0] > 100 ? 0.9 : 0.1) },
  ];
  for (const model of others) {
    const asked = {
      constraints: [{ text: "ACC >= 0.2", delta }],
      model: Object.assign(model, { unused: new nn.Parameter([1], () => 0) }),
    };
    const wanted =
      /Cannot test a model whose output depends on the other rows of a batch, or on earlier calls: row \d+ has [\d.e-]+ among (500|64) rows and [\d.e-]+ among \d+/;
    await rejects(safetyTest({ ...asked, data: new DataSet({ features, labels }) }), wanted);
    // Training checks fewer rows.
    if (model === others.at(-1)) continue;
    await rejects(
      train({
        ...untrained,
        ...asked,
        data: { candidate: { features, labels }, safety: { features: features.map(([x]) => [x + 1e-5]), labels } },
      }),
      wanted,
    );
  }
  // Also where outputs are small, close to the decision, or depend on others in few rows only.
  const small: [model: nn.Module, features: number[][]][] = [
    [{ forward: (x: Tensor) => x.add(x.mean().mul(10)) }, rows(n, (i) => [2e-5 * Math.sin(i) ** 2])],
    [{ forward: (x: Tensor) => x.sub(x.mean().mul(30)).mul(1e-6).add(0.5) }, rows(n, (i) => [Math.sin(i)])],
    [
      { forward: (x: Tensor) => x.mul(x.greater(0.95).cast("float32").mul(x.mean().sub(0.5)).add(1)) },
      rows(n, (i) => [((i * 7919) % 1000) / 1001]),
    ],
  ];
  for (const [model, features] of small) {
    const data = new DataSet({ features, labels });
    await rejects(
      safetyTest({ ...promise("PR <= 0.9", { model, rates: "decided" }), data }),
      /Cannot test a model whose output depends/,
    );
    await rejects(
      safetyTest({
        ...promise("(PR | other) <= 0.9", { model, rates: "decided" }),
        data: new DataSet({ features: rows(9, () => [0]) }),
        others: { other: data },
      }),
      /Cannot test a model whose output depends/,
    );
  }
  await doesNotReject({ ...promise("ACC >= 0.2", { model: shifted(0) }), data: new DataSet({ features, labels }) });
  // A measure that depends on other rows is refused too.
  const ranked: measures.Measure = {
    ...cost,
    name: "Ranked",
    range: [0, 1],
    values: ({ predictions }) => predictions.reshape(predictions.size).sub(predictions.mean()).abs(),
  };
  await rejects(
    safetyTest({ ...promise("Ranked <= 0.5", { measures: [ranked] }), data: new DataSet({ features, labels }) }),
    /Cannot bound Ranked: its value of row \d+ depends on the other rows/,
  );
});

async function doesNotReject(options: SafetyTestOptions): Promise<void> {
  const report = await safetyTest(options);
  doesNotThrow(() => explain(report));
}
