import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../../autodiff/ndarray.ts";
import { plainConvolutions as plain } from "../../../autodiff/kernels/plain_convolutions.ts";
import { gradientsSeparately } from "../../../autodiff/kernels/separately.ts";
import { FourierProducts } from "../../../autodiff/kernels/fourier.ts";
import { windowCount } from "../../../autodiff/primitives/convolution.ts";
import { fc } from "../../deps.ts";
import { agree, array, convolutions, magnitudes, over, problem, same, simdConvolutions, transformed } from "./convolutions.ts";

test("the shapes of these tests include transforms and direct sums", () => {
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

/** Numbers too large or not finite, which a transform cannot mix with others. */
const wild = [Infinity, NaN, 1e6, -3e37, -Infinity];

test("the outputs of an image are the same bits whatever else is in its batch, wild numbers included", async () => {
  const kernels = await simdConvolutions(), images = 9;
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

test("a wild number changes only the outputs that see it", async () => {
  const kernels = await simdConvolutions();
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
      const wrong = found.findIndex((z, i) =>
        !(Number.isFinite(wanted[i]) ? Math.abs(z - wanted[i]) <= 1e-6 * (size[i] + 10) : Object.is(z, wanted[i]))
      );
      ok(wrong < 0, `${value}: ${found[wrong]} at ${wrong}, wanted ${wanted[wrong]}`);
      const dy = array(shapeOf(5), shape.seed + 3), all = { x: true, filter: true, bias: true };
      const given = [[x, w, dy], over(window, x.shape, w.shape, dy.shape), all] as const;
      const gradients = [kernels.conv2dGradients(...given), gradientsSeparately(plain, ...given)];
      const other = gradients[0].findIndex((z, i) => Number.isFinite(z) !== Number.isFinite(gradients[1][i]));
      ok(other < 0, `${value}: gradient ${gradients[0][other]} at ${other}`);
    }
  }
});

test("outputs that see only zeros are the bias, to the bit, so rectifiers and poolings match direct sums", async () => {
  const kernels = await simdConvolutions();
  for (const shape of transformed.slice(0, 12)) {
    const { x, w, bias, window, shapeOf, poolingOf } = problem(shape, 6), { channels, rows, columns } = shape;
    // Each image keeps a different rectangle.
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
      const wrong = sees.findIndex((z, i) => z === 0 && !Object.is(found[i], wanted[i]));
      ok(wrong < 0, `${found[wrong]} at ${wrong}, wanted ${wanted[wrong]}`);
      const pooled = kernels.conv2dPooled([x, w, b], over(window, x.shape, w.shape, shapeOf(6)), poolingOf(6));
      const apart = kernels.maxPool2d(view(found, shapeOf(6)), poolingOf(6));
      deepEqual(pooled.positions, apart.positions);
    }
  }
});

test("outputs that see only the dark part of an image keep their digits, however dark or large it is", async () => {
  const kernels = await simdConvolutions();
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
      const wrong = found.findIndex((z, i) => !(Math.abs(z - wanted[i]) <= 1e-3 * sees[i]));
      ok(wrong < 0, `${scale}: ${found[wrong]} at ${wrong}, wanted ${wanted[wrong]}`);
    }
  }
});

test("gradients of no images are 0; many channels, wide images and large filters agree with plain loops", async () => {
  const kernels = await simdConvolutions(), all = { x: true, filter: true, bias: true }, one = [1, 1] as const;
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

test("gradients of more images than the spectra held at once are the sum of both parts", async () => {
  const kernels = await simdConvolutions(), images = 4300;
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

test("images so large that four would fill the memory take direct products", () => {
  const window = { stride: [1, 1] as const, padding: [1, 1] as const };
  const shape = (size: number) => [8, 64, size, size];
  const pays = (size: number) => FourierProducts.pays(over(window, shape(size), [64, 64, 3, 3], shape(size)));
  deepEqual([28, 224, 1024, 2048].map(pays), [true, true, false, false]);
});
