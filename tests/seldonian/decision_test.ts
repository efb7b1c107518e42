import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds, DataSet, nn, split, tensor, train } from "../../mod.ts";
import { straightThrough } from "../../seldonian/decision.ts";
import { classification, decisions, softened } from "../../seldonian/tasks/classification.ts";
import { logistic } from "../helpers/models.ts";
import { points } from "../helpers/line.ts";

const n = 600, x = points(n);
const columns = { M: x.map((_, i) => i % 2), F: x.map((_, i) => 1 - i % 2) };
const labels = x.map(([a, b], i) => a + 0.3 * b + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const data = new DataSet({ features: x, labels, columns, exclusive: [["M", "F"]] });

test("decisions are class 1 from 0.5 on, or the first of the most probable", () => {
  deepEqual(decisions(tensor([0.4999, 0.5, 0.7])).toArray(), [0, 1, 1]);
  deepEqual(decisions(tensor([[0.4], [0.6]])).toArray(), [[0], [1]]);
  deepEqual(decisions(tensor([[0.2, 0.4, 0.4], [0.5, 0.3, 0.2]])).toArray(), [[0, 1, 0], [1, 0, 0]]);
});

test("the surrogates approach the decision as their temperature falls, and have a slope", () => {
  for (const p of [tensor([0.1, 0.45, 0.55, 0.999, 1, 0]), tensor([[0.1, 0.2, 0.7], [0.4, 0.35, 0.25]])]) {
    const wanted = decisions(p).data;
    softened(p, 1).data.forEach((value, i) => ok(Math.abs(value - p.data[i]) < 1e-6));
    softened(p, 0.005).data.forEach((value, i) => ok(Math.abs(value - wanted[i]) < 1e-6));
    straightThrough(classification.decision!, p, 0.5).data.forEach((value, i) => ok(Math.abs(value - wanted[i]) < 1e-12));
    const leaf = p.withGrad();
    straightThrough(classification.decision!, leaf, 0.5).mul(tensor(Float64Array.from(p.data, (_, i) => i + 1), p.shape)).sum()
      .backward();
    ok(leaf.grad!.data.every(Number.isFinite) && leaf.grad!.data.some((slope) => slope !== 0));
  }
});

for (const surrogate of ["annealed", "straight-through"] as const) {
  test(`train() on decided rates certifies the decisions of model.decide(), ${surrogate}`, async () => {
    const result = await train({
      data,
      model: logistic(),
      objective: nn.logLoss,
      constraints: [{ text: "ACC >= 0.7", delta: 0.05 }, { text: "abs((PR | [M]) - (PR | [F])) <= 0.25", delta: 0.05 }],
      rates: "decided",
      optimizer: { thetaRate: 0.05, epochs: 80, surrogate },
    });
    ok(result.passed, `${result}`);
    const { safety } = split(data), { features } = safety.at(Array.from({ length: safety.size }, (_, i) => i));
    const decided = result.model.decide(features);
    equal(decided.dtype, "int32");
    const right = safety.labels.filter((label, i) => label === decided.data[i]).length;
    const [accuracy, gap] = result.constraints, [leaf] = accuracy.leaves;
    deepEqual([leaf.bound, leaf.n, Math.round(leaf.mean * leaf.n)], ["clopper-pearson", 300, right]);
    equal(
      leaf.lower,
      bounds.lowerBound(Array.from({ length: 300 }, (_, i) => i < right ? 1 : 0), {
        method: "clopper-pearson",
        delta: 0.05,
        range: [0, 1],
      }),
    );
    deepEqual([gap.rates, gap.conjuncts.map(({ statistic }) => statistic?.bound)], ["decided", ["buehler", "buehler"]]);
    ok(`${result}`.includes("  Judged: decisions, the most probable class, as model.decide(x) makes them"));
    ok(
      `${result}`.includes(
        "    Bound: clopper-pearson, proven at every number of rows, assuming independent values that are 0 or 1",
      ),
    );
  });
}

test("with expected rates model.decide() draws from the model's probabilities, and the same seed draws the same", async () => {
  const result = await train({
    data,
    model: logistic(),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 60 },
  });
  ok(result.passed);
  const features = tensor(x), p = result.model.forward(features).data, { decide } = result.model;
  deepEqual(decide(features, { seed: 3 }).data, decide(features, { seed: 3 }).data);
  ok(decide(features, { seed: 4 }).data.some((k, i) => k !== decide(features, { seed: 3 }).data[i]));
  const rate = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / n;
  ok(Math.abs(rate(decide(features).data) - rate(p)) < 0.06);
});

test("several candidates are tested from safe to accurate, and the last that passed is returned", async () => {
  const run = (candidates: number) =>
    train({
      data,
      model: logistic(),
      objective: nn.logLoss,
      constraints: [{ text: "PR <= 0.45", delta: 0.05 }],
      candidates,
      optimizer: { thetaRate: 0.05, lambdaRate: 0.1, epochs: 100 },
    });
  const [one, five] = [await run(1), await run(5)];
  ok(one.passed && five.passed);
  deepEqual(one.candidates, { handedOver: 1, tested: 1 });
  const { handedOver, tested } = five.candidates;
  ok(handedOver > 1 && tested >= 1 && tested <= handedOver, JSON.stringify(five.candidates));
  ok(five.objective.candidate! <= one.objective.candidate!);
  ok(`${five}`.includes(`  Candidates: ${tested} of ${handedOver} were tested, from safe to accurate`));
});
