/** At the very edge: safety tests of a promise that is just broken in the mountain car pass with probability at most delta. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { nn, safetyTest } from "../../../mod.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";
import {
  episodes,
  FourierBasis,
  measures,
  MountainCar,
  type Policy,
  runEpisodes,
  Softmax,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { full } from "../../helpers/runs.ts";

const pushes = [-1, 0, 1],
  behaviour = nn.initialize(new Uniform(pushes), 0),
  basis = new FourierBasis(1, [[-1.2, 0.5], [-0.07, 0.07]]);
const pi = new Softmax(new nn.Sequential(basis, new nn.Linear(basis.size, 3)), pushes);
nn.initialize(pi, 0);
for (const parameter of nn.namedParameters(pi).values()) parameter.fill((i) => uniformOf(4, i) - 0.5);
const run = (policy: Policy, count: number, seed: number) =>
  runEpisodes({ environment: () => new MountainCar(40), policy, count, seed });

test("in the mountain car too", async () => {
  const trials = full ? 400 : 6, n = full ? 60 : 30, delta = 0.1, ranges = { J_pi_new_IS: [-1000, 0] as const };
  const model = new WeightLimited(pi, behaviour, 3), { labels } = episodes(run(model, full ? 20000 : 300, 1));
  const truth = labels.reduce((sum, value) => sum + value) / labels.length;
  const deviation = Math.sqrt(labels.reduce((sum, value) => sum + (value - truth) ** 2, 0) / labels.length);
  // The truth is known up to this much; the promise must be broken.
  const constraints = [{ text: `J_pi_new_IS >= ${truth + 3 * deviation / Math.sqrt(labels.length)}`, delta }];
  let passed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const report = await safetyTest({ model, data: episodes(run(behaviour, n, 100 + trial)), measures, ranges, constraints });
    ok(report.constraints[0].guarantee === "finite-sample");
    if (report.passed) passed++;
  }
  if (full) console.log(`${passed} of ${trials} passed; the return is ${truth}`);
  ok(passed <= trials * delta + 3 * Math.sqrt(trials * delta * (1 - delta)), `${passed} of ${trials}`);
});
