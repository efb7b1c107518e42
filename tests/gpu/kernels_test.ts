/** The kernels of WebGPU beside the processor's, at the edges of tiles, over strides, paddings and layouts. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../autodiff/mod.ts";
import { openGpu, type Tensor, tensor } from "../../autodiff/mod.ts";
import { conv2dPooled } from "../../autodiff/primitives/conv_pool.ts";
import { fc } from "../deps.ts";
import { errorOf } from "../helpers/tensors.ts";
import { agrees, forAll, numbers } from "./agreement.ts";
import { optim } from "../../mod.ts";
import { asCard, card } from "./card.ts";

const { gpu, skip } = card;

const edge = fc.constantFrom(1, 3, 4, 15, 16, 17, 31, 32, 33, 63, 65, 130);
const layout = fc.constantFrom("rows", "columns", "a part");

/** A matrix in a layout: row-major, transposed, or a part of a larger one. */
function matrix([n, m]: readonly [number, number], layout: string, seed: number): [Tensor, (x: Tensor) => Tensor] {
  if (layout === "rows") return [numbers([n, m], seed), (x) => x];
  if (layout === "columns") return [numbers([m, n], seed), (x) => x.transpose()];
  return [numbers([n + 1, m + 3], seed), (x) => x.slice(0, 1).slice(1, 2, m + 2)];
}

const side = fc.integer({ min: 1, max: 5 }), step = fc.integer({ min: 1, max: 3 }), zeros = fc.integer({ min: 0, max: 2 });
const convolution = fc.record({
  images: fc.constantFrom(1, 2, 3),
  channels: fc.constantFrom(1, 2, 5),
  outputs: fc.constantFrom(1, 4, 7),
  size: fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 5, max: 9 })),
  filter: fc.tuple(side, side),
  stride: fc.tuple(step, step),
  padding: fc.tuple(zeros, zeros),
});

for (const [device, { gpu, skip }, few] of [["as it is", card, 6], ["as a card", asCard, 4]] as const) {
  test(
    `${device}: products agree for every layout, at the edges of tiles`,
    { skip },
    () =>
      forAll(fc.tuple(edge, edge, edge, layout, layout), 2 * few, ([n, k, m, first, second]) => {
        const [x, own] = matrix([n, k], first, 1), [y, other] = matrix([k, m], second, 2);
        return agrees(gpu!, `[${n}, ${k}] (${first}) by [${k}, ${m}] (${second})`, [x, y], ([x, y]) => own(x).matmul(other(y)));
      }),
  );

  test(`${device}: products and convolutions that fill their tiles agree`, { skip }, async () => {
    await agrees(gpu!, "a small product", [numbers([32, 32], 1), numbers([32, 32], 2)], ([x, y]) => x.matmul(y));
    await agrees(gpu!, "a product", [numbers([128, 48], 1), numbers([48, 256], 2)], ([x, y]) => x.matmul(y));
    const inputs = [numbers([4, 16, 8, 8], 1), numbers([16, 16, 1, 1], 2), numbers([16], 3)];
    await agrees(gpu!, "a convolution", inputs, ([x, f, b]) => ad.conv2d(x, f, b));
  });

  test(`${device}: sums of many terms, which are parted, agree`, { skip }, async () => {
    await agrees(gpu!, "a product", [numbers([3, 3000], 1), numbers([3000, 10], 2)], ([x, y]) => x.matmul(y));
    await agrees(gpu!, "a sum", [numbers([5000, 3])], ([x]) => x.square().sum(0));
    await agrees(gpu!, "a sum of all", [numbers([70, 90])], ([x]) => x.square().sum());
    await agrees(gpu!, "a log-sum", [numbers([2, 3000])], ([x]) => ad.logSumExp(x.mul(20), 1));
  });

  test(
    `${device}: convolutions agree for any stride and padding, with gradients of gradients`,
    { skip },
    () =>
      forAll(convolution, few, ({ images, channels, outputs, size, filter, stride, padding }) => {
        const inputs = [
          numbers([images, channels, ...size], 1),
          numbers([outputs, channels, ...filter], 2),
          numbers([outputs], 3),
        ];
        const what =
          `${images} images [${channels}, ${size}], ${outputs} filters of ${filter}, stride ${stride}, padding ${padding}`;
        return agrees(gpu!, what, inputs, ([x, f, b]) => ad.conv2d(x, f, b, { stride, padding }), true);
      }),
  );

  test(`${device}: a convolution, its pooling and its rectifier agree as one`, { skip }, async () => {
    for (const [kernel, pooling] of [[2, {}], [3, { stride: 2, padding: 1 }], [2, { stride: 1 }]] as const) {
      const given = [numbers([5, 3, 9, 8], 1), numbers([6, 3, 3, 3], 2), numbers([6], 3)], [images, filters] = given;
      const apply = ([x, f, b]: Tensor[]) => conv2dPooled([x, f, b], { padding: 1, kernel, pooling, relu: true });
      await agrees(gpu!, `windows of ${kernel}`, given, apply, true);
      // The first layer of a network needs no gradient in the images; a frozen one may need fewer.
      await agrees(gpu!, `windows of ${kernel}, filters and biases`, given.slice(1), (own) => apply([images, ...own]));
      await agrees(gpu!, `windows of ${kernel}, biases`, given.slice(2), (own) => apply([images, filters, ...own]));
    }
  });
}

test("whole numbers are exact, and elements are read from any part of a buffer", { skip }, async () => {
  const x = tensor(Int32Array.of(2 ** 24 + 1, -7, 2 ** 30, 5)).to(gpu!);
  deepEqual(await x.add(2).read(), Int32Array.of(2 ** 24 + 3, -5, 2 ** 30 + 2, 7));
  deepEqual(await x.slice(0, 1, 3).max().read(), Int32Array.of(2 ** 30));
  deepEqual(await tensor([2.7, -2.7]).to(gpu!).cast("int32").read(), Int32Array.of(2, -2));
});

test("a step of Adam is one kernel, which stores no more than is kept", { skip }, async () => {
  const theta = numbers([1000], 1), gradient = numbers([1000], 2), own = theta.to(gpu!), update = optim.adamOf({ lr: 0.1 });
  const flat = [theta, gradient].map(({ data }) => Float32Array.from(data)), here = optim.adam(flat[0], flat[1], { lr: 0.1 });
  let next = own;
  await own.read();
  for (let step = 0; step < 3; step++) {
    const { kernels } = gpu!.transfers;
    // Gradients belong to the step, and so does what is computed from them.
    await gpu!.step((there) => Promise.resolve(next = update.step(next, gradient.to(there))), () => [next, ...update.memory()]);
    flat[1].set(gradient.data);
    here.step();
    const error = errorOf(flat[0], await next.read());
    ok(error <= 1e-5, `step ${step}: off by ${error}`);
    equal(gpu!.transfers.kernels - kernels, 1);
  }
});

test("an array above the adapter's limit is refused, and a lack of memory is told at the read", { skip }, async () => {
  const x = numbers([65536, 1]).to(gpu!), device = methodsOf("GPUDevice"), { popErrorScope } = device;
  throws(() => x.mul(x.transpose()), /Cannot make 4294967296 elements on the gpu \(mul\): the limit is \d+; use a smaller batch/);
  device.popErrorScope = async function () {
    await popErrorScope.call(this);
    return { message: "Not enough memory left." };
  };
  try {
    await rejects(x.mul(2).read(), { name: "DeviceError", message: "The gpu failed at a read: Not enough memory left" });
  } finally {
    device.popErrorScope = popErrorScope;
  }
  deepEqual((await x.mul(2).read()).subarray(0, 1), Float32Array.of(0));
});

type Methods = { prototype: Record<string, (...options: unknown[]) => unknown> };
const methodsOf = (name: string) => (globalThis as unknown as Record<string, Methods>)[name].prototype;

test("a card that gives wrong numbers is refused by name", { skip }, async () => {
  const device = methodsOf("GPUDevice"), { createShaderModule } = device;
  device.createShaderModule = function (options) {
    const { code } = options as { code: string };
    return createShaderModule.call(this, { code: code.replace("fma(", "fma(-") });
  };
  try {
    await rejects(openGpu(), /Cannot use a GPU: .* gives wrong numbers: a product is off by/);
  } finally {
    device.createShaderModule = createShaderModule;
  }
});

test("where a mapping is not there at once, it is awaited", { skip }, async () => {
  const buffer = methodsOf("GPUBuffer"), { mapAsync, getMappedRange } = buffer, pending = new WeakSet();
  let early = 0;
  buffer.mapAsync = function (...options) {
    pending.add(this);
    return (mapAsync.apply(this, options) as Promise<void>).then(() => void pending.delete(this));
  };
  buffer.getMappedRange = function (...options) {
    if (!pending.has(this)) return getMappedRange.apply(this, options);
    early++;
    throw new Error("the buffer is not mapped");
  };
  try {
    const other = await openGpu();
    for (let i = 0; i < 3; i++) deepEqual(await tensor([i, 2]).to(other).mul(2).read(), Float32Array.of(2 * i, 4));
  } finally {
    Object.assign(buffer, { mapAsync, getMappedRange });
  }
  // Only while it was tried at opening.
  ok(early <= 1, `${early} early reads`);
});
