import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { bounds, constraint, DataSet, nn, safetyTest, samplesNeeded, split, tensor, train } from "../../mod.ts";
import { straightThrough } from "../../seldonian/decision.ts";
import { classification, decisions, softened } from "../../seldonian/tasks/classification.ts";
import { atLeast, binomial } from "../helpers/exact.ts";
import { echo, logistic } from "../helpers/models.ts";

const n = 600, x = Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i), Math.cos(3.3 * i)]);
const columns = { M: x.map((_, i) => i % 2), F: x.map((_, i) => 1 - i % 2) };
const labels = x.map(([a, b], i) => a + 0.3 * b + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const data = new DataSet({ features: x, labels, columns, exclusive: [["M", "F"]] });

test("decisions are class 1 from 0.5 on, or the first of the most probable", () => {
  deepEqual(decisions(tensor([0.4999, 0.5, 0.7])).toArray(), [0, 1, 1]);
  deepEqual(decisions(tensor([[0.4], [0.6]])).toArray(), [[0], [1]]);
  deepEqual(decisions(tensor([[0.2, 0.4, 0.4], [0.5, 0.3, 0.2]])).toArray(), [[0, 1, 0], [1, 0, 0]]);
});

test("the stand-ins end in the decision as their temperature falls, and have a slope", () => {
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
  test(`train() on decided rates certifies what model.decide() decides, ${surrogate}`, async () => {
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

test("where rates are expected, model.decide() draws with the model's probabilities, the same for the same seed", async () => {
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

test("samplesNeeded() is the number of rows from which a Clopper-Pearson test passes often enough", () => {
  const rate = 0.93,
    least = 0.9,
    delta = 0.05,
    power = 0.8,
    found = samplesNeeded(`ACC >= ${least}`, { delta, power, draws: 2000, rates: { ACC: rate } });
  // The exact probability of passing: k successes are enough from the first on whose lower bound is the least.
  const powerAt = (rows: number) => {
    let k = Math.floor(least * rows);
    while (atLeast(k, rows, least) > delta) k++;
    return binomial(rows, rate).subarray(k).reduce((sum, p) => sum + p, 0);
  };
  ok(Math.abs(powerAt(found) - power) < 0.05, `${found} rows pass with probability ${powerAt(found)}`);
  equal(samplesNeeded("ACC >= 0.9", { delta, rates: { ACC: 0.9 } }), Infinity);
});

test("samplesNeeded() knows groups, and needs fewer rows for one statistic than for bounds apart", () => {
  const rates = { "PR | [M]": { rate: 0.5, part: 0.6 }, "PR | [F]": { rate: 0.55, part: 0.4 } },
    text = "(PR | [F]) - (PR | [M]) <= 0.3";
  const [one, apart] = [undefined, { "PR | [M]": 1, "PR | [F]": 1 }].map((shares) =>
    samplesNeeded(text, { delta: 0.05, power: 0.8, draws: 100, rates, shares })
  );
  ok(one < 0.85 * apart && one > 50 && apart < 1000, `${one} and ${apart}`);
});

test("samplesNeeded() names what is missing or out of range", () => {
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: {} }), {
    message: 'Cannot tell how much data is needed: "ACC" has no rate; those given are none',
  });
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 93 } }), {
    message: 'Cannot use the rate 93 of "ACC": wanted a number from 0 to 1',
  });
  throws(() => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.93 }, power: 1 }), {
    message: "Cannot ask for power 1: wanted a probability between 0 and 1",
  });
});

/** A model that says its only feature. */
const losses = (values: number[], text: string, more: Record<string, unknown> = {}) =>
  safetyTest({
    model: echo,
    data: new DataSet({
      features: tensor(Float64Array.from(values, Math.sqrt), [values.length, 1]),
      labels: values.map(() => 0),
    }),
    constraints: [{ text, delta: 0.05 }],
    ...more,
  }).then(({ constraints: [found] }) => found);

test("CVaR is the mean of the worst part, and its bounds are those of the published theorem", async () => {
  const values = Array.from({ length: 40 }, (_, i) => (i * 7 % 40) / 40),
    sorted = values.toSorted((a, b) => a - b),
    epsilon = Math.sqrt(Math.log(20) / 80);
  const { leaves: [leaf], value } = await losses(values, "CVaR_[0.25] <= 0.9", { ranges: { CVaR: [0, 1] } });
  const worst = sorted.slice(30).reduce((sum, z) => sum + z, 0) / 10;
  ok(Math.abs(leaf.mean - worst) < 1e-12 && Math.abs(value - (worst - 0.9)) < 1e-12);
  // Theorem 3, as written there.
  const upper = 1 -
    [...sorted, 1].slice(1).reduce((sum, z, i) => sum + (z - sorted[i]) * Math.max(0, (i + 1) / 40 - epsilon - 0.75), 0) / 0.25;
  ok(Math.abs(leaf.upper - upper) < 1e-9, `${leaf.upper}, not ${upper}`);
  // Theorem 4.
  const { leaves: [other] } = await losses(values, "CVaR_[0.25] >= 0.2", { ranges: { CVaR: [0, 1] } });
  const lower = sorted[39] -
    [0, ...sorted].slice(0, 40).reduce(
        (sum, z, i) => sum + (sorted[i] - z) * Math.max(0, Math.min(1, i / 40 + epsilon) - 0.75),
        0,
      ) / 0.25;
  ok(Math.abs(other.lower - lower) < 1e-9, `${other.lower}, not ${lower}`);
  equal(
    (await losses(values, "CVaR_[0.25] <= 0.9")).note,
    "CVaR_[0.25] has no finite upper bound without a known greatest value: declare one, as in ranges: { CVaR: [0, 25] }",
  );
});

test("the bounds on CVaR miss with probability at most delta, over all counts of three losses", async () => {
  const values = [0, 0.5, 1], level = 0.3, size = 8, delta = 0.05;
  const found: { counts: number[]; upper: number; lower: number }[] = [];
  for (let a = 0; a <= size; a++) {
    for (let b = 0; a + b <= size; b++) {
      const counts = [a, b, size - a - b], z = counts.flatMap((count, i) => new Array<number>(count).fill(values[i]));
      const [upper] = (await losses(z, `CVaR_[${level}] <= 2`, { ranges: { CVaR: [0, 1] } })).leaves;
      const [lower] = (await losses(z, `CVaR_[${level}] >= 1`, { ranges: { CVaR: [0, 1] } })).leaves;
      found.push({ counts, upper: upper.upper, lower: lower.lower });
    }
  }
  const ways = (counts: number[]) =>
    [...counts].reduce(([ways, used], count) => {
      for (let i = 1; i <= count; i++) ways = ways * ++used / i;
      return [ways, used];
    }, [1, 0])[0];
  for (let i = 0; i <= 20; i++) {
    for (let j = 0; i + j <= 20; j++) {
      const law = [i / 20, j / 20, (20 - i - j) / 20];
      let left = level, truth = 0;
      for (const k of [2, 1, 0]) {
        const mass = Math.min(left, law[k]);
        truth += mass * values[k] / level;
        left -= mass;
      }
      let above = 0, below = 0;
      for (const { counts, upper, lower } of found) {
        const p = ways(counts) * counts.reduce((p, count, k) => p * law[k] ** count, 1);
        if (upper < truth - 1e-12) above += p;
        if (lower > truth + 1e-12) below += p;
      }
      ok(above <= delta + 1e-12 && below <= delta + 1e-12, `${law}: ${above}, ${below}`);
    }
  }
});

test("CVaR needs a level", () => {
  throws(() => constraint("CVaR <= 1"), {
    message: "Cannot read constraint: CVaR needs a level between 0 and 1, as in CVaR_[0.1]\n  CVaR <= 1\n  ^",
  });
  throws(() => constraint("CVaR_[1] <= 1"), {
    message: "Cannot read constraint: CVaR needs a level between 0 and 1, as in CVaR_[0.1]\n  CVaR_[1] <= 1\n        ^",
  });
});
