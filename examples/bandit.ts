// A policy that chooses offers by who asks, and is not worse than the old one for anybody, with 95 % confidence.
//
//   deno run examples/bandit.ts [--episodes N] [--seed N]
// Episodes have one step. Each kind of person likes another offer; the reward is 1 for an offer that is taken. The second reward is
// what an offer costs, from 0 to 1.
import { parseArgs } from "node:util";
import { nn, train } from "../mod.ts";
import {
  Bandit,
  episodes,
  J_pi_new_IS,
  maximize,
  measures,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: { episodes: { type: "string", default: "4000" }, seed: { type: "string", default: "0" } },
});

const seed = Number(flags.seed), kinds = ["student", "parent", "pensioner"];
const liked = [[0.3, 0.6, 0.2], [0.4, 0.3, 0.5], [0.2, 0.3, 0.4]], cost = [[0.2, 0.5, 0.6], [0.2, 0.5, 0.6], [0.2, 0.5, 0.6]];
const behaviour = nn.initialize(new Uniform(3), 0), world = { environment: () => new Bandit(liked, cost) };
const given = runEpisodes({ ...world, policy: behaviour, count: Number(flags.episodes), seed });
const kind = given.map(({ observations }) => kinds[Number(observations[0])]);

const result = await train({
  data: episodes(given, { behaviour, columns: { kind }, baseline: [0.4, 0.4] }),
  // No action is more than three times as probable as before, so the limit changes nothing but what is known.
  model: new WeightLimited(new SoftmaxTable(3, 3), behaviour, 3),
  measures,
  objective: maximize(J_pi_new_IS),
  constraints: [
    { text: "(J_pi_new_IS | [kind == k]) >= 0.9 * (J_b | [kind == k])", forEvery: { k: kinds }, delta: 0.05 },
    { text: "J_pi_new_IS_[1] <= 0.5", delta: 0.05 },
  ],
  ranges: { J_pi_new_IS: [0, 1], J_b: [0, 1] },
  optimizer: { thetaRate: 0.05, epochs: 100 },
  seed,
});
console.log(`${result}`);

if (result.passed) {
  const fresh = runEpisodes({ ...world, policy: result.model, count: 6000, seed: seed + 1 });
  for (const [k, name] of kinds.entries()) {
    const some = fresh.filter(({ observations }) => Number(observations[0]) === k);
    const taken = some.reduce((sum, { rewards }) => sum + rewards[0], 0) / some.length;
    console.log(
      `\n${name}: ${taken.toFixed(2)} of new offers are taken, of old ones ${(liked[k].reduce((a, b) => a + b) / 3).toFixed(2)}`,
    );
  }
}
