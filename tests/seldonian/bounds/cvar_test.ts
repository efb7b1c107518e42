import { equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, DataSet, safetyTest, tensor } from "../../../mod.ts";
import { echo } from "../../helpers/models.ts";

/** The result for a model that returns its only feature and has these losses. */
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

test("CVaR is the mean of the worst part, and its bounds follow the published theorems", async () => {
  const values = Array.from({ length: 40 }, (_, i) => (i * 7 % 40) / 40),
    sorted = values.toSorted((a, b) => a - b),
    epsilon = Math.sqrt(Math.log(20) / 80);
  const { leaves: [leaf], value } = await losses(values, "CVaR_[0.25] <= 0.9", { ranges: { CVaR: [0, 1] } });
  const worst = sorted.slice(30).reduce((sum, z) => sum + z, 0) / 10;
  ok(Math.abs(leaf.mean - worst) < 1e-12 && Math.abs(value - (worst - 0.9)) < 1e-12);
  // Theorem 3, as published.
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
