import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../../autodiff/mod.ts";
import { type Nested, type Tensor, tensor } from "../../../autodiff/mod.ts";
import { mersenne } from "../../../deps.ts";
import { fc } from "../../deps.ts";
import { sizeOf } from "../../helpers/tensors.ts";

const x = tensor([[1, 2, 3], [4, 5, 6]], { dtype: "float64" });
const row = tensor([3, -1, 2], { dtype: "float64" });

/** What a user of PyTorch writes, and what NumPy returns. */
const familiar: [string, Tensor | number, Nested][] = [
  ["item", tensor([7]).item(), 7],
  ["T", x.T, [[1, 4], [2, 5], [3, 6]]],
  ["argmax", x.argmax(1), [2, 2]],
  ["argmin", x.argmin(), 0],
  ["std", tensor([1, 2, 3, 4], { dtype: "float64" }).std(), Math.sqrt(5 / 3)],
  ["std without correction", x.std(0, { correction: 0 }), [1.5, 1.5, 1.5]],
  ["prod", x.prod(), 720],
  ["prod along an axis", x.prod(0), [4, 10, 18]],
  ["sin", ad.sin(tensor([0, Math.PI / 2], { dtype: "float64" })), [0, 1]],
  ["cos", ad.cos(tensor([0, Math.PI], { dtype: "float64" })), [1, -1]],
  ["squeeze", tensor([[[1], [2]]]).squeeze(), [1, 2]],
  ["squeeze one", tensor([[[1], [2]]]).squeeze(0), [[1], [2]]],
  ["unsqueeze", row.unsqueeze(-1), [[3], [-1], [2]]],
  ["cat", ad.cat([row, row]), [3, -1, 2, 3, -1, 2]],
  ["arange", ad.arange(4), [0, 1, 2, 3]],
  ["arange from, to, by", ad.arange(1, 2, 0.25), [1, 1.25, 1.5, 1.75]],
  ["arange down", ad.arange(3, 0, -2), [3, 1]],
  ["linspace", ad.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]],
  ["eye", ad.eye(2, 3), [[1, 0, 0], [0, 1, 0]]],
  ["swapAxes", x.swapAxes(0, 1), [[1, 4], [2, 5], [3, 6]]],
  ["flip", x.flip(), [[6, 5, 4], [3, 2, 1]]],
  ["flip an axis", x.flip(1), [[3, 2, 1], [6, 5, 4]]],
  ["roll", ad.roll(row, 1, 0), [2, 3, -1]],
  ["cumsum", x.cumsum(1), [[1, 3, 6], [4, 9, 15]]],
  ["cumsum along the first axis", x.cumsum(0), [[1, 2, 3], [5, 7, 9]]],
  ["cumprod", ad.cumprod(x, 1), [[1, 2, 6], [4, 20, 120]]],
  ["sort", ad.sort(row).values, [-1, 2, 3]],
  ["topk", ad.topk(row, 2).indices, [0, 2]],
  ["einsum", ad.einsum("ij,j->i", x, row), [7, 19]],
  ["norm", tensor([3, 4]).norm(), 5],
  ["norm 1", row.norm(1), 6],
  ["norm of infinity", row.norm(Infinity), 3],
  ["reshape of a list", x.reshape([3, 2]), [[1, 2], [3, 4], [5, 6]]],
  ["flatten", ad.zeros([2, 3, 4]).flatten(1).sum(1), [0, 0]],
  ["split", ad.split(row, 2)[1], [2]],
  ["split by lengths", ad.split(row, [1, 2])[1], [-1, 2]],
  ["chunk", ad.chunk(row, 2)[0], [3, -1]],
  ["take by nested indices", row.take([[0, 1], [2, 0]]), [[3, -1], [2, 3]]],
  ["tile", ad.tile(tensor([[1, 2]]), [2, 2]), [[1, 2, 1, 2], [1, 2, 1, 2]]],
  ["pad", ad.pad(tensor([[1]]), [[1, 0], [0, 2]], 9), [[9, 9, 9], [1, 9, 9]]],
  ["diagonal", ad.diagonal(x), [1, 5]],
  ["diagonal to the right", ad.diagonal(x, 1), [2, 6]],
  ["diagonal below", ad.diagonal(x.T, -1), [2, 6]],
  ["diagonal outside", ad.diagonal(x, 3), []],
  ["trace", ad.trace(x), 6],
  ["tril", ad.tril(x), [[1, 0, 0], [4, 5, 0]]],
  ["triu", ad.triu(x, 1), [[0, 2, 3], [0, 0, 6]]],
  ["outer", ad.outer(tensor([1, 2]), tensor([3, 4])), [[3, 4], [6, 8]]],
  ["floor, ceil", ad.floor(tensor([-1.5, 2.5])).add(ad.ceil(tensor([-1.5, 2.5]))), [-3, 5]],
  ["round to even", ad.round(tensor([0.5, 1.5, 2.5, -0.5, -1.5], { dtype: "float64" })), [0, 2, 2, -0, -2]],
  ["round at the ends", ad.round(tensor([0.49999999999999994, 2 ** 51 + 0.5, -1e300], { dtype: "float64" })), [
    0,
    2 ** 51,
    -1e300,
  ]],
  ["logicalAnd", ad.logicalAnd(row, tensor([0, 2, NaN], { dtype: "float64" })), [0, 1, 1]],
  ["logicalOr", ad.logicalOr(tensor([0, 0, 2]), tensor([0, NaN, 0])), [0, 1, 1]],
  ["logicalNot", ad.logicalNot(tensor([0, 2])), [1, 0]],
  ["isFinite", ad.isFinite(tensor([1, Infinity, -Infinity, NaN])), [1, 0, 0, 0]],
  ["isNaN", ad.isNaN(tensor([1, Infinity, NaN])), [0, 0, 1]],
  ["all", ad.all(tensor([[1, 2], [0, 1]]), 1), [1, 0]],
  ["any", ad.any(tensor([[0, 0], [0, -1]]), 1), [0, 1]],
];

test("tensors have what users of PyTorch and NumPy look for", () => {
  for (const [name, found, wanted] of familiar) deepEqual(typeof found === "number" ? found : found.toArray(), wanted, name);
});

test("options and arguments may follow the data, and a mistyped keepDims is an error", () => {
  ok(tensor([1], { requiresGrad: true }).requiresGrad);
  equal(tensor([1, 2], [2, 1], { dtype: "int32" }).shape.length, 2);
  for (const reduce of ["sum", "mean", "variance", "max", "min", "std", "prod", "argmax"] as const) {
    deepEqual([...x[reduce](1, { keepDims: true }).shape], [2, 1]);
    throws(() => x[reduce](1, { keepdim: true } as never), /there is no option "keepdim"; the nearest is "keepDims"/);
  }
});

test("an inner tensor keeps its gradient if asked to", () => {
  const w = tensor([2, 3], { requiresGrad: true }), inner = w.square().retainGrad();
  inner.mul(inner).sum().backward();
  deepEqual([inner.grad!.toArray(), w.grad!.toArray()], [[8, 18], [32, 108]]);
  throws(() => tensor([1]).retainGrad(), { name: "TypeError" });
});

test("prod() and cumprod() have right slopes where elements are 0", () => {
  const slope = (...values: number[]) => ad.grad((x) => ad.prod(x))(tensor(values))[0].toArray();
  deepEqual(slope(2, 0, 5), [0, 10, 0]);
  deepEqual(slope(0, 0, 5), [0, 0, 0]);
  deepEqual(ad.grad((x) => ad.cumprod(x, 0).sum())(tensor([2, 0, 5]))[0].toArray(), [1, 12, 0]);
});

test("norm() and std() have slope 0 where they are 0, as in PyTorch", () => {
  deepEqual(ad.grad((x) => x.norm())(tensor([0, 0]))[0].toArray(), [0, 0]);
  deepEqual(ad.grad((x) => x.std())(tensor([2, 2]))[0].toArray(), [0, 0]);
});

test("random tensors are the same for a seed, go on with a generator, and are within their range", () =>
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      deepEqual(ad.randn([3, 2], seed).data, ad.randn([3, 2], seed).data);
      const random = mersenne(seed), [first, second] = [ad.rand([3], random), ad.rand([3], random)];
      deepEqual(ad.cat([first, second]).data, ad.rand([6], seed).data);
      for (const dtype of ["float32", "float64"] as const) ok(ad.rand([50], seed, dtype).data.every((u) => u >= 0 && u < 1));
      ok(ad.randint(-2, 3, [50], seed).data.every((k) => k >= -2 && k < 3));
      deepEqual([...ad.randperm(9, seed).data].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }),
    { seed: 6, numRuns: 30 },
  ));

test("randn() has mean 0 and variance 1, rand() has mean 1 / 2, and randperm() is uniform", () => {
  const normal = ad.randn([20000], 1), orders = Array.from({ length: 6000 }, (_, seed) => `${ad.randperm(3, seed).data}`);
  ok(Math.abs(normal.mean().item()) < 0.03 && Math.abs(normal.variance().item() - 1) < 0.05);
  ok(Math.abs(ad.rand([20000], 1).mean().item() - 0.5) < 0.01);
  for (const order of new Set(orders)) ok(Math.abs(orders.filter((other) => other === order).length - 1000) < 150, order);
});

test("a recorded function that draws from a generator draws anew at each call", () => {
  const random = mersenne(1), draw = ad.recorded((x) => x.add(ad.rand([2], random)));
  const drawn = Array.from({ length: 6 }, () => `${draw(ad.zeros([2])).data}`);
  equal(new Set(drawn).size, 6);
});

test("nothing is drawn without a seed", () => {
  throws(() => ad.randn([2], undefined as never), /the seed is missing; wanted a whole number, or a random number generator/);
});

test("what does not fit is an error with its shape", () => {
  throws(() => x.squeeze(0), { message: "Cannot squeeze axis 0 of shape [2, 3]: its length is not 1" });
  throws(() => ad.split(row, [1, 1]), /into parts of \[1,1\]: their sum is another/);
  throws(() => ad.arange(0, 1, -1), { message: "Cannot count from 0 to 1 by -1" });
  throws(() => ad.tril(row), { message: "Cannot use a diagonal of shape [3]: wanted at least two axes" });
  throws(() => ad.pad(row, [[1, 1], [1, 1]]), { message: "Cannot pad 2 axes of shape [3]" });
  throws(() => x.norm(0), { message: "Cannot take a norm with p = 0: wanted a number above 0" });
  const whole = tensor([2e9, 2e9], { dtype: "int32" });
  for (const overflows of [() => whole.cumsum(0), () => ad.cumprod(whole, 0), () => whole.prod()]) {
    throws(overflows, /is not a 32-bit integer/);
  }
  throws(() => ad.rand([2], 0, "int32" as never), /dtype is "int32"; wanted "float32" or "float64"/);
});

test("flip(), diagonal() and tile() keep every element of views of any layout", () =>
  fc.assert(
    fc.property(fc.tuple(...[1, 1, 1].map((min) => fc.integer({ min, max: 4 }))), (shape) => {
      const x = tensor(Float64Array.from({ length: sizeOf(shape) }, (_, i) => i), shape).transpose(1, 2, 0);
      deepEqual(x.flip().flip().toArray(), x.toArray());
      deepEqual(x.flip().reshape(-1).toArray(), [...x.clone().data].reverse());
      deepEqual(ad.tile(x, [2, 1, 1]).slice(0, x.shape[0]).toArray(), x.toArray());
    }),
    { seed: 7 },
  ));
