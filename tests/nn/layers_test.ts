import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { mersenne } from "../../deps.ts";
import { nn, Tensor, tensor } from "../../mod.ts";
import { inTraining } from "../helpers/models.ts";

test("logLoss() is finite where the probabilities underflow", () => {
  const loss = nn.logLoss(new nn.Softmax().forward(tensor([[1000, 0]])), tensor([1]));
  equal(loss.value, 1000);
  const binary = nn.logLoss(new nn.Sigmoid().forward(tensor([[-1000], [0]])), tensor([1, 1]));
  ok(Math.abs(binary.value - (1000 + Math.LN2) / 2) < 1e-12);
});

test("Dropout drops a fraction p in training and keeps the mean, is the identity outside, and refuses a probability of 1", () => {
  const layer = new nn.Dropout(0.25), x = Tensor.from(new Float32Array(10_000).fill(1));
  equal(layer.forward(x), x);
  const y = layer.forward(x, { training: true, random: mersenne(7) }), dropped = y.data.filter((value) => value === 0).length;
  // Four standard deviations of a binomial.
  ok(Math.abs(dropped - 2500) < 4 * Math.sqrt(10_000 * 0.25 * 0.75), `${dropped}`);
  deepEqual(new Set(y.data), new Set([0, Math.fround(1 / 0.75)]));
  throws(() => new nn.Dropout(1), { message: "Cannot drop elements with probability 1: wanted at least 0, below 1" });
});

test("LayerNorm scales every row to mean 0 and variance 1, then applies weight and bias, as torch.nn.LayerNorm", () => {
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
  layer.weight!.fill(() => ++k);
  layer.bias!.fill(() => 10);
  ok(Math.abs((layer.forward(x).toArray() as number[][])[0][3] - (10 + 4 * 1.3416355)) < 1e-5);
  deepEqual([...nn.namedParameters(layer).keys()], ["weight", "bias"]);
  const images = nn.initialize(new nn.LayerNorm([2, 2]), 0).forward(tensor([[[[1, 2], [3, 4]]], [[[4, 3], [2, 1]]]]));
  deepEqual(images.shape, [2, 1, 2, 2]);
  ok(Math.abs(images.data[0] + 1.3416355) < 1e-6 && Math.abs(images.data[4] - 1.3416355) < 1e-6);
  throws(() => layer.forward(tensor([[1, 2]])), { message: "Cannot normalise [1, 2] over its last axes: wanted [4]" });
});

test("Embedding looks rows up, passes gradients only to them, and starts with normal values", () => {
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

test("Embedding starts a padding vector at 0 and passes no gradient to it", () => {
  const layer = nn.initialize(new nn.Embedding(4, 2, { paddingIdx: -1 }), 3), plain = nn.initialize(new nn.Embedding(4, 2), 3);
  deepEqual([...layer.weight.data], [...plain.weight.data.slice(0, 6), 0, 0]);
  layer.forward(tensor([[3, 0], [3, 1]])).sum().backward();
  deepEqual(layer.weight.grad!.toArray(), [[1, 1], [1, 1], [0, 0], [0, 0]]);
  throws(() => new nn.Embedding(4, 2, { paddingIdx: 4 }), {
    message: "Cannot make an embedding: paddingIdx is 4; wanted one of 4 indices",
  });
});

/** Checks that numbers agree with PyTorch's to six digits. */
function closeTo(found: ArrayLike<number>, wanted: readonly number[]): void {
  equal(found.length, wanted.length);
  wanted.forEach((value, i) =>
    ok(Math.abs(found[i] - value) <= 1e-6 * Math.max(1, Math.abs(value)), `${found[i]}, wanted ${value}`)
  );
}

test("BatchNorm1d and BatchNorm2d agree with torch.nn, in training and after it", () => {
  // torch 2.13, for the same numbers.
  const layer = nn.initialize(new nn.BatchNorm1d(2), 0), x = tensor([[1, 2], [3, 6], [5, 4], [9, 0]]);
  deepEqual([...nn.namedParameters(layer).keys()], ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
  layer.weight!.fill((i) => [2, 3][i]);
  layer.bias!.fill((i) => [0.5, -1][i]);
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
  // A file holds the statistics, a copy has separate ones, and a frozen layer does not change them.
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
    message: "Cannot normalise [1, 2] in training: it has one value per channel",
  });
});
