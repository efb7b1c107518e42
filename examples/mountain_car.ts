// A weak car that arrives sooner than one that pushes at random, with 95 % confidence.
//
//   deno run examples/mountain_car.ts [--episodes N] [--limit W] [--epochs N] [--seed N]
// Observations are continuous: a softmax of Fourier features of position and velocity. An action pushes 20 times.
import { parseArgs } from "node:util";
import { nn, train } from "../mod.ts";
import {
  episodes,
  FourierBasis,
  J_pi_new_IS,
  maximize,
  measures,
  MountainCar,
  runEpisodes,
  Softmax,
  Uniform,
  WeightLimited,
} from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: {
    episodes: { type: "string", default: "1000" },
    limit: { type: "string", default: "3" },
    epochs: { type: "string", default: "100" },
    seed: { type: "string", default: "0" },
  },
});

const seed = Number(flags.seed), actions = [-1, 0, 1], behaviour = nn.initialize(new Uniform(actions), 0);
const world = { environment: () => new MountainCar(20), seed };
const basis = new FourierBasis(2, [[-1.2, 0.5], [-0.07, 0.07]]);
const given = runEpisodes({ ...world, policy: behaviour, count: Number(flags.episodes) });

const result = await train({
  data: episodes(given, { behaviour, baseline: -500 }),
  model: new WeightLimited(
    new Softmax(new nn.Sequential(basis, new nn.Linear(basis.size, actions.length)), actions),
    behaviour,
    Number(flags.limit),
  ),
  measures,
  objective: maximize(J_pi_new_IS),
  constraints: [{ text: "J_pi_new_IS >= J_b", delta: 0.05 }],
  ranges: { J_pi_new_IS: [-1000, 0], J_b: [-1000, 0] },
  optimizer: { thetaRate: 0.02, lambdaRate: 0.01, epochs: Number(flags.epochs) },
  seed,
});
console.log(`${result}`);

if (result.passed) {
  const fresh = runEpisodes({ ...world, policy: result.model, count: 1000, seed: seed + 1 });
  const [old, now] = [given, fresh].map((some) => episodes(some).labels.reduce((sum, value) => sum + value) / some.length);
  console.log(
    `\nThe car took ${(-old).toFixed(0)} pushes on average; in ${fresh.length} new episodes it takes ${(-now).toFixed(0)}`,
  );
}
