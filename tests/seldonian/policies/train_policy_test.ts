import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { nn, split, Tensor, train, type TrainOptions, verify } from "../../../mod.ts";
import {
  type Episode,
  episodes,
  FixedArea,
  Gaussian,
  Gridworld,
  J_pi_new_IS,
  J_pi_new_PDIS,
  J_pi_new_US,
  maximize,
  measures,
  Mixed,
  type Policy,
  runEpisodes,
  seldonianPolicy,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { experiment } from "../../../seldonian/experiments/mod.ts";
import { forecastLower, lower, momentsOf } from "../../../seldonian/bounds/bound.ts";
import { uniformOf } from "../../../seldonian/data/uniform_of.ts";

const behaviour = nn.initialize(new Uniform(4), 0), environment = () => new Gridworld();
const run = (policy: Policy, count: number, seed: number) =>
  episodes(runEpisodes({ environment, policy, count, seed }), { discount: 0.9 });
const data = split(run(behaviour, 600, 11));
const options = {
  data,
  measures,
  objective: maximize(J_pi_new_IS),
  constraints: [{ text: "J_pi_new_IS >= -0.25", delta: 0.05 }],
  ranges: { J_pi_new_IS: [-8.1, 0.729] },
  optimizer: { thetaRate: 0.1, epochs: 20 },
} satisfies Omit<TrainOptions<Policy>, "model">;
const limited = () => new WeightLimited(new SoftmaxTable(9, 4), behaviour, 2);
const result = await train({ ...options, model: limited() });

test("a limited policy on the gridworld keeps a proven promise, is better than the old one, and acts as was promised", () => {
  ok(result.passed, `${result}`);
  const { guarantee, leaves: [{ bound, mean }] } = result.constraints[0];
  deepEqual([guarantee, bound], ["finite-sample", "bets-on-returns"]);
  const fresh = run(result.model, 1500, 12), truth = fresh.labels.reduce((sum, value) => sum + value) / fresh.size;
  ok(truth > -0.15, `${truth}`);
  // The standard error of the estimate is about 0.07.
  ok(Math.abs(truth - mean) < 0.25, `${truth}, estimated ${mean}`);
});

test("its certificate is verified, and no longer after one parameter has changed", async () => {
  ok(result.passed);
  const certificate = JSON.parse(JSON.stringify(await result.certificate())), file = nn.save(result.model);
  const model = nn.load(limited(), file), { valid, differences } = await verify(certificate, model, data.safety, { measures });
  ok(valid, `${differences}`);
  model.policy.weight.fill((i) => i === 5 ? 0.5 : 0);
  equal((await verify(certificate, model, data.safety, { measures })).valid, false);
});

test("the same seed gives the same bits, with replayed steps too", async () => {
  const bits = async (replay: boolean) => {
    const again = await train({ ...options, model: limited(), optimizer: { ...options.optimizer, replay } });
    ok(again.passed);
    return [nn.save(again.model), again.constraints[0].upper];
  };
  ok(result.passed);
  deepEqual(await bits(false), [nn.save(result.model), result.constraints[0].upper]);
  deepEqual(await bits(true), await bits(false));
});

test("the predicted distance of a bound is close to that of the test, whatever the limit of weights", () => {
  for (const most of [2, 4, Infinity]) {
    const table = nn.initialize(new SoftmaxTable(9, 4), 0),
      policy = most === Infinity ? table : new WeightLimited(table, behaviour, most);
    table.weight.fill((i) => i % 4 === 1 || i % 4 === 2 ? 0.4 : -0.2);
    for (const n of [200]) {
      const distances = { predicted: 0, found: 0 };
      for (const seed of [0, 1, 2, 3]) {
        const predictions = policy.forward(run(behaviour, n, seed).whole().features);
        const outcomes = { predictions, labels: predictions, columns: new Map(), arrays: new Map() };
        const { bound, range, values } = J_pi_new_IS.measure.sided!("lower", [-8.1, 0.729], outcomes, []),
          z = values(outcomes, []);
        distances.found += z.mean().value - lower(bound!, Float64Array.from(z.data), { delta: 0.05, range });
        distances.predicted += z.mean().value - forecastLower(bound!, momentsOf(z), { delta: 0.05, range, n }).value;
      }
      const ratio = distances.predicted / distances.found;
      ok(ratio > 0.85 && ratio < 1.2, `most ${most}, n ${n}: predicted ${ratio} times the distance`);
    }
  }
});

test("without a range the toolkit's way is at hand, and approximate; several candidates are tested in turn", async () => {
  const found = await train({
    ...options,
    ranges: {},
    model: new SoftmaxTable(9, 4),
    constraints: [{ text: "J_pi_new_PDIS >= -0.25", delta: 0.05 }],
    objective: maximize(J_pi_new_PDIS),
    candidates: 3,
  });
  ok(found.passed, `${found}`);
  equal(found.constraints[0].guarantee, "approximate");
  ok(found.candidates!.handedOver <= 3 && found.candidates!.tested >= 1);
});

test("a promise that no policy can keep finds no solution", async () => {
  const found = await train({ ...options, model: limited(), constraints: [{ text: "J_pi_new_IS >= 0.7", delta: 0.05 }] });
  equal(found.passed, false);
});

test("the nearer to the old policy an objective keeps, the smaller the weights", async () => {
  const spread = async (divergence: number) => {
    const found = await train({
      ...options,
      ranges: {},
      model: new SoftmaxTable(9, 4),
      objective: maximize(J_pi_new_IS, { divergence }),
    });
    ok(found.passed);
    const { data: outputs, shape: [n, width] } = found.model.forward(data.candidate.whole().features);
    return Array.from({ length: n }, (_, i) => (outputs[i * width] - 1) ** 2).reduce((sum, square) => sum + square) / n;
  };
  const [free, near] = [await spread(0), await spread(2)];
  ok(near < free / 3, `${near}, free ${free}`);
});

test("an experiment draws episodes, trains on them, and judges policies by new ones", async () => {
  const { data: _, ...how } = options,
    results = await experiment({
      population: (size, seed) => run(behaviour, size, seed),
      truth: run(behaviour, 400, 3),
      performance: maximize(J_pi_new_IS),
      measures,
      constraints: options.constraints,
      contenders: { kit: seldonianPolicy({ ...how, model: limited(), environment, discount: 0.9 }) },
      sizes: [500],
      trials: 3,
    });
  for (const { solution, broken, performance, error } of results.trials) {
    equal(error, undefined);
    deepEqual([solution, broken], [true, false]);
    ok(performance! < 0.15 && performance! > -0.5, `${performance}`);
  }
  const figure = await results.plot();
  ok(figure.includes(">number of episodes<") && !figure.includes("number of rows"), figure);
});

test("an experiment is not judged by the old policy's return, which its new episodes do not have", async () => {
  const { data: _, ...how } = options, asked = { sizes: [50], trials: 1, measures, performance: maximize(J_pi_new_IS) };
  for (const text of ["J_pi_new_IS >= J_b", "J_b_Quantile_[0.5] <= 0"]) {
    const constraints = [{ text, delta: 0.05 }], kit = seldonianPolicy({ ...how, model: limited(), environment, discount: 0.9 });
    const truth = run(behaviour, 20, 3), rows = (size: number, seed: number) => run(behaviour, size, seed);
    await rejects(experiment({ ...asked, population: rows, truth, constraints, contenders: { kit } }), {
      message: /^Cannot judge "kit" by J_b\w*: models are judged by episodes of the new policy alone/,
    });
  }
});

test("a Gaussian, alone and mixed, moves to where continuous actions pay", async () => {
  const old = nn.initialize(new Gaussian(new Still(1), 1, 1), 0), aimed = (a: number) => Math.exp(-((a - 0.8) ** 2));
  const seen = Array.from({ length: 800 }, (_, i): Episode => {
    const action = old.act(0, { seed: i }) as number;
    const density = Math.exp(-0.5 * action ** 2) / Math.sqrt(2 * Math.PI);
    return { observations: [0], actions: [action], rewards: [aimed(action)], probabilities: [density] };
  });
  const own = () => new Gaussian(new Still(1), 1, 0.8);
  for (
    const [model, part] of [[own(), (policy: Policy) => policy], [
      new Mixed(own(), 0.7, old),
      (mixed: Policy) => (mixed as Mixed).policy,
    ]] as const
  ) {
    const found = await train<Policy>({
      data: episodes(seen, { densities: true, behaviour: old }),
      model,
      measures,
      objective: maximize(J_pi_new_IS),
      constraints: [{ text: "J_pi_new_IS >= 0.4", delta: 0.05 }],
      ranges: { J_pi_new_IS: [0, 1] },
      optimizer: { thetaRate: 0.05, epochs: 40 },
    });
    ok(found.passed, `${found}`);
    deepEqual([found.constraints[0].guarantee, found.constraints[0].leaves[0].bound], ["finite-sample", "one-sided-star"]);
    const { network } = part(found.model) as Gaussian, [mean] = (network as Still).mean.data;
    ok(mean > 0.4 && mean < 1.2, `${mean}`);
    // A mixture acts by both.
    const acted = Array.from({ length: 400 }, (_, seed) => found.model.act(0, { seed }) as number);
    ok(acted.reduce((sum, a) => sum + aimed(a), 0) / 400 > 0.5);
  }
});

/** A mean that does not depend on the observation. */
class Still implements nn.Module<Tensor> {
  readonly mean: nn.Parameter;
  constructor(size: number) {
    this.mean = new nn.Parameter([1, size], nn.constant(0));
  }
  forward({ shape: [n] }: Tensor): Tensor {
    return this.mean.mul(Tensor.from(new Float32Array(n).fill(1), [n, 1]));
  }
}

test("a box of doses is searched without slopes, by the returns of the episodes in it, in a proven way", async () => {
  // One step: the return is best near (15, 4), the behaviour policy draws from all of [5, 25] x [1, 6].
  const doses = Array.from({ length: 1200 }, (_, i): Episode => {
    const action = [5 + 20 * uniformOf(4, i, 0), 1 + 5 * uniformOf(4, i, 1)];
    const value = Math.exp(-(((action[0] - 15) / 8) ** 2) - ((action[1] - 4) / 2) ** 2);
    return { observations: [0], actions: [action], rewards: [value], probabilities: [0.01] };
  });
  const found = await train({
    data: episodes(doses, { densities: true }),
    model: new FixedArea([[5, 25], [1, 6]], [3, 3]),
    measures,
    objective: maximize(J_pi_new_US),
    constraints: [{ text: "J_pi_new_US >= 0.5", delta: 0.05 }],
    ranges: { J_pi_new_US: [0, 1] },
    optimizer: { name: "cma-es", epochs: 150 },
  });
  ok(found.passed, `${found}`);
  equal(found.constraints[0].guarantee, "finite-sample");
  const [[low, high], [from, to]] = found.model.box;
  ok(low < 15 && high > 15 && from < 4 && to > 4, `${found.model.box}`);
});
