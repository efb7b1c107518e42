// A policy for a small world that is at least as good as the one that acted before, with 95 % confidence.
//
//   deno run examples/gridworld.ts [--episodes N] [--limit W] [--seed N]
// The old policy wandered at random. Its episodes are all that the new one learns from, and all that it is tested on. From more of
// them a greater limit finds a better one: --episodes 1000 --limit 3.
import { parseArgs } from "node:util";
import { nn, split, train } from "../mod.ts";
import {
  DoublyRobust,
  episodes,
  fitValues,
  Gridworld,
  J_pi_new_PDIS,
  maximize,
  measures,
  OneHot,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: {
    episodes: { type: "string", default: "300" },
    limit: { type: "string", default: "1.75" },
    seed: { type: "string", default: "0" },
  },
});

const seed = Number(flags.seed), discount = 0.9, behaviour = nn.initialize(new Uniform(4), 0);
const world = { environment: () => new Gridworld(), seed };
const data = episodes(runEpisodes({ ...world, policy: behaviour, count: Number(flags.episodes) }), { discount, behaviour });
// A proof needs most of the episodes. The others say what to try, and guess what follows each action, so that chance counts less.
const { candidate, safety } = split(data, { safetyFraction: 0.75, seed });
const values = fitValues(candidate, { policy: behaviour, features: new OneHot(9) });
// It goes back to the old policy as an episode's weight nears the limit: that makes bounds proven, and narrow.
const policy = new WeightLimited(new SoftmaxTable(9, 4), behaviour, Number(flags.limit));

const result = await train({
  data: { candidate, safety },
  model: new DoublyRobust(policy, values),
  measures,
  objective: maximize(J_pi_new_PDIS),
  // The old policy's return is about -0.25.
  constraints: [{ text: "J_pi_new_IS >= -0.25", delta: 0.05 }],
  // The worst is to lose 1 at every step from the third on, the best to arrive in four.
  ranges: { J_pi_new_IS: [-(discount ** 2) / (1 - discount), discount ** 3] },
  // Small steps and many: a policy that learns fast spends its weights on chance.
  optimizer: { thetaRate: 0.01, epochs: 300, inflation: 1 },
  seed,
});
console.log(`${result}`);

if (result.passed) {
  const fresh = episodes(runEpisodes({ ...world, policy: result.model, count: 2000, seed: seed + 1 }), { discount });
  const [old, now] = [data, fresh].map(({ labels }) => labels.reduce((sum, value) => sum + value) / labels.length);
  console.log(`\nThe mean return was ${old.toFixed(2)}; in ${fresh.size} new episodes it is ${now.toFixed(2)}`);
}
