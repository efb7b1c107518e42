import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { stepMemory, wasm } from "../../autodiff/kernels/in_use.ts";
import { here } from "../../autodiff/remote_array.ts";
import { autodiff, nn, Tensor } from "../../mod.ts";

const { inStep } = autodiff;

/** Images so large that a step takes their arrays from its memory. */
function images(seed: number): Tensor {
  return Tensor.from(Float32Array.from({ length: 8 * 20 * 20 }, (_, i) => Math.sin(seed + i)), [8, 1, 20, 20]);
}

function network(): nn.Sequential {
  return nn.initialize(
    new nn.Sequential(
      new nn.Conv2d(1, 8, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(8, 12, 3),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(12 * 8 * 8, 10),
      new nn.Softmax(),
    ),
    0,
  );
}

test("a step computes the same as outside it", () => {
  const model = network(),
    { gradient } = nn.flatParameters(model),
    labels = Tensor.from(Float64Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const compute = (seed: number) => {
    gradient.fill(0);
    const loss = nn.logLoss(model.forward(images(seed)), labels);
    loss.backward();
    return loss.value;
  };
  for (const seed of [1, 2, 3]) {
    const outside = compute(seed), slopes = gradient.slice();
    equal(inStep(() => compute(seed)), outside);
    deepEqual(gradient, slopes);
  }
});

test("tensors that a step returns or keeps are copied out, and reading others is an error", () => {
  const x = images(0).reshape(8, 400), kept: Tensor[] = [];
  let lost: Tensor | undefined, copy: Tensor | undefined, data: ArrayLike<number> | undefined;
  const wanted = x.mul(2).data.slice();
  const returned = inStep(() => {
    lost = x.mul(2);
    copy = lost.clone();
    data = lost.data;
    kept.push(lost.add(0));
    return lost.mul(1);
  }, () => kept);
  inStep(() => x.mul(3).mul(5).sum().value);
  for (const tensor of [returned, copy!, ...kept]) deepEqual(tensor.data, wanted);
  deepEqual([...data as Float32Array], [...wanted]);
  throws(() => lost!.data, /training step that has ended.*x\.clone\(\)/s);
  throws(() => lost!.add(1), ReferenceError);
});

test("a step that returns a promise is an error, and ends", () => {
  throws(() => inStep(() => Promise.resolve(1)), { name: "TypeError", message: /asynchronous function in inStep\(\)/ });
  equal(inStep(() => images(0).sum().value), images(0).sum().value);
});

test("a step that throws ends, and an inner step is part of the outer one", () => {
  throws(() => inStep(() => images(1).matmul(images(2).slice(2, 1))), RangeError);
  const x = images(0).reshape(8, 400);
  equal(inStep(() => inStep(() => x.mul(2)).sum().value), x.mul(2).sum().value);
});

test("a step that needs more than its memory continues in the runtime's", async () => {
  const kernels = await wasm("simd", true, 100_000);
  if (kernels === null) return;
  const { memory } = kernels;
  const [x, y] = [images(1).reshape(40, 80), images(2).reshape(80, 40)].map(({ array }) => here(array));
  const wanted = kernels.matmul(x, y);
  const end = memory.beginStep()!;
  const products = Array.from({ length: 30 }, () => kernels.matmul(x, y));
  const arrays = Array.from({ length: 30 }, () => memory.allocate("float64", 5000));
  for (const product of products) deepEqual(product, wanted);
  deepEqual(new Set(products.map((product) => memory.holds(product))), new Set([true, false]));
  equal(arrays.at(-1), null);
  const { bytes } = memory;
  end();
  ok(bytes <= 2 * 2 ** 20, `${bytes} bytes`);
});

test("steps reuse the same memory", () => {
  const model = network(),
    { gradient } = nn.flatParameters(model),
    labels = Tensor.from(Float64Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const step = () =>
    inStep(() => {
      gradient.fill(0);
      nn.logLoss(model.forward(images(1)), labels).backward();
    });
  step();
  const memory = stepMemory();
  if (memory === null) return;
  const before = memory.bytes;
  for (let i = 0; i < 50; i++) step();
  equal(memory.bytes, before);
  ok(before > 0);
});

test("the gradient of a leaf outlives the step that created it", () => {
  const x = autodiff.tensor([1, 2], undefined, { requiresGrad: true });
  for (let i = 0; i < 3; i++) inStep(() => x.square().sum().backward());
  deepEqual(x.grad!.toArray(), [6, 12]);
});
