import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Convolution, Window2d } from "../../autodiff/mod.ts";
import type { TypedArray } from "../../autodiff/dtype.ts";
import { type NdArray, view } from "../../autodiff/ndarray.ts";
import type { Shape } from "../../autodiff/shape.ts";
import { kernelsFor, wasm } from "../../autodiff/kernels/in_use.ts";
import { plain } from "../../autodiff/kernels/plain.ts";
import { gradientsSeparately } from "../../autodiff/kernels/separately.ts";
import { sparsePays } from "../../autodiff/kernels/sparse.ts";
import { FourierProducts } from "../../autodiff/kernels/fourier.ts";
import { windowCount } from "../../autodiff/primitives/convolution.ts";
import { here } from "../../autodiff/remote_array.ts";
import { Tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

/** Numbers in [-1, 1) that depend on the seed alone. */
function array(shape: number[], seed: number): NdArray {
  let state = seed;
  return view(
    Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state / 2 ** 31;
    }),
    shape,
  );
}

/**
 * Float32 sums against sums in float64, relative to the greatest Σ |x| |w|: what a rounding error of the operands would
 * amount to, for a fast algorithm that mixes neighbouring outputs as for a direct one.
 */
function agree(name: string, found: TypedArray, wanted: TypedArray, magnitudes: TypedArray): void {
  ok(found.length === wanted.length, `${name}: ${found.length} numbers, wanted ${wanted.length}`);
  let worst = 0, scale = 0;
  for (let i = 0; i < found.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - wanted[i]));
    scale = Math.max(scale, magnitudes[i]);
  }
  ok(worst <= 1e-6 * scale, `${name} is off by ${worst}, where the greatest sum of magnitudes is ${scale}`);
}

/** A convolution by its window and its three shapes. */
function over(window: Window2d, image: Shape, filter: Shape, output: Shape): Convolution {
  return { ...window, image, filter, output };
}

function magnitudes(x: NdArray): NdArray {
  return view(x.data.map(Math.abs), x.shape, x.stride, x.offset);
}

const seed = fc.integer({ min: 1, max: 1e9 });
const size = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }));
const convolutions = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 5 }),
  outputs: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 20 }),
  columns: fc.integer({ min: 1, max: 36 }),
  filter: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
  seed,
}).filter(({ rows, columns, filter, padding }) => rows + 2 * padding[0] >= filter[0] && columns + 2 * padding[1] >= filter[1]);

/** Large enough for transforms. */
const large = fc.record({
  images: fc.integer({ min: 1, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 5, max: 12 }),
  rows: fc.integer({ min: 11, max: 38 }),
  columns: fc.integer({ min: 11, max: 38 }),
  filter: fc.tuple(fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 })),
  stride: fc.constant<[number, number]>([1, 1]),
  padding: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })),
  seed,
});

for (const [variant, threads] of [["relaxed", 1], ["simd", 1], ["relaxed", 3], ["simd", 3], ["simd", 0]] as const) {
  // No threads: memory that is not shared.
  const kernels = await wasm(variant, threads > 0), skip = kernels === null && `this runtime has no ${variant} SIMD`;
  kernels?.useThreads(threads);
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
    `${name}: convolution and both gradients agree with plain loops, over shapes, stride and padding`,
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
            const size = plain.conv2d([ax, aw, b && abias], over(window, ax.shape, aw.shape, dy.shape));
            agree(
              "conv2d",
              kernels!.conv2d([x, w, b], over(window, x.shape, w.shape, dy.shape)),
              plain.conv2d([x, w, b], over(window, x.shape, w.shape, dy.shape)),
              size,
            );
          }
          const input = [kernels!, plain].map((k) => k.conv2dInputGradient(dy, w, over(window, x.shape, w.shape, dy.shape)));
          agree(
            "input gradient",
            input[0],
            input[1],
            plain.conv2dInputGradient(ady, aw, over(window, x.shape, aw.shape, ady.shape)),
          );
          const slopes = [kernels!, plain].map((k) => k.conv2dFilterGradient(x, dy, over(window, x.shape, w.shape, dy.shape)));
          agree(
            "filter gradient",
            slopes[0],
            slopes[1],
            plain.conv2dFilterGradient(ax, ady, over(window, ax.shape, w.shape, ady.shape)),
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
          const [found, wanted] = [kernels!, plain].map((k) => k.maxPool2d(x, pooling));
          deepEqual(found.positions, wanted.positions);
          deepEqual([...found.values], [...wanted.values]);
        }
      }),
      { seed: 3 },
    ));

  test(
    `${name}: a convolution and its pooling, and their gradients, as one are what they are one after the other`,
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
          const together = kernels!.conv2dPooled([x, w, bias], over(window, x.shape, w.shape, out), pooling);
          const between = view(kernels!.conv2d([x, w, bias], over(window, x.shape, w.shape, out)), out);
          deepEqual(together, kernels!.maxPool2d(between, pooling));

          const positions = view(together.positions, pooledShape),
            gate = seed % 3 === 0 ? view(together.values, pooledShape) : null;
          const dy = array(pooledShape, seed + 2), pooled = { positions, gate, shape: out, pooling };
          for (let i = 1; i < 8; i++) {
            const wanted = { x: (i & 1) > 0, filter: (i & 2) > 0, bias: (i & 4) > 0 };
            const all = [[x, w, dy], over(window, x.shape, w.shape, out), { ...wanted, pooled }] as const;
            const [found, apart] = [kernels!.conv2dGradients(...all), gradientsSeparately(kernels!, ...all)];
            agree("gradients together", found, apart, apart.map(() => 1 + outputs * filter[0] * filter[1]));
          }
        }),
        { seed: 5 },
      ),
  );

  test(`${name}: empty products are empty, and empty sums zero`, { skip }, () => {
    ok(kernels!.matmul(array([0, 3], 1), array([3, 2], 1)).length === 0);
    ok(kernels!.matmul(array([2, 0], 1), array([0, 3], 1)).every((z) => z === 0));
  });
}

test("convolutions are the same bits for every number of threads", async () => {
  const shapes = fc.sample(convolutions, { seed: 4, numRuns: 30 });
  const results = await Promise.all([0, 1, 2, 5].map(async (threads) => {
    const kernels = (await wasm("simd", threads > 0))!;
    kernels.useThreads(threads);
    return shapes.map(({ images, channels, outputs, rows, columns, filter, stride, padding, seed }) => {
      const window = { stride, padding };
      const [height, width] = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], stride[i], padding[i]));
      const x = array([9 * images, channels, rows, columns], seed), w = array([outputs, channels, ...filter], seed + 1);
      const dy = array([9 * images, outputs, height, width], seed + 2);
      return [
        kernels.conv2d([x, w, null], over(window, x.shape, w.shape, dy.shape)),
        kernels.conv2dInputGradient(dy, w, over(window, x.shape, w.shape, dy.shape)),
        kernels.conv2dFilterGradient(x, dy, over(window, x.shape, w.shape, dy.shape)),
      ];
    });
  }));
  for (const result of results) deepEqual(result, results[0]);
});

const transformed = fc.sample(large, { seed: 6, numRuns: 30 }).filter(({ channels, outputs, rows, columns, filter, padding }) => {
  const counts = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], 1, padding[i]));
  return FourierProducts.pays(
    over({ stride: [1, 1], padding }, [1, channels, rows, columns], [outputs, channels, ...filter], [1, outputs, ...counts]),
  );
});

test("the shapes of these tests take transforms and direct sums", () => {
  ok(transformed.length >= 15, `${transformed.length} of 30 large ones take transforms`);
  const small = fc.sample(convolutions, { seed: 2, numRuns: 100 }).filter((shape) => {
    const { channels, outputs, rows, columns, filter, stride, padding } = shape, window = { stride, padding };
    const counts = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], stride[i], padding[i]));
    return FourierProducts.pays(
      over(window, [1, channels, rows, columns], [outputs, channels, ...filter], [1, outputs, ...counts]),
    );
  });
  ok(small.length <= 50, `${small.length} of 100 small ones take transforms`);
});

/** Images, filters and biases of a shape, with the outputs' shape and a pooling of them. */
function problem({ channels, outputs, rows, columns, filter, padding, seed }: (typeof transformed)[number], images: number) {
  const counts = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], 1, padding[i])), two = [2, 2] as const;
  const pooling = { kernel: two, stride: two, padding: [0, 0] as const, relu: true };
  return {
    x: array([images, channels, rows, columns], seed),
    w: array([outputs, channels, ...filter], seed + 1),
    bias: array([outputs], seed + 2).data,
    window: { stride: [1, 1] as const, padding },
    shapeOf: (images: number) => [images, outputs, ...counts],
    poolingOf: (images: number) => ({ ...pooling, shape: [images, outputs, ...counts.map((n) => Math.floor(n / 2))] }),
  };
}

/** The same numbers; a NaN may be another one. */
function same(found: TypedArray, wanted: TypedArray): void {
  deepEqual(Array.from(found), Array.from(wanted));
}

/** Numbers that a transform may not have beside others. */
const wild = [Infinity, NaN, 1e6, -3e37, -Infinity];

test("the outputs of an image are the same bits whatever else is in its batch, wild numbers among it", async () => {
  const kernels = (await wasm("simd", true))!, images = 9;
  for (const shape of transformed.slice(0, 8)) {
    const { x, w, bias, window, shapeOf, poolingOf } = problem(shape, images), size = x.size / images;
    wild.forEach((value, i) => x.data[(i + 2) * size + 7] = value);
    const together = kernels.conv2d([x, w, bias], over(window, x.shape, w.shape, shapeOf(images)));
    const pooled = kernels.conv2dPooled([x, w, bias], over(window, x.shape, w.shape, shapeOf(images)), poolingOf(images));
    for (let image = 0; image < images; image++) {
      const one = view(x.data.slice(image * size, (image + 1) * size), [1, ...x.shape.slice(1)]);
      const found = kernels.conv2d([one, w, bias], over(window, one.shape, w.shape, shapeOf(1)));
      same(found, together.subarray(image * found.length, (image + 1) * found.length));
      const alone = kernels.conv2dPooled([one, w, bias], over(window, one.shape, w.shape, shapeOf(1)), poolingOf(1)),
        { length } = alone.values;
      same(alone.values, pooled.values.subarray(image * length, (image + 1) * length));
      deepEqual(
        alone.positions.map((at) => at + image * found.length),
        pooled.positions.subarray(image * length, (image + 1) * length),
      );
    }
  }
});

test("a number far above the others reaches the outputs that see it, and no other", async () => {
  const kernels = (await wasm("simd", true))!;
  for (const shape of transformed.slice(0, 8)) {
    for (const value of wild) {
      const { x, w, bias, window, shapeOf } = problem(shape, 5), { channels, rows, columns } = shape;
      x.data[((3 * channels + channels - 1) * rows + 5) * columns + 6] = value;
      const found = kernels.conv2d([x, w, bias], over(window, x.shape, w.shape, shapeOf(5))),
        wanted = plain.conv2d([x, w, bias], over(window, x.shape, w.shape, shapeOf(5)));
      const size = plain.conv2d(
        [magnitudes(x), magnitudes(w), bias.map(Math.abs)],
        over(window, magnitudes(x).shape, magnitudes(w).shape, shapeOf(5)),
      );
      found.forEach((z, i) => {
        if (Number.isFinite(wanted[i])) {
          ok(Math.abs(z - wanted[i]) <= 1e-6 * (size[i] + 10), `${value}: ${z} at ${i}, wanted ${wanted[i]}`);
        } else ok(Object.is(z, wanted[i]), `${value}: ${z} at ${i}, wanted ${wanted[i]}`);
      });
      const dy = array(shapeOf(5), shape.seed + 3), all = { x: true, filter: true, bias: true };
      const given = [[x, w, dy], over(window, x.shape, w.shape, dy.shape), all] as const;
      const gradients = [kernels.conv2dGradients(...given), gradientsSeparately(plain, ...given)];
      gradients[0].forEach((z, i) =>
        ok(Number.isFinite(z) === Number.isFinite(gradients[1][i]), `${value}: gradient ${z} at ${i}`)
      );
    }
  }
});

test("outputs that see only zeros are the bias, to the bit, so that rectifiers and poolings see what direct sums show them", async () => {
  const kernels = (await wasm("simd", true))!;
  for (const shape of transformed.slice(0, 12)) {
    const { x, w, bias, window, shapeOf, poolingOf } = problem(shape, 6), { channels, rows, columns } = shape;
    // A different rectangle of each image is left.
    for (let i = 0; i < x.size; i++) {
      const image = Math.floor(i / (channels * rows * columns)), row = Math.floor(i / columns) % rows, column = i % columns;
      if (row < image || row > image + 5 || column < 3 || column > 5 + image) x.data[i] = 0;
    }
    for (const b of [bias, new Float32Array(bias.length)]) {
      const found = kernels.conv2d([x, w, b], over(window, x.shape, w.shape, shapeOf(6))),
        wanted = plain.conv2d([x, w, b], over(window, x.shape, w.shape, shapeOf(6)));
      const sees = plain.conv2d(
        [magnitudes(x), magnitudes(w), null],
        over(window, magnitudes(x).shape, magnitudes(w).shape, shapeOf(6)),
      );
      ok(sees.some((z) => z === 0) && sees.some((z) => z > 0));
      sees.forEach((z, i) => z === 0 && ok(Object.is(found[i], wanted[i]), `${found[i]} at ${i}, wanted ${wanted[i]}`));
      const pooled = kernels.conv2dPooled([x, w, b], over(window, x.shape, w.shape, shapeOf(6)), poolingOf(6));
      const apart = kernels.maxPool2d(view(found, shapeOf(6)), poolingOf(6));
      deepEqual(pooled.positions, apart.positions);
    }
  }
});

test("outputs that see only the dark part of an image keep their digits, however dark it is and large", async () => {
  const kernels = (await wasm("simd", true))!;
  for (const shape of transformed.slice(0, 6)) {
    for (const [part, scale] of [[0.3, 2 ** -9], [0.3, 2 ** -20], [0.6, 2 ** -14], [0.8, 1e-30], [0.9, 2 ** -7]]) {
      const { x, w, bias, window, shapeOf } = problem(shape, 3), { channels, rows, columns } = shape;
      const none = new Float32Array(bias.length), per = channels * rows * columns;
      for (let i = 0; i < per; i++) if (Math.floor(i / columns) % rows < part * rows) x.data[i] *= scale;
      const found = kernels.conv2d([x, w, none], over(window, x.shape, w.shape, shapeOf(3))),
        wanted = plain.conv2d([x, w, none], over(window, x.shape, w.shape, shapeOf(3)));
      // Weights are below 1.
      const sees = plain.conv2d(
        [magnitudes(x), view(w.data.map(() => 1), w.shape), null],
        over(window, magnitudes(x).shape, view(w.data.map(() => 1), w.shape).shape, shapeOf(3)),
      );
      found.forEach((z, i) => ok(Math.abs(z - wanted[i]) <= 1e-3 * sees[i], `${scale}: ${z} at ${i}, wanted ${wanted[i]}`));
    }
  }
});

test("no images have gradients of 0, and many channels, wide images and large ones the right ones", async () => {
  const kernels = (await wasm("simd", true))!, all = { x: true, filter: true, bias: true }, one = [1, 1] as const;
  const none = { images: 0, channels: 8, outputs: 16, rows: 32, columns: 32, taps: 5 };
  const cases = [
    none,
    { ...none, images: 5, channels: 64, outputs: 60, rows: 14, columns: 13, taps: 3 },
    { ...none, images: 1, channels: 2, outputs: 6, rows: 12, columns: 3000, taps: 5 },
    { ...none, images: 2, channels: 3, outputs: 4, rows: 15, columns: 15, taps: 11 },
  ];
  for (const { images, channels, outputs, rows, columns, taps } of cases) {
    const x = array([images, channels, rows, columns], 1), w = array([outputs, channels, taps, taps], 2);
    const padding = [Math.floor(taps / 2), Math.floor(taps / 2)] as const, window = { stride: one, padding };
    const dy = array([images, outputs, rows, columns], 3), bias = array([outputs], 4).data;
    const [ax, aw, ady] = [x, w, dy].map(magnitudes);
    const found = kernels.conv2d([x, w, bias], over(window, x.shape, w.shape, dy.shape));
    agree(
      "conv2d",
      found,
      plain.conv2d([x, w, bias], over(window, x.shape, w.shape, dy.shape)),
      plain.conv2d([ax, aw, bias.map(Math.abs)], over(window, ax.shape, aw.shape, dy.shape)),
    );
    const given = [over(window, x.shape, w.shape, dy.shape), all] as const;
    const gradients = kernels.conv2dGradients([x, w, dy], ...given), wanted = gradientsSeparately(plain, [x, w, dy], ...given);
    const sizes = gradientsSeparately(plain, [ax, aw, ady], ...given);
    const ends = [0, x.size, x.size + w.size, wanted.length];
    for (let i = 0; i < 3; i++) {
      const [a, b, c] = [gradients, wanted, sizes].map((z) => z.subarray(ends[i], ends[i + 1]));
      agree(`gradient ${i}`, a, b, c);
    }
  }
});

test("gradients of more images than the spectra of are kept at a time", async () => {
  const kernels = (await wasm("simd", true))!, images = 4300;
  const x = array([images, 1, 28, 28], 1), w = array([8, 1, 5, 5], 2), dy = array([images, 8, 28, 28], 3);
  const window = { stride: [1, 1] as const, padding: [2, 2] as const }, wanted = { x: false, filter: true, bias: true };
  const found = kernels.conv2dGradients([x, w, dy], over(window, x.shape, w.shape, dy.shape), wanted);
  const [first, second] = [[0, 3001], [3001, images]].map((range) => {
    const [a, b] = [x, dy].map(({ data, size, shape }) =>
      view(data.slice(...range.map((image) => image * size / images)), [range[1] - range[0], ...shape.slice(1)])
    );
    return kernels.conv2dGradients([a, w, b], over(window, a.shape, w.shape, b.shape), wanted);
  });
  agree("gradients", found, first.map((z, i) => z + second[i]), found.map(() => images * 784 / 4));
});

test("images of which four would fill the memory take direct products", () => {
  const window = { stride: [1, 1] as const, padding: [1, 1] as const };
  const shape = (size: number) => [8, 64, size, size];
  const pays = (size: number) => FourierProducts.pays(over(window, shape(size), [64, 64, 3, 3], shape(size)));
  deepEqual([28, 224, 1024, 2048].map(pays), [true, true, false, false]);
});

test("sums of few products are for planes whose rows float32 can tell apart", () => {
  const window = { stride: [1, 1] as const, padding: [2, 2] as const }, wanted = { x: false, filter: true, bias: true };
  const pays = (size: number) => {
    const after = [1, 16, size / 2, size / 2], positions = view(new Int32Array(0), after);
    const two = [2, 2] as const, pooling = { kernel: two, stride: two, padding: [0, 0] as const, relu: true, shape: after };
    const shape = [1, 16, size, size], pooled = { positions, gate: null, shape, pooling };
    return sparsePays(over(window, [1, 1, size, size], [16, 1, 5, 5], shape), { ...wanted, pooled });
  };
  deepEqual([28, 1024, 1026, 8192].map(pays), [true, true, false, false]);
});

test("float64 takes plain loops, and float32 the same without WebAssembly", async () => {
  ok(kernelsFor("float64") === plain);
  const { WebAssembly: there } = globalThis;
  try {
    // deno-lint-ignore no-explicit-any
    (globalThis as any).WebAssembly = undefined;
    ok(await wasm("relaxed") === null && await wasm("simd") === null);
  } finally {
    globalThis.WebAssembly = there;
  }
});
