/** Whole safety tests of policies that just break their promise: they pass with probability at most delta. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { safetyTest } from "../../../mod.ts";
import {
  Bandit,
  DoublyRobust,
  episodes,
  measures,
  OneHot,
  type Policy,
  runEpisodes,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { Given } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

const behaviour = new Given([[0.9, 0.1], [0.5, 0.5]]), pi = new Given([[0.3, 0.7], [0.2, 0.8]]);
const rewards = [[0.9, 0.4], [0.8, 0.1]], range = [0, 1] as const, delta = 0.1, trials = full ? 1000 : 60;

/** The return of a policy of one step. */
function returnOf(chances: readonly (readonly number[])[]): number {
  return chances.reduce((sum, row, o) => sum + row.reduce((mean, p, a) => mean + p * rewards[o][a], 0) / chances.length, 0);
}

const truth = returnOf([[0.3, 0.7], [0.2, 0.8]]), old = returnOf([[0.9, 0.1], [0.5, 0.5]]);
// With at most 8 times the weight, the limit of 8 changes nothing, so both have the same return.
const policies: [string, Policy][] = [["free", pi], ["limited", new WeightLimited(pi, behaviour, 8)]];
for (const [name, policy] of policies) {
  for (
    const [what, text] of [
      ["a return", `J_pi_new_IS >= ${truth + 1e-6}`],
      ["a return from above", `J_pi_new_IS <= ${truth - 1e-6}`],
      ["a part of the old policy's return", `J_pi_new_IS >= ${truth / old + 1e-6} * J_b`],
    ]
  ) {
    test(`a ${name} policy that just breaks a promise of ${what} passes with probability at most delta`, async () => {
      let passed = 0;
      for (let trial = 0; trial < trials; trial++) {
        const given = runEpisodes({ environment: () => new Bandit(rewards), policy: behaviour, count: 60, seed: trial });
        const data = episodes(given, { baseline: 0.4 }),
          ranges = { J_pi_new_IS: range, ...(text.includes("J_b") && { J_b: range }) };
        const report = await safetyTest({ model: policy, data, measures, ranges, constraints: [{ text, delta }] });
        ok(report.constraints[0].guarantee === "finite-sample");
        if (report.passed) passed++;
      }
      if (full) console.log(`${name}, ${what}: ${passed} of ${trials} passed`);
      ok(passed <= trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta)), `${passed} of ${trials}`);
    });
  }
}

const guess = new OneHot(2), limited = new WeightLimited(pi, behaviour, 8);
const perDecision: [string, Policy][] = [
  ["without a limit", pi],
  ["with guesses", new DoublyRobust(pi, guess, { room: 1, behaviour })],
  ["with guesses and a limit", new DoublyRobust(limited, guess, { room: 1 })],
];
for (const [name, policy] of perDecision) {
  for (const text of [`J_pi_new_PDIS >= ${truth + 1e-6}`, `J_pi_new_PDIS <= ${truth - 1e-6}`]) {
    test(`a policy that just breaks ${text.slice(0, 16)} passes with probability at most delta, ${name}`, async () => {
      let passed = 0;
      for (let trial = 0; trial < trials; trial++) {
        const given = runEpisodes({ environment: () => new Bandit(rewards), policy: behaviour, count: 60, seed: 5000 + trial });
        const data = episodes(given, { baseline: 0.4, rewardRange: range, longest: 1 }), ranges = { J_pi_new_PDIS: range };
        const report = await safetyTest({ model: policy, data, measures, ranges, constraints: [{ text, delta }] });
        ok(report.constraints[0].guarantee === "finite-sample");
        if (report.passed) passed++;
      }
      if (full) console.log(`${text}, ${name}: ${passed} of ${trials} passed`);
      ok(passed <= trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta)), `${passed} of ${trials}`);
    });
  }
}
