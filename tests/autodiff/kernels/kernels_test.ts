import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../../autodiff/ndarray.ts";
import { convolutionsFor, convolutionsOf } from "../../../autodiff/kernels/convolutions_in_use.ts";
import { kernelsFor, wasm } from "../../../autodiff/kernels/in_use.ts";
import { plain } from "../../../autodiff/kernels/plain.ts";
import { plainConvolutions } from "../../../autodiff/kernels/plain_convolutions.ts";
import { gradientsSeparately } from "../../../autodiff/kernels/separately.ts";
import { windowCount } from "../../../autodiff/primitives/convolution.ts";
import { here } from "../../../autodiff/remote_array.ts";
import { Tensor } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { agree, array, convolutions, large, magnitudes, over, seed } from "./convolutions.ts";

const size = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }));

for (const [variant, threads] of [["relaxed", 1], ["simd", 1], ["relaxed", 3], ["simd", 3], ["simd", 0]] as const) {
  // Without threads the memory is not shared.
  const kernels = await wasm(variant, threads > 0), skip = kernels === null && `this runtime has no ${variant} SIMD`;
  kernels?.useThreads(threads);
  const convolving = kernels && convolutionsOf(kernels);
  const name = `${variant === "simd" ? "plain" : "relaxed"} SIMD, ${threads || "no"} ${threads === 1 ? "thread" : "threads"}`;

  test(`${name}: products agree with plain loops, over strides and edge tiles`, { skip }, () =>
    fc.assert(
      fc.property(size, size, fc.oneof(size, fc.integer({ min: 250, max: 270 })), fc.boolean(), seed, (n, m, k, turned, seed) => {
        const x = turned ? here(new Tensor(array([k, n], seed)).transpose().array) : array([n, k], seed),
          y = array([k, m], seed + 1);
        agree("matmul", kernels!.matmul(x, y), plain.matmul(x, y), plain.matmul(magnitudes(x), magnitudes(y)));
      }),
      { seed: 1 },
    ));

  test(
    `${name}: products in blocks agree with plain loops, over strides, edges of tiles, of blocks and of sums`,
    { skip },
    () => {
      const rows = fc.integer({ min: 1, max: 70 }), columns = fc.integer({ min: 128, max: 300 });
      const depth = fc.oneof(fc.integer({ min: 64, max: 130 }), fc.integer({ min: 250, max: 330 }));
      return fc.assert(
        fc.property(rows, columns, depth, fc.boolean(), fc.boolean(), seed, (n, m, k, left, right, seed) => {
          const turn = (rows: number, columns: number, seed: number) =>
            here(new Tensor(array([columns, rows], seed)).transpose().array);
          const x = left ? turn(n, k, seed) : array([n, k], seed), y = right ? turn(k, m, seed + 1) : array([k, m], seed + 1);
          agree("matmul", kernels!.matmul(x, y), plain.matmul(x, y), plain.matmul(magnitudes(x), magnitudes(y)));
          // A row's bits do not depend on other rows, nor on other columns, whichever kernel computes them.
          const few = view(
            Float32Array.from(
              { length: 40 * k },
              (_, i) => y.data[y.offset + Math.floor(i / 40) * y.stride[0] + i % 40 * y.stride[1]],
            ),
            [k, 40],
          );
          const all = kernels!.matmul(x, y), part = kernels!.matmul(x, few);
          for (let i = 0; i < n; i++) deepEqual(part.slice(40 * i, 40 * i + 40), all.slice(m * i, m * i + 40));
        }),
        { seed: 3, numRuns: 40 },
      );
    },
  );

  test(
    `${name}: convolution and both gradients agree with plain loops, over shapes, strides and paddings`,
    { skip },
    () => {
      const property = (of: typeof convolutions) =>
        fc.property(of, ({ images, channels, outputs, rows, columns, filter, stride, padding, seed }) => {
          const window = { stride, padding };
          const [height, width] = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], stride[i], padding[i]));
          const x = array([images, channels, rows, columns], seed), w = array([outputs, channels, ...filter], seed + 1);
          const dy = array([images, outputs, height, width], seed + 2), bias = array([outputs], seed + 3).data;
          const [ax, aw, ady] = [x, w, dy].map(magnitudes), abias = bias.map(Math.abs);
          for (const b of [bias, null]) {
            const size = plainConvolutions.conv2d([ax, aw, b && abias], over(window, ax.shape, aw.shape, dy.shape));
            agree(
              "conv2d",
              convolving!.conv2d([x, w, b], over(window, x.shape, w.shape, dy.shape)),
              plainConvolutions.conv2d([x, w, b], over(window, x.shape, w.shape, dy.shape)),
              size,
            );
          }
          const input = [convolving!, plainConvolutions].map((k) =>
            k.conv2dInputGradient(dy, w, over(window, x.shape, w.shape, dy.shape))
          );
          agree(
            "input gradient",
            input[0],
            input[1],
            plainConvolutions.conv2dInputGradient(ady, aw, over(window, x.shape, aw.shape, ady.shape)),
          );
          const slopes = [convolving!, plainConvolutions].map((k) =>
            k.conv2dFilterGradient(x, dy, over(window, x.shape, w.shape, dy.shape))
          );
          agree(
            "filter gradient",
            slopes[0],
            slopes[1],
            plainConvolutions.conv2dFilterGradient(ax, ady, over(window, ax.shape, w.shape, ady.shape)),
          );
        });
      fc.assert(property(convolutions), { seed: 2 });
      fc.assert(property(large), { seed: 6, numRuns: 15 });
    },
  );

  test(`${name}: max pooling picks as plain loops do, with ties and NaN`, { skip }, () =>
    fc.assert(
      fc.property(convolutions, fc.array(fc.constantFrom(0, 1, -1, NaN, Infinity), { minLength: 1 }), (shape, values) => {
        const { images, channels, rows, columns, filter: kernel, stride } = shape;
        const padding = shape.padding.map((p, i) => Math.min(p, Math.floor(kernel[i] / 2))) as [number, number];
        const counts = [rows, columns].map((length, i) => windowCount(length, kernel[i], stride[i], padding[i]));
        fc.pre(counts.every((count) => count > 0));
        const x = array([images, channels, rows, columns], shape.seed);
        values.forEach((value, i) => x.data[(i * 7919) % x.size] = value);
        for (const relu of [false, true]) {
          const pooling = { kernel, stride, padding, relu, shape: [images, channels, ...counts] };
          const [found, wanted] = [convolving!, plainConvolutions].map((k) => k.maxPool2d(x, pooling));
          deepEqual(found.positions, wanted.positions);
          deepEqual([...found.values], [...wanted.values]);
        }
      }),
      { seed: 3 },
    ));

  test(
    `${name}: a fused convolution and pooling, and its gradients, agree with the two in sequence`,
    { skip },
    () =>
      fc.assert(
        fc.property(convolutions, fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), (shape, kernel) => {
          const { images, channels, outputs, rows, columns, filter, seed } = shape,
            same = fc.sample(fc.boolean(), { seed, numRuns: 1 })[0];
          const window = { stride: same ? [1, 1] as const : shape.stride, padding: shape.padding };
          const [height, width] = [0, 1].map((i) =>
            windowCount([rows, columns][i], filter[i], window.stride[i], window.padding[i])
          );
          const counts = [height, width].map((length, i) => windowCount(length, kernel[i], kernel[i], 0));
          fc.pre(counts.every((count) => count > 0));
          const out = [images, outputs, height, width], pooledShape = [images, outputs, ...counts];
          const x = array([images, channels, rows, columns], seed), w = array([outputs, channels, ...filter], seed + 1);
          const bias = array([outputs], seed + 3).data;
          const pooling = { kernel, stride: kernel, padding: [0, 0] as const, relu: seed % 2 === 0, shape: pooledShape };
          const together = convolving!.conv2dPooled([x, w, bias], over(window, x.shape, w.shape, out), pooling);
          const between = view(convolving!.conv2d([x, w, bias], over(window, x.shape, w.shape, out)), out);
          deepEqual(together, convolving!.maxPool2d(between, pooling));

          const positions = view(together.positions, pooledShape),
            gate = seed % 3 === 0 ? view(together.values, pooledShape) : null;
          const dy = array(pooledShape, seed + 2), pooled = { positions, gate, shape: out, pooling };
          for (let i = 1; i < 8; i++) {
            const wanted = { x: (i & 1) > 0, filter: (i & 2) > 0, bias: (i & 4) > 0 };
            const all = [[x, w, dy], over(window, x.shape, w.shape, out), { ...wanted, pooled }] as const;
            const [found, apart] = [convolving!.conv2dGradients(...all), gradientsSeparately(convolving!, ...all)];
            agree("gradients together", found, apart, apart.map(() => 1 + outputs * filter[0] * filter[1]));
          }
        }),
        { seed: 5 },
      ),
  );

  test(`${name}: empty products are empty, and empty sums are zero`, { skip }, () => {
    ok(kernels!.matmul(array([0, 3], 1), array([3, 2], 1)).length === 0);
    ok(kernels!.matmul(array([2, 0], 1), array([0, 3], 1)).every((z) => z === 0));
  });
}

test("float64 takes plain loops, and without WebAssembly there are no other kernels", async () => {
  ok(kernelsFor("float64") === plain && convolutionsFor("float64") === plainConvolutions);
  const { WebAssembly: there } = globalThis;
  try {
    // deno-lint-ignore no-explicit-any
    (globalThis as any).WebAssembly = undefined;
    ok(await wasm("relaxed") === null && await wasm("simd") === null);
  } finally {
    globalThis.WebAssembly = there;
  }
});
