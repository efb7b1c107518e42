import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, optim, Tensor, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";
import { inTraining } from "../helpers/models.ts";

const network = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 2, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(8, 3),
    new nn.Softmax(),
  );
const images = Tensor.from(Float32Array.from({ length: 32 }, (_, i) => (i % 5) / 5), [2, 1, 4, 4]);

test("namedParameters() gives PyTorch's names in order", () => {
  deepEqual([...nn.namedParameters(network()).keys()], ["0.weight", "0.bias", "4.weight", "4.bias"]);
});

test("initialize() draws PyTorch's uniform distribution, the same bits from the same seed", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (inputs, seed) => {
      const [a, b] = [1, 2].map(() => nn.initialize(new nn.Linear(inputs, 50), seed));
      deepEqual(a.weight.data, b.weight.data);
      const limit = 1 / Math.sqrt(inputs), greatest = Math.max(...a.weight.data.map(Math.abs));
      ok(greatest <= limit && greatest > 0.8 * limit);
    }),
    { seed: 1, numRuns: 30 },
  ));

test("a model without values is an error that says what to call", () => {
  throws(() => network().forward(images), { message: /^Cannot use a parameter without values: call initialize\(model, seed\)/ });
});

test("flatParameters() shares storage with every parameter and gradient", () => {
  const model = nn.initialize(network(), 1), before = model.forward(images).toArray();
  const { theta, gradient } = nn.flatParameters(model);
  equal(theta.length, 2 * 9 + 2 + 24 + 3);
  deepEqual(model.forward(images).toArray(), before);
  nn.logLoss(model.forward(images), tensor([0, 2])).backward();
  ok(gradient.some((slope) => slope !== 0));
  theta.fill(0);
  ok(model.forward(images).data.every((value) => Math.abs(value - 1 / 3) < 1e-6));
});

test("cloneModule() copies values and shares none", () => {
  const model = nn.initialize(network(), 1), twin = nn.cloneModule(model);
  deepEqual(twin.forward(images).toArray(), model.forward(images).toArray());
  nn.flatParameters(twin).theta.fill(0);
  ok((model[4] as nn.Linear).weight.data.some((value) => value !== 0));
});

test("logLoss() is finite where the probabilities underflow", () => {
  const loss = nn.logLoss(new nn.Softmax().forward(tensor([[1000, 0]])), tensor([1]));
  equal(loss.value, 1000);
  const binary = nn.logLoss(new nn.Sigmoid().forward(tensor([[-1000], [0]])), tensor([1, 1]));
  ok(Math.abs(binary.value - (1000 + Math.LN2) / 2) < 1e-12);
});

test("Dropout keeps the mean in training and does nothing else", () => {
  const layer = new nn.Dropout(0.25), x = Tensor.from(new Float32Array(10_000).fill(1));
  equal(layer.forward(x), x);
  throws(() => new nn.Dropout(1), { message: "Cannot drop elements with probability 1: wanted at least 0, below 1" });
});

test("adam() makes steps of the learning rate on a constant gradient, as published", () => {
  const theta = Float32Array.of(1, 1), gradient = new Float32Array(2), optimizer = optim.adam(theta, gradient, { rate: 0.1 });
  for (let i = 0; i < 3; i++) {
    gradient.set([5, -0.01]);
    optimizer.step();
  }
  ok(Math.abs(theta[0] - 0.7) < 1e-6 && Math.abs(theta[1] - 1.3) < 1e-6);
});

test("sgd() adds momentum as torch.optim.SGD", () => {
  const theta = Float32Array.of(1),
    gradient = Float32Array.of(1),
    optimizer = optim.sgd(theta, gradient, { rate: 0.1, momentum: 0.5 });
  optimizer.step();
  equal(gradient[0], 0);
  gradient[0] = 1;
  optimizer.step();
  ok(Math.abs(theta[0] - (1 - 0.1 - 0.15)) < 1e-6);
});

test("LayerNorm gives every row mean 0 and variance 1, then weight and bias, as torch.nn.LayerNorm", () => {
  const layer = nn.initialize(new nn.LayerNorm(4), 0), x = tensor([[1, 2, 3, 4], [0, 0, 0, 8], [5, 5, 5, 5]]);
  const rows = layer.forward(x).toArray() as number[][];
  // torch 2.13: nn.LayerNorm(4)(x)
  const wanted = [[-1.3416355, -0.44721183, 0.44721183, 1.3416355], [-0.57735, -0.57735, -0.57735, 1.73205], [
    0,
    0,
    0,
    0,
  ]];
  rows.forEach((row, i) =>
    row.forEach((value, j) => ok(Math.abs(value - wanted[i][j]) < 1e-6, `${value}, wanted ${wanted[i][j]}`))
  );
  let k = 0;
  layer.weight.fill(() => ++k);
  layer.bias.fill(() => 10);
  ok(Math.abs((layer.forward(x).toArray() as number[][])[0][3] - (10 + 4 * 1.3416355)) < 1e-5);
  deepEqual([...nn.namedParameters(layer).keys()], ["weight", "bias"]);
  const images = nn.initialize(new nn.LayerNorm([2, 2]), 0).forward(tensor([[[[1, 2], [3, 4]]], [[[4, 3], [2, 1]]]]));
  deepEqual(images.shape, [2, 1, 2, 2]);
  ok(Math.abs(images.data[0] + 1.3416355) < 1e-6 && Math.abs(images.data[4] - 1.3416355) < 1e-6);
  throws(() => layer.forward(tensor([[1, 2]])), { message: "Cannot normalise [1, 2] over its last axes: they should be [4]" });
});

test("Embedding looks rows up, passes gradients to them alone, and begins normal", () => {
  const layer = nn.initialize(new nn.Embedding(500, 8), 3), data = layer.weight.data as Float32Array;
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length, square = data.reduce((sum, x) => sum + x * x, 0) / data.length;
  ok(Math.abs(mean) < 0.05 && Math.abs(square - 1) < 0.05, `${mean} ${square}`);
  deepEqual(data, nn.initialize(new nn.Embedding(500, 8), 3).weight.data);
  const found = layer.forward(tensor([[3, 0], [3, 499]]));
  deepEqual(found.shape, [2, 2, 8]);
  deepEqual([...found.data.slice(0, 8)], [...data.slice(24, 32)]);
  found.sum().backward();
  deepEqual([...layer.weight.grad!.data.slice(24, 25), ...layer.weight.grad!.data.slice(8, 9)], [2, 0]);
  throws(() => layer.forward(tensor([500])), { message: "Cannot embed 500: wanted whole numbers from 0 to 499" });
});

/** Whether numbers are those of PyTorch to six digits. */
function closeTo(found: ArrayLike<number>, wanted: readonly number[]): void {
  equal(found.length, wanted.length);
  wanted.forEach((value, i) =>
    ok(Math.abs(found[i] - value) <= 1e-6 * Math.max(1, Math.abs(value)), `${found[i]}, wanted ${value}`)
  );
}

test("BatchNorm1d and BatchNorm2d are those of torch.nn, in training and after it", () => {
  // torch 2.13, of the same numbers.
  const layer = nn.initialize(new nn.BatchNorm1d(2), 0), x = tensor([[1, 2], [3, 6], [5, 4], [9, 0]]);
  deepEqual([...nn.namedParameters(layer).keys()], ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
  layer.weight.fill((i) => [2, 3][i]);
  layer.bias.fill((i) => [0.5, -1][i]);
  closeTo(layer.forward(x, inTraining).data, [
    ...[-1.866430640220642, -2.341639280319214, -0.5141845941543579, 3.0249183177948],
    ...[0.8380614519119263, 0.34163951873779297, 3.542553424835205, -5.024918079376221],
  ]);
  closeTo(layer.running_mean.data, [0.45, 0.3]);
  closeTo(layer.running_var.data, [2.066666603088379, 1.566666603088379]);
  layer.forward(x.add(1), inTraining);
  const after = [
    ...[0.5517320036888123, 1.768779993057251, 2.850933313369751, 10.095937728881836],
    ...[5.150134563446045, 5.932358741760254, 9.748537063598633, -2.394798994064331],
  ];
  closeTo(layer.forward(x).data, after);
  equal(layer.num_batches_tracked.value, 2);
  // A file holds them, a copy has its own, and a frozen layer does not move them.
  const twin = nn.load(new nn.BatchNorm1d(2), nn.save(layer));
  layer.forward(x, inTraining);
  closeTo(twin.forward(x).data, after);
  closeTo(nn.freeze(twin).forward(x, inTraining).data, after);
  equal(twin.num_batches_tracked.value, 2);

  const images = Tensor.from(Float32Array.from({ length: 16 }, (_, i) => i ** 1.5), [2, 2, 2, 2]);
  const planes = nn.initialize(new nn.BatchNorm2d(2), 0);
  closeTo(planes.forward(images, inTraining).data, [
    ...[-1.120543122291565, -1.0498228073120117, -0.920515775680542, -0.7530694007873535],
    ...[-1.2304368019104004, -1.0633100271224976, -0.878512978553772, -0.6775975823402405],
    ...[0.4796757400035858, 0.7889063954353333, 1.1158307790756226, 1.459538459777832],
    ...[0.5336241722106934, 0.8122938871383667, 1.1018985509872437, 1.4020402431488037],
  ]);
  closeTo(planes.running_var.data, [23.750890731811523, 42.285404205322266]);
  throws(() => planes.forward(x), { message: "Cannot normalise [4, 2]: wanted 4 axes, and 2 channels along axis 1" });
  throws(() => layer.forward(tensor([[1, 2]]), inTraining), {
    message: "Cannot normalise [1, 2] in training: it has one value a channel",
  });
});

test("what is frozen has no gradient, and is no part of what is trained", () => {
  const model = nn.initialize(new nn.Sequential(nn.freeze(new nn.Linear(2, 3)), new nn.BatchNorm1d(3), new nn.Linear(3, 1)), 0);
  const { theta, gradient, state } = nn.flatParameters(model);
  equal(theta.length, 3 + 3 + 3 + 1);
  equal(gradient.length, theta.length);
  equal(state.length, theta.length + (6 + 3) + (3 + 3 + 1));
  model.forward(tensor([[1, 2], [3, 5]]), inTraining).square().sum().backward();
  ok(gradient.some((slope) => slope !== 0));
  equal((model[0] as nn.Linear).weight.grad, null);
  const before = state.slice();
  model.forward(tensor([[1, 2], [3, 4]]), inTraining);
  ok(state.some((x, i) => x !== before[i]) && theta.every((x, i) => x === before[i]));
});
