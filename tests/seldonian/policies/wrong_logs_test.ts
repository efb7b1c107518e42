/** Logs, ranges and weights that are not what somebody says of them. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataStream, safetyTest } from "../../../mod.ts";
import {
  Bandit,
  episodes,
  episodesInTable,
  episodesInTables,
  measures,
  Mixed,
  runEpisodes,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import type { Episode, Policy } from "../../../seldonian/policies/mod.ts";
import { Given, outcomesOf } from "../../helpers/policies.ts";

/** Episodes of one step with two actions; action 1 pays 1. */
const logOf = (chance: number, count = 40): Episode[] =>
  Array.from({ length: count }, (_, i) => {
    const action = i % 10 < 10 * chance ? 1 : 0;
    return { observations: [0], actions: [action], rewards: [action], probabilities: [action === 1 ? chance : 1 - chance] };
  });
const promised = (model: Policy, text: string, data = episodes(logOf(0.5)), ranges: Record<string, [number, number]> = {}) =>
  safetyTest({ model, data, constraints: [{ text, delta: 0.05 }], measures, ranges });

test("a mixture is compared with the log, and inside another one it has its own probabilities", async () => {
  const pi = new Given([[0.25, 0.75]]), b = new Given([[0.5, 0.5]]), mix = new Mixed(pi, 0.5, b);
  await rejected(
    () => promised(new Mixed(pi, 0.3, b), "J_pi_new_IS >= 0", episodes(logOf(0.8))),
    /the logged probability is 0\.8/,
  );
  const log = runEpisodes({ environment: () => new Bandit([[0, 1]]), policy: new Mixed(pi, 0.5, mix), count: 20, seed: 3 });
  for (const { actions, probabilities } of log) equal(probabilities[0], Number(actions[0]) === 1 ? 0.6875 : 0.3125);
  const own = runEpisodes({ environment: () => new Bandit([[0, 1]]), policy: mix, count: 20, seed: 3 });
  equal(episodes(own, { behaviour: mix }).size, 20);
  const wrong = own.map((one) => ({
    ...one,
    probabilities: Array.from(one.actions as number[][], ([a]) => a === 1 ? 0.75 : 0.25),
  }));
  throws(() => episodes(wrong, { behaviour: mix }), /the behaviour policy's own is/);
  throws(() => episodes(own, { behaviour: new Mixed(pi, 0.5) }), /without its behaviour policy/);
  throws(() => new Mixed(new WeightLimited(new Uniform(2), new Uniform(2), 2), 0.5), /Cannot mix a policy with limited weights/);
});

test("a policy with limited weights is a behaviour policy like any other, and acts through an episode as it is promised", () => {
  const limited = new WeightLimited(new Given([[0.05, 0.95]]), new Given([[0.5, 0.5]]), 2);
  class Long {
    #step = 0;
    reset() {
      this.#step = 0;
      return { observation: 0 };
    }
    step(action: number | readonly number[]) {
      return { observation: 0, reward: Number(action), terminated: ++this.#step === 6 };
    }
  }
  const log = runEpisodes({ environment: () => new Long(), policy: limited, count: 300, seed: 2 });
  equal(episodes(log, { behaviour: limited }).size, 300);
  const rate = (all: readonly (readonly number[])[]) => all.reduce((sum, one) => sum + one.reduce((a, b) => a + b) / 6, 0) / 300;
  const acted = Array.from({ length: 300 }, (_, seed) => {
    const actor = limited.actor({ seed });
    return Array.from({ length: 6 }, () => actor.act(0) as number);
  });
  const logged = log.map(({ actions }) => Array.from(actions as number[][], ([action]) => action));
  // Without its weight it would take action 1 in 95 % of the steps.
  ok(rate(logged) < 0.75 && Math.abs(rate(acted) - rate(logged)) < 0.05, `${rate(acted)} and ${rate(logged)}`);
  throws(() => limited.act(0, { seed: 5, step: 1 }), /act by policy\.actor\(\{ seed \}\)/);
  throws(() => limited.act(0, { weight: 50 }), /the limit is 2/);
  throws(() => limited.act(NaN), /number 0 of the observation is NaN/);
});

test("a return outside of its declared range is an error, and so is a weight above the greatest", async () => {
  const pi = new Given([[0.2, 0.8]]), b = new Given([[0.5, 0.5]]);
  const odd = episodes(logOf(0.5).map((one) => ({ ...one, rewards: [50] })));
  for (const model of [pi, new WeightLimited(pi, b, 5)]) {
    await rejected(
      () => promised(model, "J_pi_new_IS >= 0", odd, { J_pi_new_IS: [0, 1] }),
      /a return under J_pi_new_IS is 50, outside/,
    );
  }
  class Boaster extends Given {
    override get greatestWeight(): number {
      return 1.01;
    }
  }
  const model = new Boaster([[0.2, 0.8]]), ranges = { J_pi_new_IS: [0, 1] as [number, number] };
  await rejected(() => promised(model, "J_pi_new_IS >= 0", undefined, ranges), /an importance weight is 1\.6, outside/);
});

test("a return that rounding leaves above its range is none, for the old policy too", async () => {
  const data = episodes(
    [0.1, 0.2, 0.3].flatMap((_, i) =>
      logOf(0.5, 20).map((one) => ({
        ...one,
        observations: [0, 0, 0],
        actions: [0, 0, i % 2],
        rewards: [0.1, 0.1, 0.1],
        probabilities: [0.5, 0.5, 0.5],
      }))
    ),
  );
  const report = await promised(new Given([[0.5, 0.5]]), "J_b >= 0.1", data, { J_b: [0, 0.3] });
  ok(report.passed && report.constraints[0].guarantee === "finite-sample");
});

test("the return of episodes in the support is proven only where their weights are alike", () => {
  const us = measures.find(({ name }) => name === "J_pi_new_US")!;
  const rangeOf = (chances: number[]) => us.sided!("lower", [0, 1], outcomesOf(new Given([chances]), logOf(0.5)), []).range[0];
  deepEqual([rangeOf([0.2, 0.8]), Math.round(rangeOf([0.5, 0.5]))], [-Infinity, -0]);
});

test("steps of a stream of tables are whole episodes, and one that comes again is an error", async () => {
  const steps = { episode: "e", observations: ["o"], actions: ["a"], reward: "r", probability: "p", columns: ["kind"] };
  const head = "e,o,a,r,p,kind\n", lines = ["1,0,1,1,0.5,x", "1,0,0,2,0.5,x", "2,0,1,3,0.5,y", "2,0,1,4,0.5,y", "3,0,0,5,0.5,x"];
  const whole = episodesInTable(csv(head + lines.join("\n") + "\n"), steps);
  for (const size of [1, 2, 3, 4]) {
    const pieces = Array.from(
      { length: Math.ceil(5 / size) },
      (_, i) => csv(head + lines.slice(i * size, (i + 1) * size).join("\n") + "\n"),
    );
    const stream = await DataStream.open(() => episodesInTables(pieces, steps));
    const found: number[] = [];
    for await (const { labels } of stream.chunks(10)) found.push(...labels.data);
    deepEqual(found, [...whole.labels]);
  }
  const again = [csv(`${head}1,0,1,1,0.5,x\n2,0,1,1,0.5,x\n`), csv(`${head}1,0,1,1,0.5,x\n`)];
  await rejected(() => DataStream.open(() => episodesInTables(again, steps)), /Cannot read episode 1: it comes again/);
  throws(() => episodesInTable(csv(`${head}x,0,1,1,0.5,x\n,0,1,1,0.5,x\ny,0,1,1,0.5,x\n`), steps), /"e" is missing in line 3/);
  equal(
    episodesInTable(csv("e,o,a,r,p,age\n1,0,1,1,0.5,\n1,0,1,1,0.5,\n2,0,1,1,0.5,7\n"), { ...steps, columns: ["age"] }).size,
    2,
  );
});

async function rejected(act: () => unknown, message: RegExp): Promise<void> {
  let error: unknown;
  try {
    await act();
  } catch (found) {
    error = found;
  }
  ok(message.test(`${(error as Error | undefined)?.message}`), `${error}`);
}
