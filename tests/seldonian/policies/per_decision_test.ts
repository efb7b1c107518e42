/** Per-decision returns have ends without a limit of weights, so that their bounds are proven: by enumeration, and at the edge. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, safetyTest, split } from "../../../mod.ts";
import { lower, upper } from "../../../seldonian/bounds/bound.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  episodes,
  type EpisodesOptions,
  Gridworld,
  J_pi_new_IS,
  J_pi_new_PDIS,
  measures,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { expected, Given, outcomesOf, type Possible, twoSteps } from "../../helpers/policies.ts";
import { full } from "../../helpers/runs.ts";

const discount = 0.9, rewardRange = [-2, 1.5] as const;
const known: [string, EpisodesOptions][] = [
  ["a range of returns", {}],
  ["a range of rewards", { rewardRange }],
  ["a range of rewards and a longest episode", { rewardRange, longest: 2 }],
];
/** Action 1 is rare, and common under the new policy. */
const b = [[0.97, 0.03], [0.5, 0.5], [0.9, 0.1]], pi = new Given([[0.4, 0.6], [0.1, 0.9], [0.2, 0.8]]);
const worlds: Possible[][] = [
  twoSteps(b, [0, -2, 0, 1.5], [1.5, -2]),
  twoSteps(b, [1.5, 1.5, 1.5, -2], [0, 0]),
  twoSteps(b, [1, 1, 0.5, 0.5], [-2, 0.1]),
  // Action 0 ends an episode at its first step.
  [
    { episode: { observations: [0], actions: [0], rewards: [1], probabilities: [0.97] }, chance: 0.97 },
    ...twoSteps(b, [0, 0, -2, 1.5], [1, -1]).slice(2),
  ],
];
const returns = [-3.8, 2.85] as const, sides = ["lower", "upper"] as const;

/** The values of a measure with an end, of all possible episodes, and the return: plain weighted values are not biased. */
function ended(
  possible: readonly Possible[],
  side: "lower" | "upper",
  more: EpisodesOptions,
  { measure } = J_pi_new_PDIS,
  policy = pi,
) {
  const outcomes = outcomesOf(policy, possible.map(({ episode }) => episode), { discount, ...more });
  const sided = measure.sided!(side, returns, outcomes, []);
  return {
    sided,
    values: sided.values(outcomes, []).data,
    mean: expected(possible, J_pi_new_IS.measure.values(outcomes, []).data),
  };
}

for (const [name, more] of known) {
  test(`with ${name}, values have the return as their mean, and an end that they do not pass`, () => {
    for (const possible of worlds) {
      for (const side of sides) {
        const { sided: { range: [low, high], bound }, values, mean } = ended(possible, side, more);
        ok(Math.abs(expected(possible, values) - mean) < 1e-12, `${side}: ${expected(possible, values)}, ${mean}`);
        ok(values.every((z) => z >= low && z <= high), `${side}: ${values} in ${low}, ${high}`);
        deepEqual([Number.isFinite(low), Number.isFinite(high), bound?.name], [
          side === "lower",
          side === "upper",
          "one-sided-star",
        ]);
      }
    }
  });

  test(`with ${name}, bounds miss with probability at most delta, over every sequence of episodes`, () => {
    for (const possible of worlds) {
      for (const side of sides) {
        const { sided, values, mean } = ended(possible, side, more);
        for (const n of full ? [1, 2, 3, 4, 5] : [1, 2, 3]) {
          for (const delta of [0.4, 0.05]) {
            let miss = 0;
            for (let code = 0; code < possible.length ** n; code++) {
              const drawn = Array.from({ length: n }, (_, i) => Math.floor(code / possible.length ** i) % possible.length);
              const z = Float64Array.from(drawn, (i) => values[i]), request = { delta, range: sided.range };
              const bound = (side === "lower" ? lower : upper)(sided.bound!, z, request);
              if (side === "lower" ? bound > mean + 1e-9 : bound < mean - 1e-9) {
                miss += drawn.reduce((product, i) => product * possible[i].chance, 1);
              }
            }
            ok(miss <= delta + 1e-12, `${side}, n ${n}, delta ${delta}: missed with probability ${miss}`);
          }
        }
      }
    }
  });

  test(`with ${name}, values err to the safe side where the old policy lacks an action`, () => {
    const lacking = twoSteps([[1, 0], [0.5, 0.5], [0.9, 0.1]], [1, -2, 1.5, 1.5], [0.5, 1.5]),
      all = twoSteps(b, [1, -2, 1.5, 1.5], [0.5, 1.5]);
    const seen = lacking.filter(({ chance }) => chance > 0), { mean } = ended(all, "lower", more);
    const [low, high] = sides.map((side) => expected(seen, ended(seen, side, more).values));
    ok(low < mean && mean < high, `${low} ${mean} ${high}`);
  });
}

test("at the edge: on the gridworld, a policy that walks into the worst is bounded too high in hardly more than delta of samples", () => {
  const behaviour = nn.initialize(new Uniform(4), 0), table = nn.initialize(new SoftmaxTable(9, 4), 0), delta = 0.1;
  const wanted = new Map([[0, 2], [3, 2], [6, 1], [7, 2]]);
  table.weight.fill((i) => wanted.get(Math.floor(i / 4)) === i % 4 ? 2 : 0);
  const run = (policy: typeof table | Uniform, count: number, seed: number, more: EpisodesOptions = {}) =>
    episodes(runEpisodes({ environment: () => new Gridworld(), policy, count, seed }), { discount, ...more });
  const { labels } = run(table, full ? 20000 : 1000, 1), truth = labels.reduce((sum, value) => sum + value) / labels.length;
  const trials = full ? 1000 : 20, most = trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta));
  for (const more of [{}, { rewardRange: [-1, 1] as const }]) {
    let misses = 0;
    for (let trial = 0; trial < trials; trial++) {
      const predictions = table.forward(run(behaviour, 60, 100 + trial, more).whole().features as never);
      const outcomes = { predictions, labels: predictions, columns: new Map(), arrays: new Map() };
      const { bound, range, values } = J_pi_new_PDIS.measure.sided!("lower", [-8.1, 0.729], outcomes, []);
      if (lower(bound!, Float64Array.from(values(outcomes, []).data), { delta, range }) > truth) misses++;
    }
    if (full) console.log(`${JSON.stringify(more)}: ${misses} of ${trials} missed ${truth}`);
    ok(misses <= most, `${JSON.stringify(more)}: ${misses} of ${trials}`);
  }
});

test("in long episodes, per-decision bounds are narrower with a range of rewards than whole weights, and a test is proven", async () => {
  const behaviour = new Given([[0.5, 0.5]]), policy = new Given([[0.7, 0.3]]), steps = 40;
  const given = Array.from({ length: 400 }, (_, i) => {
    const actions = Array.from({ length: steps }, (_, t) => uniformOf(3, i, t) < 0.5 ? 0 : 1);
    return {
      observations: actions.map(() => 0),
      actions,
      rewards: actions.map((a) => 1 - a),
      probabilities: actions.map(() => 0.5),
    };
  });
  const { safety } = split(episodes(given, { discount: 0.8, rewardRange: [0, 1], behaviour }));
  const found = async (name: string) => {
    const constraints = [{ text: `${name} >= 2`, delta: 0.05 }], ranges = { [name]: [0, 5] as const };
    const { constraints: [{ guarantee, leaves: [leaf] }] } = await safetyTest({
      model: policy,
      data: safety,
      measures,
      constraints,
      ranges,
    });
    equal(guarantee, "finite-sample");
    return leaf.lower;
  };
  const [whole, each] = [await found("J_pi_new_IS"), await found("J_pi_new_PDIS")];
  ok(each > 2.5 && each < 3.5 && whole < each - 0.5, `${whole} ${each}`);
});

const usual = new Given([[0.5, 0.5], [0.99, 0.01]]), often = new Given([[0.5, 0.5], [0.7, 0.3]]);

/** 60 episodes of two steps: action 1 of the second is rare, and common under the new policy. */
function rarely(trial: number, pay: (rare: number) => number[]) {
  return episodes(Array.from({ length: 60 }, (_, i) => {
    const rare = uniformOf(8, trial, i) < 0.01 ? 1 : 0, probabilities = [0.5, rare ? 0.01 : 0.99];
    return { observations: [0, 1], actions: [0, rare], rewards: pay(rare), probabilities };
  }));
}

for (const [what, policy] of [["free", often], ["limited", new WeightLimited(often, usual, 100)]] as const) {
  test(`a range that holds for returns but not for parts of them is an error for a ${what} policy, also before a rare loss`, async () => {
    const data = rarely(0, (rare) => [5, rare ? -5 : -4]), ranges = { J_pi_new_PDIS: [0, 1] as const };
    const constraints = [{ text: "J_pi_new_PDIS >= 0.9", delta: 0.1 }];
    await rejects(
      safetyTest({ model: policy, data, measures, constraints, ranges }),
      /positive rewards under J_pi_new_PDIS is 5, outside of \[0, .*\]; give ranges that hold for any part of an episode's steps/,
    );
  });
}

test("where the worst return is above 0, the part of no steps has 0: a policy that breaks its promise hardly ever passes", async () => {
  let passed = 0;
  for (let trial = 0; trial < 20; trial++) {
    const data = rarely(trial, () => [1, 1]), ranges = { J_pi_new_PDIS: [1.5, 3] as const };
    const constraints = [{ text: "J_pi_new_PDIS >= 2.01", delta: 0.05 }];
    if ((await safetyTest({ model: often, data, measures, constraints, ranges })).passed) passed++;
  }
  ok(passed <= 3, `${passed} of 20`);
});

test("a reward outside of its range, ranges for other rewards, and an episode above the longest are errors", () => {
  const one = { observations: [0, 0], actions: [0, 1], rewards: [1, -3], probabilities: [0.5, 0.5], alternates: [[0, 5]] };
  throws(
    () => episodes([one], { rewardRange: [-2, 2] }),
    /episode 0, step 1: the reward is -3, outside of \[-2, 2\]; give a rewardRange/,
  );
  throws(
    () => episodes([one], { rewardRange: [[-3, 2], [0, 4]] }),
    /episode 0, step 1: alternate reward 1 is 5, outside of \[0, 4\]/,
  );
  throws(
    () => episodes([one], { rewardRange: [[-3, 2], [0, 5], [0, 1]] }),
    /3 ranges of rewards; wanted one for the rewards and one/,
  );
  throws(() => episodes([one], { rewardRange: [2, -3] }), /rewardRange/);
  throws(() => episodes([one], { longest: 1 }), /episode 0: it has 2 steps, and the longest has 1/);
  equal(episodes([one], { rewardRange: [[-3, 2], [0, 5]], longest: 2 }).size, 1);
});
