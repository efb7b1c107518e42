/** Functions of float32 numbers by kernels, beside those of float64, which are composed of operations. @module */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, type Tensor, tensor } from "../../../mod.ts";
import { rowSoftmax } from "../../../autodiff/primitives/row_softmax.ts";
import { wave } from "../../../autodiff/mathematics/waves.ts";
import { fc } from "../../deps.ts";

const { grad, inStep } = autodiff, none = { reduction: "none" } as const;
const labels = (x: Tensor) => tensor(Array.from({ length: x.size }, (_, i) => i % 3 / 2)).cast(x.dtype).reshape(...x.shape);
const rowsOf = (f: (x: Tensor) => Tensor) => (x: Tensor) => f(x.reshape(1, x.size)).reshape(x.size);

/** Each function of a vector, and how far float32 may be from float64, relative to the greater of 1 and the number. */
const functions: Record<string, [(x: Tensor) => Tensor, number]> = {
  silu: [(x) => new nn.SiLU().forward(x), 3e-7],
  gelu: [(x) => new nn.GELU().forward(x), 3e-7],
  "gelu by tanh": [(x) => new nn.GELU({ approximate: "tanh" }).forward(x), 5e-7],
  leakyRelu: [(x) => new nn.LeakyReLU(0.3).forward(x), 1e-7],
  mseLoss: [(x) => nn.mseLoss(x, labels(x), none), 3e-7],
  huberLoss: [(x) => nn.huberLoss(x, labels(x), none), 3e-7],
  "log-loss of logits": [(x) => nn.binaryCrossEntropyWithLogits(x, labels(x), none), 3e-7],
  logSoftmax: [rowsOf((x) => new nn.LogSoftmax().forward(x)), 3e-7],
  "softmax of rows": [rowsOf((x) => rowSoftmax(x)), 3e-7],
  crossEntropy: [rowsOf((x) => nn.crossEntropy(x, tensor([x.size - 1]), none).add(x.mul(0))), 5e-7],
  sin: [autodiff.sin, 1e-7],
  cos: [autodiff.cos, 1e-7],
};

/** The slope by a kernel; that of `grad`, which has gradients itself, is composed. */
function slopeOf(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const leaf = x.detach().withGrad();
  f(leaf).sum().backward();
  return leaf.grad!;
}

/** None is at a bend of a loss. */
const number = fc.integer({ min: -3000, max: 3000 }).map((x) => x / 100 + 0.003);
const numbers = fc.array(fc.oneof(number, number.map((x) => x * 1e-3)), { minLength: 1, maxLength: 40 });

for (const [name, [f, most]] of Object.entries(functions)) {
  const slope = (x: Tensor) => slopeOf(f, x);
  const curvature = (x: Tensor) => grad((x: Tensor) => grad((x: Tensor) => f(x).square().sum())(x)[0].sum())(x)[0];
  test(`${name} of float32, its slope and its curvature are near those of float64`, () =>
    fc.assert(
      fc.property(numbers, (x) => {
        const single = tensor(Float32Array.from(x)), double = single.cast("float64");
        for (
          const [what, g, limit] of [["", f, most], ["slope of ", slope, 4 * most], ["curvature of ", curvature, 1e-4]] as const
        ) {
          const found = g(single).data, wanted = g(double).data;
          wanted.forEach((value, i) => {
            const error = Math.abs(found[i] - value) / Math.max(1, Math.abs(value));
            ok(error <= limit * (what === "" ? 1 : 30), `${what}${name} at ${x}: ${found[i]}, not ${value}`);
          });
        }
      }),
      { seed: 1, numRuns: 60 },
    ));
}

const single = Object.entries(functions).filter(([name]) => !/oftmax|crossEntropy|oss/.test(name));
for (const [name, [f]] of single) {
  test(`${name} of a float32 number has the same bits alone, among many, and in a step`, () => {
    for (const length of [1, 2, 3, 5, 100, 16383, 16385]) {
      const x = autodiff.rand([length], length).sub(0.5).mul(12), all = f(x).data, inside = inStep(() => f(x)).data;
      deepEqual(inside, all);
      for (const i of [0, length >> 1, length - 2, length - 1]) {
        if (i >= 0) ok(Object.is(f(x.slice(0, i, i + 1)).data[0], all[i]), `${name}, ${i} of ${length}`);
      }
    }
  });
}

test("a row's softmax and its slope have the same bits alone and among many, whatever its length", () => {
  const f = (x: Tensor) => new nn.LogSoftmax().forward(x);
  for (const [rows, length] of [[1, 1], [3, 2], [5, 7], [2, 8], [9, 2500], [2, 20001]]) {
    const x = autodiff.rand([rows, length], rows).mul(9), dy = autodiff.rand([rows, length], 1);
    const slope = (x: Tensor, dy: Tensor) => slopeOf((x) => f(x).mul(dy), x);
    const all = [f(x), slope(x, dy)], last = (x: Tensor) => x.slice(0, rows - 1);
    const alone = [f(last(x)), slope(last(x), last(dy))];
    all.forEach((z, i) => deepEqual(last(z).toArray(), alone[i].toArray()));
  }
});

const special = [NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 3e38, -3e38, 100, -100, 1e6, 1048577, 3e9, 2.5, -2.5, -0.4];

test("sine, cosine and round of float32 have the bits of float64, rounded, at extremes too", () => {
  const x = new Float32Array([...special, ...Array.from({ length: 500 }, (_, i) => (i - 250) * 0.7853982)]);
  const wanted = { sin: (x: number) => wave(x, 0), cos: (x: number) => wave(x, 1) };
  for (const name of ["sin", "cos"] as const) {
    autodiff[name](tensor(x)).data.forEach((z, i) => ok(Object.is(z, Math.fround(wanted[name](x[i]))), `${name}(${x[i]})`));
  }
  const round = (x: Tensor) => autodiff.round(x).data;
  round(tensor(x)).forEach((z, i) => ok(Object.is(z, Math.fround(round(tensor(Float64Array.of(x[i])))[0])), `round ${x[i]}`));
});

test("at extremes, functions of float32 are what they are in float64", () => {
  const x = tensor(new Float32Array(special));
  for (const [name, [f]] of single) {
    const wanted = f(x.cast("float64")).data;
    f(x).data.forEach((z, i) => {
      const to = Math.fround(wanted[i]);
      ok(Object.is(z, to) || Math.abs(z - to) <= 1e-6 * Math.abs(to) + 1e-43, `${name} of ${special[i]}: ${z}, not ${wanted[i]}`);
    });
  }
  for (const f of [functions.silu[0], functions.gelu[0], functions["gelu by tanh"][0]]) {
    const slopes = slopeOf(f, tensor(new Float32Array([-3e38, -200, 100, 3e38])));
    deepEqual(Array.from(slopes.data, (slope) => slope + 0), [0, 0, 1, 1]);
  }
});

test("a row with infinities or NaN has the softmax that float64 has", () => {
  const rows = [[1, -Infinity, 2], [NaN, 1, 2], [Infinity, 1, 2], [-Infinity, -Infinity, -Infinity], [1000, 0, -1000]];
  for (const row of rows) {
    const [found, wanted] = (["float32", "float64"] as const).map((dtype) =>
      new nn.LogSoftmax().forward(tensor([row], { dtype })).data
    );
    wanted.forEach((z, i) => ok(Object.is(found[i], z) || Math.abs(found[i] - z) < 1e-6, `${row}: ${found}`));
  }
});

test("the log-loss of a sure and right logit keeps its digits", () => {
  const [loss] = nn.binaryCrossEntropyWithLogits(tensor([20]), tensor([1]), none).data;
  ok(Math.abs(loss / Math.log1p(Math.exp(-20)) - 1) < 3e-7, `${loss}`);
  equal(nn.mseLoss(tensor([1, 2]), tensor([0, 4])).item(), 2.5);
});

test("the log-loss of logits keeps its digits for labels between 0 and 1, however large the logits", () => {
  const shares = [1e-4, 0.1, 0.3, 0.7, 0.9, 0.9999], sizes = [0.5, 5, 18.35, 77, 1e4, 1e6, 1e30];
  for (const y of shares) {
    const x = tensor(sizes.flatMap((size) => [size, -size])), to = tensor(Array.from({ length: x.size }, () => y));
    const [found, wanted] = [x, x.cast("float64")].map((x) => nn.binaryCrossEntropyWithLogits(x, to, none).data);
    wanted.forEach((loss, i) => ok(Math.abs(found[i] / loss - 1) < 3e-7, `${x.data[i]} and ${y}: ${found[i]}, not ${loss}`));
  }
});
