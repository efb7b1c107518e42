import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, Tensor, tensor } from "../../../mod.ts";
import {
  DiscretePolicy,
  episodes,
  FixedArea,
  FourierBasis,
  Gaussian,
  Mixed,
  type Policy,
  Softmax,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { stepsAt } from "../../../seldonian/policies/steps.ts";
import { limitedProduct, runningProduct } from "../../../seldonian/policies/weighing.ts";
import { expected, Given, outcomesOf, twoSteps } from "../../helpers/policies.ts";

const starts = Int32Array.of(0, 3, 4, 8), scale = tensor([1, -2, 3, 1, 2, -1, 1, 4]).cast("float64");

test("the slopes of running products are right, also where a ratio is 0", () => {
  const ratios = Tensor.from(Float64Array.of(0.5, 2, 1.5, 3, 1, 0, 2, 0.25));
  ok(autodiff.checkGradients((rho) => runningProduct(rho, starts).mul(scale).sum(), [ratios]).error < 1e-8);
});

test("limited weights never pass the limit, and their slopes are right on both sides of it", () => {
  const ratios = Tensor.from(Float64Array.of(1.9, 1.8, 0.3, 1.2, 2, 1.5, 0.5, 1.7));
  const greatest = Tensor.from(Float64Array.of(1.9, 2, 1.7, 1.3, 2, 1.9, 1.6, 1.8));
  const { data } = limitedProduct(ratios, greatest, { starts, most: 2.5 });
  ok(data.every((w) => w >= 0 && w <= 2.5) && data.some((w) => w > 2.2), `${data}`);
  const sum = (rho: Tensor, greatest: Tensor) => limitedProduct(rho, greatest, { starts, most: 2.5 }).mul(scale).sum();
  ok(autodiff.checkGradients(sum, [ratios, greatest]).error < 1e-8);
});

const b = [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], behaviour = new Given(b), pi = new Given([[0.2, 0.8], [0.3, 0.7], [0.9, 0.1]]);
const possible = twoSteps(b, [1, 2, 3, 4]);

test("weights have mean 1 under the behaviour policy, with a limit or without, and a limit holds for every episode", () => {
  for (
    const [policy, most] of [[pi, 36], [new Mixed(pi, 0.5), 36], [new WeightLimited(pi, behaviour, 2), 2]] as [Policy, number][]
  ) {
    const { predictions } = outcomesOf(policy, possible.map(({ episode }) => episode));
    const weights = Array.from({ length: 4 }, (_, i) => predictions.data[i * predictions.shape[1]]);
    ok(Math.abs(expected(possible, weights) - 1) < 1e-12, `${weights}`);
    ok(weights.every((w) => w <= most && w >= 0));
  }
});

test("a limit that is not reached changes nothing, and at the limit the behaviour policy acts", () => {
  const given = possible.map(({ episode }) => episode), free = outcomesOf(pi, given).predictions, { shape: [, width] } = free;
  const same = outcomesOf(new WeightLimited(pi, behaviour, 100), given).predictions;
  for (let i = 0; i < 4; i++) ok(Math.abs(free.data[i * width] - same.data[i * width]) < 1e-12);
  const limited = new WeightLimited(pi, behaviour, 2), weights = Float64Array.of(2, 1);
  const { probabilities, actions } = limited.choose(Tensor.from(Float64Array.of(0, 0)), () => 0.95, weights);
  deepEqual([...actions], [1, 1]);
  ok(Math.abs(probabilities[0] - 0.1) < 1e-12 && weights[0] === 2, `${probabilities}`);
  // From weight 1, a = (2 / 1 - 1) / (8 - 1), so the action has 0.9 * (1 - a) + ... of it, and the weight after it is 2.
  ok(Math.abs(probabilities[1] - 0.2) < 1e-12 && Math.abs(weights[1] - 2) < 1e-12, `${probabilities} ${weights}`);
});

test("the probability of a limited policy's step is what it acts with", () => {
  const limited = new WeightLimited(pi, behaviour, 1.5), at = stepsAt(tensor([0]).cast("float64"), tensor([1]).cast("float64"));
  const steps = { ...at, behaviour: Tensor.from(Float64Array.of(0.1)) };
  const { probabilities } = limited.choose(steps.observations, () => 0.99, Float64Array.of(1));
  ok(Math.abs(limited.probability(steps).data[0] - probabilities[0]) < 1e-12);
  throws(
    () => limited.forward(episodes([{ ...possible[0].episode, probabilities: [0.9, 0.4] }]).whole().features),
    /step 1: the logged/,
  );
  throws(() => new WeightLimited(pi, new Uniform(3), 2), /the policy has the actions 0, 1, and the behaviour policy 0, 1, 2/);
  throws(() => new WeightLimited(pi, behaviour, 1), /most is 1; wanted a number above 1/);
});

const draws = 4000;
const policies: [string, Policy, number[]][] = [
  ["a table", nn.initialize(new SoftmaxTable(3, 3), 0), [2]],
  ["a softmax of Fourier features", softmax(), [0.3, 0.1]],
  ["a mixture", new Mixed(new Given([[0.2, 0.8], [0.5, 0.5]]), 0.25, new Given([[0.6, 0.4], [0.5, 0.5]])), [0]],
  ["a limited one", new WeightLimited(pi, behaviour, 2), [0]],
];
for (const [name, policy, observation] of policies) {
  test(`${name} draws actions with the probabilities that it says`, () => {
    const seen = Tensor.from(
      Float64Array.from({ length: draws * observation.length }, (_, i) => observation[i % observation.length]),
      observation.length === 1 ? [draws] : [draws, observation.length],
    );
    const uniform = (i: number, j: number) => (i * (j === 0 ? 0.6180339887 : 0.7548776662)) % 1;
    const { actions, probabilities } = policy.choose(seen, uniform, new Float64Array(draws).fill(1));
    const found = new Map<number, { count: number; p: number }>();
    actions.forEach((action, i) => {
      const one = found.get(action) ?? { count: 0, p: probabilities[i] };
      found.set(action, { ...one, count: one.count + 1 });
    });
    for (const [action, { count, p }] of found) ok(Math.abs(count / draws - p) < 0.02, `${action}: ${count / draws}, said ${p}`);
    ok(Math.abs([...found.values()].reduce((sum, { p }) => sum + p, 0) - 1) < 1e-6);
  });
}

function softmax(): Policy {
  const basis = new FourierBasis(2, [[-1.2, 0.5], [-0.07, 0.07]]);
  return nn.initialize(new Softmax(new nn.Sequential(basis, new nn.Linear(basis.size, 3)), [-1, 0, 1]), 1);
}

test("Fourier features are cosines of every whole combination", () => {
  const found = new FourierBasis(1, [[0, 2], [0, 1]]).forward(tensor([[0.5, 1]])).data;
  [1, Math.cos(Math.PI / 4), Math.cos(Math.PI), Math.cos(Math.PI * 1.25)].forEach((z, i) => ok(Math.abs(found[i] - z) < 1e-6));
});

test("a Gaussian's density is the normal one, and its actions have its mean and deviation", () => {
  const policy = nn.initialize(new Gaussian(new nn.Linear(1, 1), 1, 0.5), 0), at = Tensor.from(new Float64Array(draws).fill(0.4));
  const { actions, probabilities } = policy.choose(at, (i, j) => ((i + 1) * (j === 0 ? 0.6180339887 : 0.7548776662)) % 1);
  const mean = actions.reduce((sum, a) => sum + a) / draws, center = policy.network.forward(tensor([[0.4]])).data[0];
  const deviation = Math.sqrt(actions.reduce((sum, a) => sum + (a - mean) ** 2, 0) / draws);
  ok(Math.abs(mean - center) < 0.02 && Math.abs(deviation - 0.5) < 0.02, `${mean} ${deviation}`);
  const density = Math.exp(-0.5 * ((actions[0] - center) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI));
  ok(Math.abs(probabilities[0] - density) < 1e-6);
});

test("a fixed area has density 1 / area within its box, and 0 outside", () => {
  const policy = nn.initialize(new FixedArea([[0, 4], [10, 20]], [2, 5]), 0);
  deepEqual(policy.box, [[1, 3], [14, 16]]);
  const steps = stepsAt(tensor([0, 0]).cast("float64"), tensor([[2, 15], [2, 17]]).cast("float64"));
  deepEqual([...policy.probability(steps).data], [0.25, 0]);
  const { actions } = policy.choose(tensor([0]).cast("float64"), () => 0.5);
  deepEqual([...actions], [2, 15]);
});

test("a policy acts alike for the same seed, step and observation, and otherwise by its own logits", () => {
  class First extends DiscretePolicy {
    override logits({ shape: [n] }: Tensor): Tensor {
      return Tensor.from(Float64Array.from({ length: 2 * n }, (_, i) => i % 2 === 0 ? 0 : -1000), [n, 2]);
    }
  }
  equal(new First([7, 9]).act(3), 7);
  const policy = nn.initialize(new SoftmaxTable(3, 3), 0),
    acts = (seed: number) => Array.from({ length: 40 }, (_, step) => policy.act(1, { seed, step }));
  deepEqual(acts(5), acts(5));
  ok(`${acts(5)}` !== `${acts(6)}`);
  throws(() => policy.act(1, { sed: 1 } as never), /there is no option "sed"/);
});
