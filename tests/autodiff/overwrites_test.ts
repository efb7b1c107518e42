import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, optim, type Tensor, tensor } from "../../mod.ts";
import { bareDevice } from "./devices/bare_device.ts";
import { inTraining } from "../helpers/models.ts";

const { grad, primitive } = autodiff;
const leaf = (...numbers: number[]) => tensor(numbers, { requiresGrad: true });
const late = (name: string, shape: string) => ({
  name: "RangeError",
  message:
    `Cannot differentiate ${name}: a tensor of shape ${shape} that it needs was assigned after it was used, and the slope ` +
    "would be that of the new values; assign after backward(), or make a new tensor",
});

test("a leaf that was assigned after it was used is found out at backward()", () => {
  const w = leaf(2), y = w.mul(w);
  w.assign(tensor([5]));
  throws(() => y.backward(), late("mul", "[1]"));
});

test("so is what a view, a constant, a result or an input on a device had", () => {
  const matrix = tensor([[1, 2], [3, 4]], { requiresGrad: true }), x = tensor([[1, 1]]);
  const product = x.matmul(matrix.transpose()).sum();
  matrix.assign(tensor([[5, 6], [7, 8]]));
  const input = tensor([[1, 1]]).withGrad();
  throws(() => input.matmul(matrix.transpose()).mul(product).sum().backward(), late("matmul", "[2, 2]"));

  const factor = tensor([3]), scaled = leaf(2).mul(factor);
  factor.detach().assign(tensor([4]));
  throws(() => scaled.backward(), late("mul", "[1]"));

  const power = leaf(1).exp();
  power.detach().assign(tensor([0]));
  throws(() => power.backward(), late("exp", "[1]"));

  const there = tensor([2]).to(bareDevice()).withGrad(), square = there.mul(there);
  there.assign(tensor([5]));
  throws(() => square.backward(), late("mul", "[1]"));
});

test("an optimiser's step between forward and backward is found out", () => {
  const model = nn.initialize(new nn.Sequential(new nn.Linear(1, 1), new nn.Linear(1, 1)), 0), x = tensor([[1]]);
  const { theta, gradient } = nn.flatParameters(model), loss = () => model.forward(x).square().sum();
  for (const optimizer of [optim.adam(theta, gradient), optim.sgd(theta, gradient)]) {
    const early = loss();
    early.backward();
    optimizer.step();
    throws(() => early.backward(), /assigned after it was used/);
    loss().backward();
  }
});

test("a slope that does not need the assigned values is computed, and so is every later one", () => {
  const w = leaf(2, 3), sum = w.add(1).reshape(2, 1).sum();
  w.assign(tensor([5, 6]));
  sum.backward();
  deepEqual(w.grad!.toArray(), [1, 1]);
  deepEqual(grad((w: Tensor) => w.square().sum())(w)[0].toArray(), [10, 12]);
  w.square().sum().backward();
  deepEqual(w.grad!.toArray(), [11, 13]);
});

test("one part of flat parameters may change while another is in use", () => {
  const model = nn.initialize(new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2), new nn.Linear(2, 1)), 0);
  nn.flatParameters(model);
  const loss = model.forward(tensor([[1, 2], [3, 5], [4, 4]]), inTraining).square().sum();
  // In training, normalisation writes its running statistics beside the weights.
  loss.backward();
  equal((model[0] as nn.Linear).weight.grad!.data.every(Number.isFinite), true);
});

test("a primitive whose forward has another shape than it declares is an error, as is one that returns no array", () => {
  const declare = (forward: () => unknown) =>
    primitive({ name: "odd", shape: ([x]) => x, forward: forward as never, gradient: null });
  throws(() => declare(() => tensor([1, 2]).array)([tensor([1, 2, 3])]), {
    name: "RangeError",
    message: "Cannot use odd: forward returned shape [2], and shape() [3]",
  });
  for (const [value, shown] of [[undefined, "undefined"], [[1, 2], "a list"]] as const) {
    throws(() => declare(() => value)([tensor([1, 2])]), {
      name: "TypeError",
      message: `Cannot use odd: forward returned ${shown}; wanted an array, as in tensor.array`,
    });
  }
});
