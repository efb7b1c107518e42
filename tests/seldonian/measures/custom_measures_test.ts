import { ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, type measures, nn, safetyTest, Tensor, train } from "../../../mod.ts";
import { echo } from "../../helpers/models.ts";

test("texts can name custom measures", async () => {
  const features = Array.from({ length: 400 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => 2 * x + 1);
  /** The share of predictions that are too high by more than a tenth. */
  const tooHigh: measures.Measure = {
    name: "TooHigh",
    task: "regression",
    indices: 0,
    range: [0, 1],
    values: ({ predictions, labels }) => predictions.reshape(labels.size).sub(labels).sub(0.1).mul(20).sigmoid(),
  };
  const options = {
    data: { features, labels },
    model: new nn.Linear(1, 1),
    objective: nn.meanSquaredError,
    constraints: [{ text: "TooHigh <= 0.3", delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 200 },
  };
  const result = await train({ ...options, measures: [tooHigh] });
  ok(result.passed && result.constraints[0].leaves[0].name === "TooHigh", `${result}`);
  await rejects(train(options), /unknown measure "TooHigh"/);
});

test("a measure of pairs of rows is bounded on one value per pair", async () => {
  const gap: measures.Measure = {
    name: "Gap",
    task: "regression",
    indices: 0,
    range: [-1, 1],
    perRow: false,
    values: ({ predictions, columns }) => {
      const M = columns.get("M")!,
        p = predictions.reshape(predictions.size),
        rows = Array.from({ length: M.length }, (_, row) => row);
      const [men, women] = [1, 0].map((sex) => rows.filter((row) => M[row] === sex)), n = Math.min(men.length, women.length);
      const at = (chosen: number[]) => p.take(Tensor.from(Int32Array.from(chosen.slice(0, n))));
      return at(men).sub(at(women));
    },
  };
  const features = Array.from({ length: 300 }, (_, i) => [(i * 7 % 11) / 11]), M = features.map((_, i) => i % 3 === 0 ? 1 : 0);
  const data = new DataSet({ features, columns: { M } });
  const { constraints: [{ leaves: [{ n, name }], passed, conjuncts }] } = await safetyTest({
    model: echo,
    data,
    constraints: [{ text: "abs(Gap) <= 0.3", delta: 0.1 }],
    measures: [gap],
  });
  ok(passed && n === 100 && name === "Gap" && conjuncts.length === 2);
  await rejects(
    safetyTest({ model: echo, data, constraints: [{ text: "(Gap | [M]) <= 1", delta: 0.1 }], measures: [gap] }),
    /Gap has no value for each row, so it takes no condition/,
  );
  await rejects(
    safetyTest({ model: echo, data, constraints: [{ text: "Gap <= 1", delta: 0.1 }], measures: [{ ...gap, perRow: true }] }),
    /Cannot use the values of Gap, of shape \[100\]: wanted one a row, \[300\]; or say perRow: false/,
  );
});
