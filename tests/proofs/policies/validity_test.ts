/**
 * Bounds on returns miss with probability at most delta: by enumeration of every sequence of episodes, with rare large weights, and by
 * simulation at the edge.
 */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { bounds, nn, type Tensor } from "../../../mod.ts";
import { lower, upper } from "../../../seldonian/bounds/bound.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  anytimeBets,
  episodes,
  Gridworld,
  J_pi_new_IS,
  logarithmicSmoothing,
  oneSidedStar,
  type Policy,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { Given, outcomesOf, twoSteps } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

/** A law of returns of weighted episodes: each value from below, and from above, with its chance. */
interface Law {
  chance: number;
  lower: number;
  upper: number;
}

const range = [0, 1] as const;

/** The law of w G and 1 - w (1 - G) for an action of probability p under b and q under pi, with these returns. */
function bandit(p: number, q: number, [won, otherwise]: readonly [number, number]): { law: Law[]; mean: number } {
  const one = (chance: number, w: number, value: number) => ({ chance, lower: w * value, upper: 1 - w * (1 - value) });
  return { law: [one(p, q / p, won), one(1 - p, (1 - q) / (1 - p), otherwise)], mean: q * won + (1 - q) * otherwise };
}

/** The probability that a bound of n values misses the mean, over all sequences. */
function missed(bound: bounds.Bound, { law, mean }: { law: Law[]; mean: number }, n: number, delta: number, ends = [0, 1]) {
  const miss = { lower: 0, upper: 0 };
  for (let code = 0; code < law.length ** n; code++) {
    const drawn = Array.from({ length: n }, (_, i) => law[Math.floor(code / law.length ** i) % law.length]);
    const chance = drawn.reduce((product, { chance }) => product * chance, 1);
    const low = lower(bound, Float64Array.from(drawn, ({ lower }) => lower), { delta, range: [ends[0], Infinity] });
    const high = upper(bound, Float64Array.from(drawn, ({ upper }) => upper), { delta, range: [-Infinity, ends[1]] });
    if (low > mean) miss.lower += chance;
    if (high < mean) miss.upper += chance;
  }
  return miss;
}

const families = [oneSidedStar(1), logarithmicSmoothing(1), logarithmicSmoothing(0.1), anytimeBets(1), anytimeBets(0.1)];
const sizes = full ? [1, 2, 3, 5, 8] : [1, 2, 4];
for (const bound of families) {
  test(`${bound.name} misses the return of a bandit's policy with probability at most delta, also where a rare weight carries it`, () => {
    for (const [p, q] of [[0.5, 0.9], [0.1, 0.9], [0.01, 0.5], [0.001, 0.3], [0.3, 0.01]]) {
      for (const returns of [[1, 0], [0, 1], [1, 0.5], [0.02, 0]] as const) {
        for (const n of sizes) {
          for (const delta of [0.5, 0.1, 0.01]) {
            const found = missed(bound, bandit(p, q, returns), n, delta);
            ok(Math.max(found.lower, found.upper) <= delta + 1e-12, `${p} ${q} [${returns}] n ${n}: ${JSON.stringify(found)}`);
          }
        }
      }
    }
  });
}

test("this enumeration can fail: Student's bound on weighted returns misses with many times delta", () => {
  // A return of -1 has the weight 50 once in a hundred times, and other returns are -0.1: without the rare one, values are equal.
  const { law } = bandit(0.01, 0.5, [-1, -0.1]), mean = -0.55;
  const found = missed(bounds.student, { law, mean }, 5, 0.01, [-Infinity, Infinity]);
  ok(found.lower > 0.9, JSON.stringify(found));
});

const b = [[0.95, 0.05], [0.5, 0.5], [0.2, 0.8]], pi = new Given([[0.5, 0.5], [0.1, 0.9], [0.9, 0.1]]);
const policies: [string, Policy][] = [["free", pi], ["limited", new WeightLimited(pi, new Given(b), 3)]];
for (const [name, policy] of policies) {
  test(`auto's bound on a ${name} policy of two steps misses with probability at most delta, over every sequence of episodes`, () => {
    for (const rewards of [[0, 0, 0, 1], [1, 1, 1, 0], [0.5, 0.5, 0, 1], [0, 1, 1, 0]]) {
      const possible = twoSteps(b, rewards),
        outcomes = outcomesOf(policy, possible.map(({ episode }) => episode), { baseline: 0.4 });
      const mean = possible.reduce((sum, { chance }, i) => sum + chance * J_pi_new_IS.measure.values(outcomes, []).data[i], 0);
      for (const side of ["lower", "upper"] as const) {
        const sided = J_pi_new_IS.measure.sided!(side, range, outcomes, []), values = sided.values(outcomes, []).data;
        for (const n of full ? [1, 2, 3, 4, 5] : [1, 3]) {
          for (const delta of [0.4, 0.05]) {
            let miss = 0;
            for (let code = 0; code < 4 ** n; code++) {
              const drawn = Array.from({ length: n }, (_, i) => Math.floor(code / 4 ** i) % 4);
              const z = Float64Array.from(drawn, (i) => values[i]), request = { delta, range: sided.range };
              const bound = (side === "lower" ? lower : upper)(sided.bound!, z, request);
              if (side === "lower" ? bound > mean + 1e-12 : bound < mean - 1e-12) {
                miss += drawn.reduce((product, i) => product * possible[i].chance, 1);
              }
            }
            ok(miss <= delta + 1e-12, `${side} of [${rewards}], n ${n}, delta ${delta}: missed with probability ${miss}`);
          }
        }
      }
    }
  });
}

test("at the edge: of hundreds of samples with weights of up to 20, hardly more than delta miss; Student's miss far more", () => {
  const { law, mean } = bandit(0.01, 0.2, [0.05, 0.03]), n = 40, delta = 0.1, trials = full ? 3000 : 400;
  const misses = { own: 0, smooth: 0, student: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const z = Float64Array.from({ length: n }, (_, i) => law[uniformOf(7, trial, i) < law[0].chance ? 0 : 1].lower);
    const request = { delta, range: [0, Infinity] as const };
    if (lower(oneSidedStar(1), z, request) > mean) misses.own++;
    if (lower(logarithmicSmoothing(0.05), z, request) > mean) misses.smooth++;
    if (upper(bounds.student, z, request) < mean) misses.student++;
  }
  // Three standard errors above delta.
  const most = trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta));
  ok(misses.own <= most && misses.smooth <= most, JSON.stringify(misses));
  ok(misses.student > 4 * trials * delta, JSON.stringify(misses));
});

test("a bound takes heavy tails in its stride: a sample with one huge weight still has a lower bound above the declared end", () => {
  const z = Float64Array.from({ length: 200 }, (_, i) => i === 100 ? 1e6 : 0.5 + 0.4 * uniformOf(1, i));
  for (const bound of families) {
    const found = lower(bound, z, { delta: 0.05, range: [0, Infinity] });
    ok(found > 0.3 && found < 9, `${bound.name}: ${found}`);
  }
});

test("a bound with one end is never beyond that end, and falls with delta", () => {
  for (let seed = 0; seed < 20; seed++) {
    const value = (i: number) => uniformOf(seed, i) < 0.3 ? 8 * uniformOf(seed, i, 1) : uniformOf(seed, i, 2);
    const z = Float64Array.from({ length: 1 + seed % 9 }, (_, i) => value(i));
    for (const bound of families) {
      const found = [0.4, 0.05, 0.001].map((delta) => lower(bound, z, { delta, range: [0, Infinity] }));
      ok(found.every((low, i) => low > -1e-9 && (i === 0 || low <= found[i - 1] + 1e-9)), `${bound.name}: ${found}`);
    }
  }
});

test("on the gridworld, proven bounds hold for a policy that walks into the worst, and Student's does not", () => {
  const behaviour = nn.initialize(new Uniform(4), 0),
    table = nn.initialize(new SoftmaxTable(9, 4), 0),
    discount = 0.9,
    delta = 0.1;
  // Down, down, right, and down again for ever.
  const wanted = new Map([[0, 2], [3, 2], [6, 1], [7, 2]]);
  table.weight.fill((i) => wanted.get(Math.floor(i / 4)) === i % 4 ? 2.5 : 0);
  const run = (policy: Policy, count: number, seed: number) =>
    episodes(runEpisodes({ environment: () => new Gridworld(), policy, count, seed }), { discount });
  const trials = full ? 400 : 60, most = trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta));
  const samples = Array.from({ length: trials }, (_, i) => run(behaviour, 100, 100 + i).whole().features);
  for (const policy of [table, new WeightLimited(table, behaviour, 3)]) {
    const { labels } = run(policy, 2000, 1), truth = labels.reduce((sum, value) => sum + value) / labels.length;
    const misses = { own: 0, student: 0 };
    for (const features of samples) {
      const predictions = policy.forward(features),
        outcomes = { predictions, labels: predictions, columns: new Map(), arrays: new Map() };
      const { bound, range, values } = J_pi_new_IS.measure.sided!("lower", [-8.1, 0.729], outcomes, []);
      const numbers = (values: Tensor) => Float64Array.from(values.data);
      if (lower(bound!, numbers(values(outcomes, [])), { delta, range }) > truth) misses.own++;
      const plain = numbers(J_pi_new_IS.measure.values(outcomes, []));
      if (lower(bounds.student, plain, { delta, range: [-Infinity, Infinity] }) > truth) misses.student++;
    }
    ok(misses.own <= most, `${JSON.stringify(misses)} of ${trials}`);
    if (policy === table) ok(misses.student > 3 * most, `${JSON.stringify(misses)} of ${trials}, truth ${truth}`);
  }
});

test("the anytime bound is never wider after more values, in the order given, so that looking after each misses no more often", () => {
  const { law, mean } = bandit(0.05, 0.3, [0.9, 0.2]), delta = 0.1, trials = full ? 1000 : 30;
  let misses = 0;
  for (let trial = 0; trial < trials; trial++) {
    const z = Float64Array.from({ length: 160 }, (_, i) => law[uniformOf(9, trial, i) < law[0].chance ? 0 : 1].lower);
    const found = [1, 2, 5, 10, 20, 40, 80, 160].map((n) =>
      bounds.lowerBound(z.slice(0, n), { method: anytimeBets(1), delta, range: [0, Infinity] })
    );
    ok(found.every((bound, i) => i === 0 || bound >= found[i - 1] - 1e-9), `${found}`);
    if (found[7] > mean) misses++;
  }
  if (full) console.log(`${misses} of ${trials} missed after one of all numbers of values`);
  ok(misses <= trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta)), `${misses} of ${trials}`);
});
