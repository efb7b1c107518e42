import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { explain, type Measure, nn, safetyTest, type SafetyTestOptions, split, Tensor } from "../../../mod.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import {
  DoublyRobust,
  type Episode,
  episodes,
  J_b,
  J_pi_new_IS,
  J_pi_new_PDIS,
  J_pi_new_US,
  J_pi_new_WIS,
  logarithmicSmoothing,
  measures,
  type Policy,
  SoftmaxTable,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { expected, Given, outcomesOf, twoSteps } from "../../helpers/policies.ts";

const b = [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], behaviour = new Given(b), pi = new Given([[0.2, 0.8], [0.3, 0.7], [0.9, 0.1]]);
const rewards = [1, -2, 3, 0.5], first = [0.25, -0.5], discount = 0.9;
const possible = twoSteps(b, rewards, first), given = possible.map(({ episode }) => episode);

/** The return of a policy: the mean over what it would do. */
function truth(policy: Policy): number {
  const acted = Tensor.from(Float64Array.of(0));
  const chances = (observation: number, weight: number) =>
    [0.001, 0.999].map((u) => {
      const weights = Float64Array.of(weight), at = Tensor.from(Float64Array.of(observation), acted.shape);
      const { actions, probabilities } = policy.choose(at, () => u, weights);
      return { action: actions[0], p: probabilities[0], weight: weights[0] };
    });
  return chances(0, 1).reduce(
    (sum, { action: a, p, weight }) =>
      sum +
      p * (first[a] + discount * chances(1 + a, weight).reduce((next, { action: c, p: q }) => next + q * rewards[2 * a + c], 0)),
    0,
  );
}

const policies: [string, Policy][] = [["free", pi], ["limited", new WeightLimited(pi, behaviour, 2)]];
const range = [-3, 4] as const;

for (const [name, policy] of policies) {
  test(`values of a ${name} policy have its return as their mean under the behaviour policy, plain and with an end`, () => {
    const outcomes = outcomesOf(policy, given, { discount, baseline: 0.7 }), wanted = truth(policy);
    for (const { measure } of [J_pi_new_IS, J_pi_new_PDIS]) {
      const plain = expected(possible, measure.values(outcomes, []).data);
      ok(Math.abs(plain - wanted) < 1e-12, `${measure.name}: ${plain}, truth ${wanted}`);
      for (const side of ["lower", "upper"] as const) {
        const sided = measure.sided!(side, range, outcomes, []), values = sided.values(outcomes, []).data;
        ok(
          Math.abs(expected(possible, values) - wanted) < 1e-12,
          `${sided.name}: ${expected(possible, values)}, truth ${wanted}`,
        );
        ok(values.every((z) => z >= sided.range[0] && z <= sided.range[1]), `${sided.name}: ${values} in ${sided.range}`);
        const end = sided.range[side === "lower" ? 0 : 1];
        equal(Number.isFinite(end), sided.bound!.guarantee === "finite-sample", sided.name);
      }
    }
  });
}

test("doubly robust values have the return as their mean whatever the guess, and vary little with a good one", () => {
  const wanted = truth(pi), variances: number[] = [];
  // What follows each action: exactly, then anything.
  const later = (a: number) => pi.chances.data[2 + 2 * a] * rewards[2 * a] + pi.chances.data[3 + 2 * a] * rewards[2 * a + 1];
  const exact = [first[0] + discount * later(0), first[1] + discount * later(1), ...rewards];
  for (const guess of [exact, [5, -3, 0, 2, 7, -1], [0, 0, 0, 0, 0, 0]]) {
    const values: nn.Module<Tensor> = {
      forward: ({ data: seen }) =>
        Tensor.from(Float64Array.from({ length: 2 * seen.length }, (_, i) => guess[2 * seen[i >> 1] + i % 2]), [seen.length, 2]),
    };
    const outcomes = outcomesOf(new DoublyRobust(pi, values), given, { discount }),
      found = J_pi_new_PDIS.measure.values(outcomes, []).data;
    const mean = expected(possible, found);
    ok(Math.abs(mean - wanted) < 1e-12, `${mean}, truth ${wanted}`);
    variances.push(expected(possible, found.map((z) => (z - mean) ** 2)));
  }
  ok(variances[0] < 0.1 * variances[2] && variances[1] > variances[0], `${variances}`);
});

test("where the old policy never takes an action, one-sided values err to the safe side, and plain ones do not", () => {
  const never = twoSteps([[1, 0], [0.5, 0.5], [0.2, 0.8]], rewards, first).filter(({ chance }) => chance > 0), wanted = truth(pi);
  const outcomes = outcomesOf(pi, never.map(({ episode }) => episode), { discount }), { measure } = J_pi_new_IS;
  const mean = (side: "lower" | "upper") => expected(never, measure.sided!(side, range, outcomes, []).values(outcomes, []).data);
  ok(mean("lower") < wanted && wanted < mean("upper"), `${mean("lower")} ${wanted} ${mean("upper")}`);
  ok(expected(never, measure.values(outcomes, []).data) < wanted - 0.3);
});

test("a measure of the behaviour policy's return is the mean of returns", () => {
  const outcomes = outcomesOf(pi, given, { discount });
  deepEqual(J_b.measure.values(outcomes, []).data, outcomes.labels.data);
});

test("values of unequal support are the returns of episodes that the policy might have had", () => {
  const none = new Given([[1, 0], [0.5, 0.5], [0.5, 0.5]]), outcomes = outcomesOf(none, given, { discount });
  deepEqual([...J_pi_new_US.measure.values(outcomes, []).data], [...outcomes.labels.data.slice(0, 2)]);
});

/** What a test of a constraint says, on many episodes. */
async function tested(text: string, policy: Policy, more: Partial<SafetyTestOptions> = {}) {
  const many = Array.from({ length: 60 }, (_, i): Episode => ({ ...given[i % 4], alternates: [[i, 1]], id: i }));
  const { safety } = split(episodes(many, { discount, columns: { odd: many.map((_, i) => i % 2) } }));
  const { constraints: [one] } = await safetyTest({
    model: policy,
    data: safety,
    measures,
    constraints: [{ text, delta: 0.1 }],
    ...more,
  });
  return one;
}

/** The same of a policy without a limit, and in words. */
async function explained(text: string, more: Partial<SafetyTestOptions>) {
  const data = episodes(Array.from({ length: 60 }, (_, i): Episode => ({ ...given[i % 4], id: i })), { discount });
  const report = await safetyTest({ model: pi, data, measures, constraints: [{ text, delta: 0.1 }], ...more });
  return { constraint: report.constraints[0], report: explain(report) };
}

test("without a range, and for weighted importance sampling always, bounds are Student's and say so", async () => {
  const ranges = (name: string) => ({ ranges: { [name]: range } });
  for (const name of ["J_pi_new_IS", "J_pi_new_PDIS", "J_pi_new_WIS"]) {
    const { guarantee, leaves: [{ bound }] } = await tested(`${name} >= -9`, pi);
    deepEqual([guarantee, bound], ["approximate", "student"], name);
  }
  equal((await tested("J_pi_new_WIS >= -3", pi, ranges("J_pi_new_WIS"))).guarantee, "approximate");
  equal((await tested("J_pi_new_PDIS >= -3", pi, ranges("J_pi_new_PDIS"))).guarantee, "finite-sample");
  const limited = new WeightLimited(pi, behaviour, 2);
  for (
    const [name, policy, bound] of [["J_IS", pi, "one-sided-star"], ["J_IS", limited, "bets-on-returns"], [
      "J_PDIS",
      limited,
      "star",
    ]] as const
  ) {
    const { guarantee, leaves: [leaf] } = await tested(`${name} >= -3`, policy, ranges(name));
    deepEqual([guarantee, leaf.bound, leaf.deltaUpper], ["finite-sample", bound, null], name);
  }
});

test("a family that needs a range is used where weights have a limit, and refused where they have none", async () => {
  const ranges = { J_pi_new_IS: range }, bound = "empirical-bernstein" as const, text = "J_pi_new_IS >= -3";
  equal((await tested(text, new WeightLimited(pi, behaviour, 2), { ranges, bound })).leaves[0].bound, bound);
  await rejects(tested(text, pi, { ranges, bound }), /"empirical-bernstein" in the range \[-3.*, Infinity\]/);
  equal((await tested(text, pi, { ranges, bound: "student" })).guarantee, "approximate");
});

test("a verdict calls the one-sided bounds the kit's own, and they may be chosen; another bound may not have their names", async () => {
  const ranges = { J_pi_new_IS: range }, text = "J_pi_new_IS >= -3", smooth = logarithmicSmoothing(7);
  const shown = async (more: Partial<SafetyTestOptions>) => {
    const { constraint, report } = await explained(text, { ranges, ...more });
    return [constraint.leaves[0].bound, /custom/.test(report)];
  };
  deepEqual(await shown({}), ["one-sided-star", false]);
  deepEqual(await shown({ bound: smooth }), ["logarithmic-smoothing", false]);
  await rejects(shown({ bound: { ...smooth } }), /the kit has a bound of this name/);
});

test("a promise beside the behaviour policy's return is bounded as one statistic of paired values", async () => {
  const limited = new WeightLimited(pi, behaviour, 2), ranges = { J_pi_new_IS: range, J_b: range };
  const { conjuncts: [{ statistic }], guarantee } = await tested("J_pi_new_IS >= 0.9 * J_b", limited, { ranges });
  deepEqual([statistic?.n, guarantee], [30, "finite-sample"]);
  const free = await tested("J_pi_new_IS >= 0.9 * J_b", pi, { ranges });
  deepEqual([free.conjuncts[0].statistic?.bound, free.guarantee], ["one-sided-star", "finite-sample"]);
});

test("conditions are on columns of episodes, and ranges may be of one alternate", async () => {
  const { leaves: [leaf] } = await tested("(J_b_[1] | [odd]) >= -9", pi, { ranges: { "J_b_[1]": [0, 60] } });
  deepEqual([leaf.range, leaf.n > 5, leaf.n < 25], [[0, 60], true, true]);
  await rejects(
    tested("J_b_[1] >= 1", pi, { ranges: { "J_b_[2]": [0, 60] } }),
    /range for "J_b_\[2\]": the constraints have J_b, J_b_\[1\]/,
  );
});

test("an alternate that the episodes lack, and a model that is no policy, are errors", async () => {
  await rejects(tested("J_pi_new_IS_[2] >= 0", pi), /there is no alternate reward 2: the episodes have 1/);
  class Wrong implements nn.Module {
    forward(items: readonly unknown[]): Tensor {
      return Tensor.from(new Float64Array(items.length));
    }
  }
  await rejects(tested("J_b >= 0", new Wrong() as never), /J_b is of a policy, and the model is none/);
});

test("a batch keeps values of both sides apart", () => {
  const { predictions, labels } = outcomesOf(pi, given, { discount }), batch = new Batch(predictions, labels, new Map());
  const [low, high] = (["lower", "upper"] as const).map((side) => batch.values(batch.sided(J_pi_new_IS, side, range)).data);
  ok(low.some((z, i) => Math.abs(z - high[i]) > 0.1));
  equal(nn.initialize(new SoftmaxTable(3, 2), 0).greatestWeight, Infinity);
  equal((measures as readonly Measure[]).length, 18);
  equal(J_pi_new_WIS.measure.perRow, false);
});
