import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../mod.ts";

test("adam() takes steps as long as the learning rate on a constant gradient, as published", () => {
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
