import { ok } from "node:assert/strict";
import { test } from "node:test";
import { measures, nn, type Tensor, train } from "../../../mod.ts";
import { atMostDelta, delta, rows, uniforms } from "../../helpers/promises.ts";

test("tuning sees no row of the safety part", async () => {
  /** Returns the feature that its parameter selects. */
  class Chooser implements nn.Module {
    readonly which = new nn.Parameter([1], () => 0);
    forward(x: Tensor): Tensor {
      return x.slice(1, Math.round(this.which.data[0]), Math.round(this.which.data[0]) + 1);
    }
  }
  let passes = 0;
  for (let trial = 0; trial < 40; trial++) {
    const uniform = uniforms(trial), seen = new Set<string>();
    const features = rows(200, (row) => [...rows(20, () => uniform() < 0.5 ? 1 : 0), row]),
      labels = rows(200, () => uniform() < 0.5 ? 1 : 0);
    const watched = {
      ...measures.ACC.measure,
      name: "Right",
      values: (outcomes: measures.Outcomes, index: readonly number[]) => {
        outcomes.columns.get("row")!.forEach((row) => seen.add(`${row}`));
        return measures.ACC.measure.values(outcomes, index);
      },
    };
    let duringSearch = new Set<string>();
    const result = await train({
      data: { features, labels, columns: { row: rows(200, (row) => row + 2) } },
      model: new Chooser(),
      objective: (predictions) => predictions.mean(),
      penalty: ({ which }) => which.sum().neg(),
      constraints: [{ text: "Right >= 0.501", delta }],
      measures: [watched],
      rates: "decided",
      safetyFraction: 0.8,
      seed: trial,
      optimizer: { name: "sgd", epochs: 1, inflation: 0, finalists: 0 },
      tune: { space: { thetaRate: rows(20, (k) => k + 1e-9) }, folds: 2, draws: 1, onTrial: () => duringSearch = new Set(seen) },
    });
    ok(duringSearch.size <= 40, `${duringSearch.size} rows were seen by the search, and 40 are candidate data`);
    if (result.passed) passes++;
  }
  atMostDelta(passes, 40);
});
