import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { nn, tensor } from "../../mod.ts";
import { inTraining } from "../helpers/models.ts";

test("batch normalisation uses the batch's statistics unless weight and bias are both frozen", () => {
  const x = tensor([[1, 2], [3, 6], [5, 7]]);
  const means = (freeze: (layer: nn.BatchNorm1d) => void) => {
    const layer = nn.initialize(new nn.BatchNorm1d(2), 0);
    freeze(layer);
    return layer.forward(x, inTraining).mean(0).data.map((z) => Math.abs(z) < 1e-6 ? 0 : 1);
  };
  deepEqual([...means(() => {})], [0, 0]);
  deepEqual([...means((layer) => layer.weight!.requiresGrad = false)], [0, 0]);
  deepEqual([...means((layer) => layer.bias!.requiresGrad = false)], [0, 0]);
  deepEqual([...means((layer) => nn.freeze(layer))], [1, 1]);
});

test("frozen parameters have no gradient and are not trained", () => {
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
