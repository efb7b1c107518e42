import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, Tensor, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

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

test("namedParameters() returns PyTorch's names in order", () => {
  deepEqual([...nn.namedParameters(network()).keys()], ["0.weight", "0.bias", "4.weight", "4.bias"]);
});

test("initialize() draws from PyTorch's uniform distribution, with the same bits from the same seed", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (inputs, seed) => {
      const [a, b] = [1, 2].map(() => nn.initialize(new nn.Linear(inputs, 50), seed));
      deepEqual(a.weight.data, b.weight.data);
      const limit = 1 / Math.sqrt(inputs), greatest = Math.max(...a.weight.data.map(Math.abs));
      ok(greatest <= limit && greatest > 0.8 * limit);
    }),
    { seed: 1, numRuns: 30 },
  ));

test("the error for a model that was not initialised says what to call", () => {
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
