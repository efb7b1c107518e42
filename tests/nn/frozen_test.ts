import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn } from "../../mod.ts";

const { tensor } = autodiff;

test("batch normalisation with only its weight frozen goes on with the batch's statistics, and with both frozen not", () => {
  const x = tensor([[1, 2], [3, 6], [5, 7]]), pass = { training: true } as nn.Pass;
  const means = (freeze: (layer: nn.BatchNorm1d) => void) => {
    const layer = nn.initialize(new nn.BatchNorm1d(2), 0);
    freeze(layer);
    return layer.forward(x, pass).mean(0).data.map((z) => Math.abs(z) < 1e-6 ? 0 : 1);
  };
  deepEqual([...means(() => {})], [0, 0]);
  deepEqual([...means((layer) => layer.weight.requiresGrad = false)], [0, 0]);
  deepEqual([...means((layer) => layer.bias.requiresGrad = false)], [0, 0]);
  deepEqual([...means((layer) => nn.freeze(layer))], [1, 1]);
});
