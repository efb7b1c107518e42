/** Tensors that leave a step, and their gradients afterwards. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, type Tensor } from "../../mod.ts";

const { crossEntropy, inStep, maxPool2d, noGrad, tensor } = autodiff;

/** Runs steps that overwrite the memory of earlier ones. */
function overwrite(): void {
  for (let i = 1; i < 20; i++) inStep(() => tensor(new Float32Array(1000 * i).fill(7)).mul(3).sum().value);
}

test("a tensor that leaves a step keeps what its gradient needs", () => {
  const x = tensor([1, 2, 3, 4], [1, 1, 2, 2]).withGrad(), y = inStep(() => maxPool2d(x, 2));
  overwrite();
  y.sum().backward();
  deepEqual(x.grad!.toArray(), [[[[0, 0], [0, 1]]]]);

  const logits = tensor([[1, 2, 0], [0, 1, 3]]).withGrad(), labels = tensor([1, 0]);
  const inside = inStep(() => crossEntropy(logits.mul(2).relu(), labels));
  overwrite();
  inside.backward();
  const found = logits.grad!.data;
  logits.grad = null;
  crossEntropy(logits.mul(2).relu(), labels).backward();
  deepEqual(found, logits.grad!.data);
});

test("a fused network's output keeps its gradient after the step, whether returned alone, in a list or in a record", () => {
  const model = nn.initialize(new nn.Sequential(new nn.Conv2d(1, 16, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2)), 1);
  const images = tensor(Float32Array.from({ length: 4 * 784 }, (_, i) => Math.sin(i * i)), [4, 1, 28, 28]);
  const { gradient } = nn.flatParameters(model);
  model.forward(images).square().sum().backward();
  const wanted = gradient.slice();
  const forms: (() => Tensor)[] = [
    () => inStep(() => model.forward(images)),
    () => inStep(() => [1, model.forward(images)] as const)[1],
    () => inStep(() => ({ y: model.forward(images) })).y,
  ];
  for (const form of forms) {
    gradient.fill(0);
    const y = form();
    overwrite();
    y.square().sum().backward();
    deepEqual(gradient, wanted);
  }
});

test("a log-loss after a step is the same as inside it, and follows the tensor's current numbers", () => {
  const softmax = new nn.Softmax(), sigmoid = new nn.Sigmoid();
  const made = () => [softmax.forward(tensor([[200, 0, 0]]).mul(1)), sigmoid.forward(tensor([50]).mul(1))] as const;
  const [p, q] = inStep(() => noGrad(made));
  overwrite();
  equal(nn.logLoss(p, tensor([1])).value, 200);
  equal(nn.logLoss(q, tensor([0])).value, 50);
  const x = tensor([0, 0]), r = sigmoid.forward(x), s = sigmoid.forward(tensor([0, 0]));
  const assigned = inStep(() => {
    const p = sigmoid.forward(tensor([200, 200]).mul(1));
    p.assign(tensor([0.5, 0.5]));
    return p;
  });
  ok(Math.abs(nn.logLoss(assigned, tensor([0, 0])).value - Math.LN2) < 1e-6);
  equal(nn.logLoss(inStep(() => sigmoid.forward(tensor([50]).mul(2))), tensor([0])).value, 100);
  const w = nn.initialize(new nn.Linear(1, 1, { bias: false }), 1).weight.reshape(1),
    before = sigmoid.forward(w),
    value = before.data[0];
  ok(Math.abs(nn.logLoss(before, tensor([1])).value + Math.log(value)) < 1e-6);
  x.assign(tensor([5, 5]));
  s.slice(0, 0, 2).assign(tensor([0.9, 0.9]));
  ok(Math.abs(nn.logLoss(r, tensor([1, 1])).value - Math.LN2) < 1e-6);
  ok(Math.abs(nn.logLoss(s, tensor([1, 1])).value + Math.log(0.9)) < 1e-6);
});

test("a loss whose gradient was taken leaves its step without its graph, and a second backward() throws", () => {
  const w = tensor([1, 2]).withGrad();
  const loss = inStep(() => {
    const loss = w.mul(3).exp().sum();
    loss.backward();
    return loss;
  });
  ok(Number.isFinite(loss.value));
  throws(() => loss.backward(), { name: "ReferenceError" });
});
