/** Student's bound needs some weight: a policy that hardly any episode speaks for does not pass by it. */
import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { explain, safetyTest } from "../../../mod.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import { type Episode, episodes, measures } from "../../../seldonian/policies/mod.ts";
import { Given } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

const pi = new Given([[0, 1]]);
/** Action 1, the only one of the new policy, has the probability `chance` and the reward -1; the other one has 0. */
const bandit = (taken: readonly boolean[], chance: number): Episode[] =>
  taken.map((bad) => ({
    observations: [0],
    actions: [bad ? 1 : 0],
    rewards: [bad ? -1 : 0],
    probabilities: [bad ? chance : 1 - chance],
  }));
const tested = (text: string, log: Episode[], options = {}) =>
  safetyTest({ model: pi, data: episodes(log), constraints: [{ text, delta: 0.05 }], measures, ...options });
const counts = (of: number, n: number) => Array.from({ length: n }, (_, i) => i % 40 === 7 && i < 40 * of);

test("below five episodes' worth of weight Student's bound is refused, with the cure; from five on it is approximate", async () => {
  for (const name of ["J_pi_new_IS", "J_pi_new_PDIS", "J_pi_new_WIS"]) {
    for (const weighty of [0, 1, 4]) {
      if (name === "J_pi_new_WIS" && weighty === 0) continue;
      const report = await tested(`${name} >= -2`, bandit(counts(weighty, 200), 0.1));
      equal(report.passed, false, `${name}, ${weighty}`);
      equal(report.constraints[0].verdict, "not judged");
      match(
        explain(report),
        /as much as [0-4] episodes would alike.*needs 5.*declare a range of returns, as in ranges: \{ J_pi/s,
      );
    }
    const { passed, constraints: [{ guarantee }] } = await tested(`${name} >= -9`, bandit(counts(5, 200), 0.1));
    ok(passed);
    equal(guarantee, "approximate");
  }
});

test("the same inside a formula, and where Student's bound was asked for", async () => {
  const few = bandit(counts(2, 200), 0.1);
  for (const text of ["J_pi_new_IS >= J_b - 3", "J_pi_new_IS + 0.5 * J_pi_new_PDIS >= -6", "abs(J_pi_new_IS) <= 9"]) {
    for (const bound of ["auto", "student"]) equal((await tested(text, few, { bound })).passed, false, `${text}, ${bound}`);
  }
});

test("a proven bound judges them", async () => {
  const ranges = { J_pi_new_IS: [-1, 0] };
  equal((await tested("J_pi_new_IS >= -1.5", bandit(counts(2, 200), 0.1), { ranges })).constraints[0].guarantee, "finite-sample");
  ok((await tested("J_pi_new_IS >= -1.5", bandit(counts(2, 200), 0.1), { ranges })).passed);
});

test("by simulation: with a chance of 1 % Student's bound without this rule misses in most samples, with it in few", async () => {
  const trials = full ? 1000 : 60, delta = 0.05;
  let passed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const taken = Array.from({ length: 60 }, (_, i) => uniformOf(3, trial, i) < 0.01);
    // The return is -1, so the promise is broken.
    if ((await tested("J_pi_new_IS >= -0.999", bandit(taken, 0.01))).passed) passed++;
  }
  // Without the rule, the six in ten samples without the action pass.
  ok(passed <= 3 * trials * delta, `${passed} of ${trials}`);
});
