import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { broughtHere, DeviceError, grad, openGpu, type Tensor, tensor, type Transfers } from "../../autodiff/mod.ts";
import { nn, train } from "../../mod.ts";
import { created } from "./created.ts";
import { differences } from "./on_device.ts";

// gpu.js' "cpu" mode runs wherever the package is available; a graphics card, or a substitute, is not everywhere.
const script = await openGpu({ mode: "cpu" }).then(
  (gpu) => ({ gpu, skip: false }),
  (error) => ({ gpu: null, skip: (error as Error).message }),
) as typeof card;
const { card } = await import("./card.ts");

for (const [name, { gpu, skip }, samples] of [["kernels as scripts", script, 12], ["kernels on WebGPU", card, 3]] as const) {
  test(`${name}: primitives and their gradients agree with the processor's`, { skip }, async () => {
    deepEqual(await differences(gpu!, samples), []);
  });

  test(`${name}: a training step needs one upload and one small read-back`, { skip }, async () => {
    const seen: Transfers[] = [];
    const result = await train({ ...problem, device: gpu!, onStep: () => seen.push(gpu!.transfers) });
    ok(result.passed, `${result}`);
    for (let i = 1; i < seen.length; i++) {
      equal(seen[i].uploads - seen[i - 1].uploads, 1);
      equal(seen[i].downloads - seen[i - 1].downloads, 1);
      if (gpu === card.gpu) equal(seen[i].submissions - seen[i - 1].submissions, 1);
      // One logit per row.
      equal(seen[i].downloadedBytes - seen[i - 1].downloadedBytes, 4 * 50);
    }
  });

  test(`${name}: training agrees with training on the processor`, { skip }, async () => {
    for (
      const more of [
        { optimizer: { ...problem.optimizer, name: "sgd", momentum: 0.5, gradientClip: 0.2, regularization: 0.01 } },
        { model: layered as typeof problem.model, optimizer: { ...problem.optimizer, thetaRate: 0.02 } },
        { rates: "decided", penalty: (model: typeof problem.model) => model[0].weight.square().sum().mul(0.1) },
      ] as const
    ) {
      const [here, there] = await Promise.all(
        ["cpu", gpu!].map((device) => train({ ...problem, ...more, device: device as "cpu" })),
      );
      equal(here.log.length, there.log.length);
      here.log.slice(0, 20).forEach(({ f, g }, i) => {
        ok(
          Math.abs(f - there.log[i].f) < 1e-3 && Math.abs(g[0] - there.log[i].g[0]) < 1e-3,
          `step ${i}: ${f} and ${there.log[i].f}`,
        );
      });
      equal(here.passed, there.passed);
    }
  });
}

const rows = Array.from({ length: 800 }, (_, i) => [(i % 40) / 20 - 1, ((i * 7) % 40) / 20 - 1]);
const problem = {
  data: { features: rows, labels: rows.map(([x, y]) => x + y > 0 ? 1 : 0) },
  model: new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Sigmoid()) as nn.Sequential & {
    0: nn.Linear;
  },
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.7", delta: 0.05 }],
  optimizer: { thetaRate: 0.05, batchSize: 50, epochs: 5 },
};

const layered: unknown = new nn.Sequential(
  new nn.Linear(2, 6),
  new nn.BatchNorm1d(6),
  new nn.ReLU(),
  new nn.LayerNorm(6),
  new nn.Dropout(0.2),
  new nn.Linear(6, 2),
  new nn.Softmax(),
);

const { gpu, skip } = script;

test("a tensor on a device is read asynchronously, and synchronous reads are errors", { skip }, async () => {
  const x = tensor([[1, 2], [3, 4]]).to(gpu!);
  equal(x.device, "gpu");
  deepEqual(await x.transpose().read(), Float32Array.of(1, 3, 2, 4));
  equal(`${x}`, "Tensor(on the gpu, shape [2, 2], float32)");
  for (const look of [() => x.value, () => x.data, () => x.toArray()]) throws(look, { name: /TypeError|RangeError/ });
  throws(() => x.sum().value, /synchronously: await x\.read\(\) or x\.cpu\(\)/);
  deepEqual((await x.mul(2).cpu()).toArray(), [[2, 4], [6, 8]]);
  deepEqual(await tensor([1, 2, 3]).cast("int32").to(gpu!).read(), Int32Array.of(1, 2, 3));
  throws(() => tensor([1]).withGrad().mul(2).to(gpu!), /move the leaves/);
  deepEqual(await tensor(new Float32Array(0)).to(gpu!).mul(2).read(), new Float32Array(0));
});

test("gradients go through a device and back", { skip }, async () => {
  const x = tensor([1, 2, 3]).to(gpu!).withGrad(), there = x.square();
  const [here] = await broughtHere([there]);
  equal(here.device, "cpu");
  here.mul(tensor([1, 10, 100])).sum().backward();
  deepEqual(await x.grad!.read(), Float32Array.of(2, 40, 600));
  const [slope] = grad((x) => x.square().sum())(tensor([1, 2]).to(gpu!));
  deepEqual(await slope.read(), Float32Array.of(2, 4));
});

test("a failure on a device is reported at the read, with the operation", { skip }, async () => {
  const x = await gpu!.step((there) => Promise.resolve(tensor([1, 2]).to(there)), () => []);
  await rejects(
    x.exp().mul(2).read(),
    (error) => error instanceof DeviceError && /Cannot exp: an input belongs to a step that has ended/.test(error.message),
  );
  throws(
    () => tensor(new Float32Array(5000)).reshape(5000, 1).to(gpu!).mul(tensor(new Float32Array(5000))),
    /the limit is 16777216/,
  );
});

test("tensors made in a step end with it, except for those that are kept", { skip }, async () => {
  let kept: Tensor | undefined, other: Tensor | undefined, apart: Tensor | undefined;
  const x = tensor([1, 2]).to(gpu!);
  await gpu!.step(async (there) => {
    const y = tensor([10, 20]).to(there);
    [kept, other, apart] = [x.mul(y), x.add(y), x.mul(2)];
    await other.read();
  }, () => [kept!]);
  deepEqual(await kept!.read(), Float32Array.of(10, 40));
  await rejects(other!.read(), /a step that has ended/);
  // A tensor that uses nothing from the step does not end with it.
  deepEqual(await apart!.read(), Float32Array.of(2, 4));
  deepEqual(await kept!.mul(x).read(), Float32Array.of(10, 80));
});

test("several trainings can run at once on one device", { skip }, async () => {
  const alone = await train({ ...problem, device: gpu! });
  const [first, second] = await Promise.all([1, 2].map(() => train({ ...problem, device: gpu! })));
  deepEqual([first.log, second.log], [alone.log, alone.log]);
});

test('without a GPU, device "gpu" is an error that says what was found, and "auto" prints one line', async () => {
  const { navigator } = globalThis, lines: string[] = [], { error } = console;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
  console.error = (line: string) => lines.push(line);
  try {
    if (!skip) {
      const none = /Cannot use a GPU: this runtime has no WebGPU, and there is no WebGL 2; device: "cpu" works everywhere/;
      await rejects(train({ ...problem, device: "gpu" }), none);
    }
    ok((await train({ ...problem, device: "auto" })).passed);
    ok(lines.length === 1 && lines[0].startsWith("Training on the CPU: "), lines.join());
    await rejects(train({ ...problem, device: "tpu" as "gpu" }), /Cannot train: device is "tpu"; the nearest is "cpu"/);
    await rejects(openGpu({ mode: "cpu", library: {} }), /what was loaded is not gpu\.js/);
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true, writable: true });
    console.error = error;
  }
});

test(
  "a search without gradients refuses a GPU",
  { skip },
  () =>
    rejects(
      train({ ...problem, optimizer: { name: "bfgs" }, device: gpu! }),
      /Cannot search by "bfgs" on a GPU: wanted "adam" or "sgd"/,
    ),
);

test("memory on a card does not grow with the steps", { skip: card.skip }, async () => {
  const counts: number[] = [];
  const model = layered as typeof problem.model, optimizer = { ...problem.optimizer, thetaRate: 0.01, epochs: 12 };
  await train({
    ...problem,
    model,
    optimizer,
    candidates: 2,
    device: card.gpu!,
    onStep: () => counts.push(created.buffers.size),
  });
  ok(counts[90] <= counts[30], `${counts[30]} buffers after 30 steps, ${counts[90]} after 90`);
});

// This test is last, because it ends the device of all tests.
test("a device that is lost ends training, with the reason and the log", { skip: card.skip }, async () => {
  let steps = 0;
  const onStep = () => {
    if (++steps === 3) created.devices.forEach((device) => device.destroy());
  };
  const result = await train({ ...problem, device: card.gpu!, onStep });
  ok(!result.passed);
  ok(result.log.length >= 3 && result.log.length <= 4, `${result.log.length} steps`);
  ok(/step \d of 40: The gpu failed at/.test(`${result}`), `${result}`);
  ok((await train(problem)).passed);
});
