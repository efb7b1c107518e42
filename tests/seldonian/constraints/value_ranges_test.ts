/** Signs and ends of a value come from the range of that value, such as a variance, not from that of what it is computed from. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Bound, bounds, explain, nn, safetyTest } from "../../../mod.ts";
import { episodes, measures, Uniform } from "../../../seldonian/policies/mod.ts";
import { question } from "../../helpers/small_question.ts";

const policy = nn.initialize(new Uniform(2), 0);

/** Returns are one of two numbers in turn, and the new policy is the old one. */
function returnsOf(low: number, high: number) {
  return episodes(
    Array.from({ length: 300 }, (_, i) => ({
      observations: [0],
      actions: [i % 2],
      rewards: [(i >> 1) % 2 === 0 ? low : high],
      probabilities: [0.5],
    })),
  );
}

async function tested(text: string, low: number, high: number, range: [number, number], more: object = {}) {
  const named = measures.map(({ name }) => name).filter((name) => new RegExp(`${name}(?![_A-Za-z])`).test(text));
  const ranges = Object.fromEntries(named.map((name) => [name, range]));
  const constraints = [{ text, delta: 0.05 }];
  return (await safetyTest({ model: policy, data: returnsOf(low, high), measures, constraints, ranges, ...more })).constraints[0];
}

for (const analysis of ["conjunctive", "interval"] as const) {
  test(`a quotient by a variance has the sign of the variance, not that of returns: ${analysis}`, async () => {
    // -2 / 0.25 is -8.
    for (const name of ["J_pi_new_Variance", "J_b_Variance"]) {
      const { passed, value } = await tested(`J_pi_new_IS / ${name} >= -1`, -2.5, -1.5, [-3, -1], { analysis });
      ok(Math.abs(value - 7) < 1e-9 && !passed);
      equal((await tested(`J_pi_new_IS / ${name} <= -1`, -2.5, -1.5, [-3, -1])).passed, true);
    }
  });
}

test("a product with a variance has its sign", async () => {
  // -2 * 0.25 is -0.5.
  equal((await tested("J_b * J_b_Variance >= -0.1", -2.5, -1.5, [-3, -1])).passed, false);
  equal((await tested("J_b * J_b_Variance <= 0", -2.5, -1.5, [-3, -1])).passed, true);
});

test("a variance is possible where returns are not", async () => {
  // The variance of returns in [1, 3] is 1 at most.
  equal((await tested("J_pi_new_Variance <= 0.5", 1.5, 2.5, [1, 3])).passed, true);
  deepEqual((await tested("J_pi_new_Variance <= 0.5", 1, 3, [1, 3])).verdict, "violated");
});

test("nothing is kept that its estimate breaks", async () => {
  const wrong: Bound = { ...bounds.hoeffding, name: "wrong", upper: () => 0 };
  const report = await safetyTest({ ...question, constraints: [{ text: "PR <= 0.05", delta: 0.05, bound: wrong }] });
  const [{ value, upper, passed, verdict, note }] = report.constraints;
  ok(value > 0 && upper < 0);
  deepEqual([report.passed, passed, verdict], [false, false, "violated"]);
  ok(note?.includes("its bound is below its own estimate"));
  ok(explain(report).includes(`PR <= 0.05: violated (${note})`));
});
