/** Training within the least limits that WebGPU allows an adapter, and beyond those of one that has less memory. */
import { deepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { openGpu, Tensor } from "../../autodiff/mod.ts";
import { nn, train } from "../../mod.ts";

interface Limited {
  createBuffer(options: { size: number }): object;
  createBindGroup(options: { entries: { resource: { size?: number } }[] }): object;
}
type Types = Record<string, { prototype: Record<string, unknown> }>;

const { card: { skip } } = await import("./card.ts");

/** An adapter with these limits, and the most of each that was asked for while `compute` ran. */
async function within(limits: Record<string, number>, compute: () => Promise<void>): Promise<Record<string, number>> {
  const types = globalThis as unknown as Types, most = { buffer: 0, binding: 0, arrays: 0, groups: 0 };
  const device = types.GPUDevice.prototype as unknown as Limited, pass = types.GPUComputePassEncoder.prototype;
  const { createBuffer, createBindGroup } = device, dispatch = pass.dispatchWorkgroups as (...sizes: number[]) => void;
  const limited = [types.GPUAdapter.prototype, types.GPUDevice.prototype];
  const own = limited.map((type) => Object.getOwnPropertyDescriptor(type, "limits")!);
  limited.forEach((type, i) =>
    Object.defineProperty(type, "limits", {
      configurable: true,
      get() {
        const real = own[i].get!.call(this) as Record<string, number>;
        return new Proxy(real, { get: (_, name: string) => limits[name] ?? real[name] });
      },
    })
  );
  device.createBuffer = function (options) {
    most.buffer = Math.max(most.buffer, options.size);
    return createBuffer.call(this, options);
  };
  device.createBindGroup = function (options) {
    most.binding = Math.max(most.binding, ...options.entries.map(({ resource: { size } }) => size ?? 0));
    most.arrays = Math.max(most.arrays, options.entries.length - 1);
    return createBindGroup.call(this, options);
  };
  pass.dispatchWorkgroups = function (...sizes: number[]) {
    most.groups = Math.max(most.groups, ...sizes);
    return dispatch.apply(this, sizes);
  };
  try {
    await compute();
  } finally {
    limited.forEach((type, i) => Object.defineProperty(type, "limits", own[i]));
    Object.assign(device, { createBuffer, createBindGroup });
    pass.dispatchWorkgroups = dispatch;
  }
  return most;
}

const side = 8, count = 400;
const pixels = Float32Array.from({ length: count * side * side }, (_, i) => Math.abs(Math.sin(1.3 * i)));
const problem = (batchSize: number) => ({
  data: { features: Tensor.from(pixels, [count, 1, side, side]), labels: Array.from({ length: count }, (_, i) => i % 3) },
  model: new nn.Sequential(
    ...[new nn.Conv2d(1, 4, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(64, 3)],
    new nn.Softmax(),
  ),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.05", delta: 0.05 }],
  optimizer: { batchSize, epochs: 8, thetaRate: 0.01 },
});

test("training stays within the limits that the adapter tells", { skip }, async () => {
  // WebGPU's least number of arrays, and few bytes.
  const limits = {
    maxStorageBuffersPerShaderStage: 8,
    maxBufferSize: 1 << 20,
    maxStorageBufferBindingSize: 1 << 19,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
  };
  const most = await within(limits, async () => {
    const gpu = await openGpu(), [there, here] = [await train({ ...problem(100), device: gpu }), await train(problem(100))];
    ok(there.log.length > 10 && there.passed === here.passed, `${there}`);
    there.log.forEach(({ f }, i) => ok(Math.abs(f - here.log[i].f) <= 1e-4, `step ${i + 1}: ${f}, not ${here.log[i].f}`));
    // One kernel could add them all.
    const many = Array.from({ length: 20 }, (_, i) => Tensor.from(Float32Array.of(i, 1), [2]).to(gpu)), [first, ...others] = many;
    deepEqual(await others.reduce((sum, x) => sum.add(x), first).read(), Float32Array.of(190, 20));
  });
  ok(most.buffer <= limits.maxBufferSize && most.binding <= limits.maxStorageBufferBindingSize, JSON.stringify(most));
  ok(most.arrays <= limits.maxStorageBuffersPerShaderStage && most.groups <= 65535, JSON.stringify(most));
});

test("a batch whose arrays do not fit is refused with the limit and the cure", { skip }, async () => {
  await within({ maxBufferSize: 1 << 16, maxStorageBufferBindingSize: 1 << 14 }, async () => {
    const gpu = await openGpu();
    await rejects(
      train({ ...problem(200), device: gpu }),
      /^RangeError: Cannot make \d+ elements on the gpu \(\w+\): the limit is 4096; use a smaller batch$/,
    );
  });
});

test("elements beyond 65,535 workgroups along an axis are computed", { skip }, async () => {
  const gpu = await openGpu(), size = 65535 * 128 + 77, x = Tensor.from(new Float32Array(size).fill(1), [size]).to(gpu);
  const last = await x.add(1).slice(0, size - 100).sum().read();
  ok(last[0] === 200, `${last}`);
});
