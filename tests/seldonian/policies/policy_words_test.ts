/** What a run with policies says, how it counts, and that its steps are replayed. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { explain, nn, safetyTest, split, train, type TrainOptions } from "../../../mod.ts";
import {
  Bandit,
  DoublyRobust,
  episodes,
  Gridworld,
  J_pi_new_IS,
  J_pi_new_PDIS,
  J_pi_new_US,
  J_pi_new_WIS,
  maximize,
  measures,
  Mixed,
  type Policy,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { isOfOwnParts } from "../../../seldonian/training/own_parts.ts";
import { problemOf } from "../../../seldonian/problem/problem.ts";
import { Sets } from "../../../seldonian/sets.ts";
import { Given } from "../../helpers/policies.ts";

const behaviour = nn.initialize(new Uniform(4), 0);
const gridworld = (count: number, seed: number) =>
  episodes(runEpisodes({ environment: () => new Gridworld(), policy: behaviour, count, seed }), { discount: 0.9 });
const ranges = { J_pi_new_IS: [-8.1, 0.729] as const };
const stated = {
  measures,
  ranges,
  objective: maximize(J_pi_new_IS),
  constraints: [{ text: "J_pi_new_IS >= -0.25", delta: 0.05 }],
};

test("verdicts are on episodes of a policy, not on rows of a classifier", async () => {
  const model = nn.initialize(new WeightLimited(new SoftmaxTable(9, 4), behaviour, 2), 0), data = gridworld(100, 2);
  const report = await safetyTest({ ...stated, model, data }), words = explain(report);
  match(words, /on 100 episodes of safety data.*proven at every number of episodes.*Judged: the policy as it acts/s);
  match(words, /Bound: bets-on-returns, proven/);
  doesNotMatch(words, /\brows\b|classifier|custom/);
  equal(report.constraints[0].rowsAre, "episodes");
});

test("advice of a longer test knows that a range costs less with more episodes than a deviation does", async () => {
  const model = () => new WeightLimited(new SoftmaxTable(9, 4), behaviour, 2), optimizer = { thetaRate: 0.1, epochs: 10 };
  const data = split(gridworld(240, 3)), found = await train({ ...stated, data, model: model(), optimizer });
  if (found.passed) throw new Error(`${found}`);
  const longer = found.advice.find(({ attempt }) => attempt.startsWith("a test with"));
  const [, times] = /about (\d+\.\d) times as many episodes/.exec(longer?.attempt ?? "") ?? [];
  const { value, upper } = found.constraints[0], byRoot = ((upper - value) / value) ** 2;
  ok(Number(times) > 1 && Number(times) < 0.75 * byRoot, `${times}, ${byRoot}`);
});

test("the kit's policies, measures and objectives are replayed without being asked for, and somebody's are not", async () => {
  const data = gridworld(20, 4), table = () => nn.initialize(new SoftmaxTable(9, 4), 0);
  const own = async (model: Policy, more: Partial<TrainOptions<Policy>> = {}) =>
    isOfOwnParts(model, { problem: await problemOf({ ...stated, ...more }, new Sets({ data, safetyRows: 20 }, {})) });
  const policies: Policy[] = [
    ...[table(), new WeightLimited(table(), behaviour, 2), new Mixed(table(), 0.5, behaviour)],
    new DoublyRobust(table(), new nn.Linear(1, 4)),
    new DoublyRobust(table(), new nn.Linear(1, 4), { room: 1, behaviour }),
    new DoublyRobust(new WeightLimited(table(), behaviour, 2), new nn.Linear(1, 4), { room: 1 }),
  ];
  for (const policy of policies) equal(await own(policy), true);
  for (const policy of policies.slice(-2)) equal(await own(policy, { objective: maximize(J_pi_new_PDIS) }), true);
  for (const leaf of [J_pi_new_PDIS, J_pi_new_WIS]) equal(await own(table(), { objective: maximize(leaf) }), true);
  equal(await own(table(), { constraints: [{ text: "J_IS >= 0.9 * J_b", delta: 0.1 }], ranges: {} }), true);
  class Mine extends SoftmaxTable {}
  equal(await own(new Mine(9, 4)), false);
  equal(await own(new Given([[0.5, 0.5]])), false);
  equal(await own(table(), { objective: maximize(J_pi_new_US) }), false);
  const mine = { ...J_pi_new_IS.measure, name: "Mine", values: J_pi_new_IS.measure.values };
  equal(await own(table(), { measures: [mine], constraints: [{ text: "Mine >= 0", delta: 0.1 }], ranges: {} }), false);
});

test("weighted importance sampling is one ratio of sums over all episodes, however many", async () => {
  const pi = new Given([[0.1, 0.9]]), uniform = nn.initialize(new Uniform(2), 0);
  const log = runEpisodes({ environment: () => new Bandit([[0.2, 0.7]]), policy: uniform, count: 1203, seed: 3 });
  // All of action 1 first, so that pieces differ.
  log.sort((a, b) => Number(b.actions[0]) - Number(a.actions[0]));
  const data = episodes(log),
    { objective } = await safetyTest({
      model: pi,
      data,
      measures,
      objective: maximize(J_pi_new_WIS),
      constraints: [{ text: "J_pi_new_WIS >= 0", delta: 0.1 }],
    });
  const weights = log.map(({ actions }) => Number(actions[0]) === 1 ? 1.8 : 0.2),
    sum = (x: number[]) => x.reduce((a, b) => a + b);
  const wanted = sum(weights.map((w, i) => w * data.labels[i])) / sum(weights);
  ok(Math.abs(objective! + wanted) < 1e-9, `${objective}, ${wanted}`);
  const of = async (count: number) =>
    (await safetyTest({
      model: pi,
      data: episodes(log.slice(0, count)),
      measures,
      objective: maximize(J_pi_new_US),
      constraints: [{ text: "J_pi_new_US >= 0", delta: 0.1 }],
    })).objective!;
  deepEqual([Number.isFinite(await of(100)), Number.isFinite(await of(1203))], [true, true]);
});
