import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataStream, nn, safetyTest, split } from "../../../mod.ts";
import {
  episodes,
  episodesInJson,
  episodesInTable,
  measures,
  SoftmaxTable,
  toolkitEpisodes,
  Uniform,
} from "../../../seldonian/policies/mod.ts";
import type { Episode } from "../../../seldonian/policies/mod.ts";

const given: Episode[] = [
  { observations: [0, 2], actions: [1, 0], rewards: [0.5, 1], probabilities: [0.5, 0.25], alternates: [[3, 4]] },
  { observations: [1], actions: [1], rewards: [-1], probabilities: [1], alternates: [[7]] },
];

test("arrays, JSON lines, tables and the toolkit's files are the same data, up to the numbers of episodes", () => {
  const data = episodes(given, { discount: 0.5 }), lines = given.map((one) => JSON.stringify(one)).join("\n");
  const rows = "4,0,1,0.5,0.5,3\n4,2,0,1,0.25,4\n9,1,1,-1,1,7\n";
  const names = ["episode_index", "O", "A", "R", "pi_b", "R_alt_1"],
    metadata = JSON.stringify({ regime: "RL", all_col_names: names });
  const steps = { episode: "episode_index", observations: ["O"], actions: ["A"], reward: "R", probability: "pi_b" };
  const same = [
    episodesInJson(lines, { discount: 0.5 }),
    toolkitEpisodes(rows, metadata, { discount: 0.5 }),
    episodesInTable(csv(rows, { header: names }), { ...steps, alternates: ["R_alt_1"] }, { discount: 0.5 }),
  ];
  deepEqual([...data.labels], [1, -1]);
  for (const one of same) {
    deepEqual(one.labels, data.labels);
    deepEqual(one.rowKeys(), data.rowKeys());
  }
});

test("steps of one episode may stand apart, and columns of episodes serve conditions", () => {
  const table = csv("who,o,a,r,p,kind\n1,0,1,1,0.5,x\n2,0,0,0,0.5,y\n1,1,1,2,0.5,x\n");
  const steps = { episode: "who", observations: ["o"], actions: ["a"], reward: "r", probability: "p", columns: ["kind"] };
  const data = episodesInTable(table, steps);
  deepEqual([...data.labels], [3, 0]);
  deepEqual(data.columns.get("kind"), ["x", "y"]);
  equal(data.place(1), "episode 2");
  throws(
    () => episodesInTable(csv("who,o,a,r,p,kind\n1,0,1,1,0.5,x\n1,1,1,2,0.5,y\n"), steps),
    /"kind" of episodes: it is x in .* and y/,
  );
  const json = given.map((one, i) => JSON.stringify({ ...one, id: `e${i}`, kind: "xy"[i] })).join("\n");
  deepEqual(episodesInJson(json).columns.get("kind"), ["x", "y"]);
});

test("a stream of pieces is tested as the same episodes in memory", async () => {
  const many = Array.from({ length: 90 }, (_, i): Episode => ({ ...given[i % 2], rewards: [i / 90, 0].slice(i % 2), id: i }));
  const data = episodes(many),
    model = nn.initialize(new SoftmaxTable(3, 2), 0),
    constraints = [{ text: "J_PDIS >= -2", delta: 0.1 }];
  async function* pieces() {
    for (let start = 0; start < 90; start += 40) yield episodes(many.slice(start, start + 40));
  }
  const stream = await DataStream.open(pieces);
  const [whole, streamed] = await Promise.all([data, stream].map((data) => safetyTest({ model, data, measures, constraints })));
  deepEqual(streamed, whole);
});

test("a split keeps episodes whole", () => {
  const many = Array.from({ length: 40 }, (_, i): Episode => ({ ...given[i % 2], id: i })),
    { candidate, safety } = split(episodes(many));
  equal(candidate.size + safety.size, 40);
  for (const { rewards, probabilities } of safety.whole().features) equal(rewards[0].length, probabilities.length);
});

const first = given[0];
for (
  const [what, episode, message] of [
    ["a missing probability", { ...first, probabilities: [0.5, NaN] }, /episode 0, step 1: probabilities are NaN/],
    [
      "a probability of 0",
      { ...first, probabilities: [0.5, 0] },
      /episode 0, step 1: the action was taken, and its probability is 0/,
    ],
    ["a probability above 1", { ...first, probabilities: [1.5, 1] }, /step 0: .* is 1.5; wanted one of at most 1; for densities/],
    ["too few probabilities", { ...first, probabilities: [1] }, /episode 0: it has 2 rewards, and probabilities for 1 steps/],
    ["a reward that is no number", { ...first, rewards: [0, Infinity] }, /step 1: rewards are Infinity/],
    ["no steps", { ...first, rewards: [], probabilities: [], actions: [], observations: [] }, /episode 0: it has no steps/],
    ["a misspelt field", { ...first, reward: [1] }, /there is no option "reward"/],
  ] as const
) {
  test(`${what} is an error with its place`, () => {
    throws(() => episodes([episode as Episode]), message);
  });
}

test("episodes of two shapes, and probabilities of another policy than the named one, are errors with their place", () => {
  throws(() => episodes([...given, { ...first, observations: [[0, 1], [1, 1]], id: "late" }]), /episode late: it has 2 numbers/);
  const behaviour = nn.initialize(new Uniform(2), 0),
    fair = given.map((one) => ({ ...one, probabilities: one.actions as number[] }));
  const logged = fair.map(({ actions, ...one }) => ({ ...one, actions, probabilities: [0.5, 0.5].slice(0, actions.length) }));
  equal(episodes(logged, { behaviour }).size, 2);
  throws(
    () => episodes(given, { behaviour }),
    /episode 0, step 1: the logged probability is 0.25, and the behaviour policy's own is 0.5/,
  );
});

test("densities may be above 1, and a baseline must be there for every reward", () => {
  equal(episodes([{ ...first, probabilities: [1.5, 3] }], { densities: true }).size, 1);
  throws(
    () => episodes(given, { baseline: [1] }),
    /there are 1 baselines; wanted one for the rewards and one for each of 1 alternates/,
  );
  equal(episodes(given, { baseline: [1, 2] }).size, 2);
});

test("an observation or an action that a policy does not know is an error", () => {
  const forward = (policy: SoftmaxTable) => nn.initialize(policy, 0).forward(episodes(given).whole().features);
  throws(() => forward(new SoftmaxTable(2, 2)), /look up an observation, 2: wanted whole numbers from 0 to 1/);
  throws(() => forward(new SoftmaxTable(3, [0, 5])), /the action of step 0 of all, 1: the policy has 0, 5/);
});
