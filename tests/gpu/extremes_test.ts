/** Every function at the edges of float32 and int32, on WebGPU and on the processor. */
import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../autodiff/mod.ts";
import { type Tensor, tensor } from "../../autodiff/mod.ts";
import { conv2dPooled } from "../../autodiff/primitives/conv_pool.ts";
import { card } from "./card.ts";

const { gpu, skip } = card;

const most = 3.4028234663852886e38;
const odd = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 1.5, -2.5, 2.5, 0.5, 1e30, -1e30, 100, -100, 88, -88, 16777216];
const whole = [0, 1, -1, 2, -2, 7, -7, 11, 4097, 46340, 16777217, -16777219, 2147483647, -2147483647];

const fractions = (numbers: readonly number[]) => tensor(Float32Array.from(numbers));
const integers = (numbers: readonly number[]) => tensor(Int32Array.from(numbers));

/** A float32 number is near a wanted one; NaN, infinities and integers are the same. */
function near(wanted: number, found: number, exact: boolean): boolean {
  if (wanted === found || (Number.isNaN(wanted) && Number.isNaN(found))) return true;
  return !exact && Number.isFinite(wanted) && Math.abs(wanted - found) <= 1e-4 * Math.max(1, Math.abs(wanted));
}

/** Checks that a function finds the same on both devices. */
async function same(name: string, apply: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[]): Promise<void> {
  const wanted = apply(...inputs), found = apply(...inputs.map((x) => x.to(gpu!)));
  equal(found.dtype, wanted.dtype, name);
  equal(`${found.shape}`, `${wanted.shape}`, name);
  const [here, there] = [await wanted.read(), await found.read()];
  for (const [i, number] of here.entries()) {
    const given = inputs.map(({ data, size }) => size === here.length ? data[i] : `[${data}]`);
    ok(near(number, there[i], wanted.dtype === "int32"), `${name} of ${given} is ${there[i]}, not ${number}`);
  }
}

/** Functions of fractions, and of either type. */
const unary: Record<string, (x: Tensor) => Tensor> = {
  ...{ exp: ad.exp, log: ad.log, sqrt: ad.sqrt, sigmoid: ad.sigmoid, tanh: ad.tanh, softplus: ad.softplus },
  ...{ normalCdf: ad.normalCdf, gelu: ad.gelu, leakyRelu: (x) => ad.leakyRelu(x, 0.1), clip: (x) => ad.clip(x, -1, 1.5) },
  ...{ isFinite: ad.isFinite, isNaN: ad.isNaN, half: (x) => ad.pow(x.maximum(-1e30), 0.5), inverse: (x) => ad.pow(x.abs(), -1) },
  ...{ quotient: (x) => ad.div(1, x), widened: (x) => x.cast("float64").mul(0.5) },
};
const both: Record<string, (x: Tensor) => Tensor> = {
  ...{ neg: ad.neg, abs: ad.abs, sign: ad.sign, relu: ad.relu, floor: ad.floor, ceil: ad.ceil, round: ad.round },
  ...{
    logicalNot: ad.logicalNot,
    max: (x) => x.max(),
    min: (x) => x.min(),
    argmax: (x) => ad.argmax(x),
    argmin: (x) => ad.argmin(x),
  },
  ...{ all: (x) => ad.all(x), any: (x) => ad.any(x), less: (x) => ad.less(x, 1), equal: (x) => ad.equal(x, 16777216) },
  ...{ backwards: (x) => ad.flip(x, 0), parts: (x) => x.slice(0, 1, undefined, 2), twice: (x) => ad.cat([x, x], 0) },
  ...{ moved: (x) => ad.roll(x, 1, 0), taken: (x) => ad.take(x, [3, -1, 0]), padded: (x) => ad.pad(x, [[1, 2]], 7) },
};

test("functions of one number agree at NaN, infinities, zeros and large numbers", { skip }, async () => {
  for (const [name, apply] of Object.entries({ ...unary, ...both })) await same(name, apply, [fractions(odd)]);
  for (const [name, apply] of Object.entries(both)) await same(`${name} of integers`, apply, [integers(whole)]);
});

const binary: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  ...{ add: ad.add, sub: ad.sub, mul: ad.mul, div: ad.div, maximum: ad.maximum, minimum: ad.minimum },
  ...{ equal: ad.equal, notEqual: ad.notEqual, less: ad.less, lessEqual: ad.lessEqual, greater: ad.greater },
  ...{ greaterEqual: ad.greaterEqual, and: ad.logicalAnd, or: ad.logicalOr, where: (x, y) => ad.where(x, y, x) },
};

test("functions of two numbers agree at all pairs of such numbers", { skip }, async () => {
  const pairs = (numbers: readonly number[]) => [numbers.flatMap((x) => numbers.map(() => x)), numbers.flatMap(() => numbers)];
  const [x, y] = pairs(odd).map(fractions), small = pairs([...whole.slice(0, 10), 8192]).map(integers);
  for (const [name, apply] of Object.entries(binary)) await same(name, apply, [x, y]);
  const finite = pairs(odd.filter((number) => Math.abs(number) < 1e6 && number !== 0 || number === 0 && 1 / number > 0));
  await same("pow", ad.pow, finite.map(fractions));
  for (const [name, apply] of Object.entries(binary)) {
    if (name !== "mul") await same(`${name} of integers`, apply, small);
  }
});

test("integers are exact: products of matrices, powers, sums and choices", { skip }, async () => {
  const x = tensor(Int32Array.of(16777217, 3, -5, 7, 11, 13), [2, 3]),
    y = tensor(Int32Array.of(3, 1, -1, 2, 5, 4, 7, 1, 9), [3, 3]);
  await same("matmul", (x, y) => x.matmul(y), [x, y]);
  await same("matmul of parts", (x, y) => x.slice(1, 1).matmul(y.transpose().slice(0, 0, 2)), [x, y]);
  await same("matmul of a batch", (x, y) => x.reshape(2, 1, 3).matmul(y), [x, y]);
  await same("pow", (x, y) => ad.pow(x, y), [integers([4097, -7, 3, -1, 46340, 1]), integers([2, 9, 19, 1000001, 2, -3])]);
  await same("sum", (x) => x.sum(1), [x]);
  await same("cumsum", (x) => ad.cumsum(x, 1), [x]);
  await same("max", (x) => x.max(0), [x]);
  await same("where", (x) => ad.where(x.less(8), x, x.neg()), [x]);
});

const rows: Record<string, number[]> = {
  "infinite": [Infinity, Infinity, 1],
  "one infinite": [1, Infinity, 2],
  "minus infinity": [-Infinity, -Infinity, -Infinity],
  "masked": [-Infinity, 1, -Infinity],
  "unknown": [1, NaN, 2],
  "unknown first": [NaN, 1, 2],
  "the least": [-most, -most, -most],
  "the most": [most, most, 1],
  "one": [3],
};
const reductions: Record<string, (x: Tensor) => Tensor> = {
  ...{
    max: (x) => x.max(),
    min: (x) => x.min(),
    argmax: (x) => ad.argmax(x),
    argmin: (x) => ad.argmin(x),
    sum: (x) => x.mul(0.1).sum(),
  },
  ...{ logSumExp: (x) => ad.logSumExp(x), softmax: (x) => x.softmax(), logSoftmax: (x) => x.logSoftmax() },
  ...{
    cumsum: (x) => ad.cumsum(x, 0),

    maximum: (x) => ad.maximum(x, 1),
    relu: (x) => x.relu(),
  },
  loss: (x) => ad.crossEntropy(x.reshape(1, x.size), tensor([x.size - 1])),
};

test("sums, extremes and soft maxima agree on rows of such numbers, short and long", { skip }, async () => {
  for (const [what, row] of Object.entries(rows)) {
    for (const [name, apply] of Object.entries(reductions)) await same(`${name} of ${what}`, apply, [fractions(row)]);
    // A sum of many terms is parted among workgroups.
    const long = fractions(Array.from({ length: 3000 }, (_, i) => row[i % row.length]));
    for (const name of ["max", "min", "logSumExp"]) await same(`${name} of ${what}, long`, reductions[name], [long]);
  }
});

test("the greatest of a window is NaN if an element is, and rectifiers pass it on", { skip }, async () => {
  const numbers = Array.from({ length: 64 }, (_, i) => i % 11 === 3 ? NaN : i % 7 === 2 ? -Infinity : Math.sin(i));
  const images = tensor(Float32Array.from(numbers), [1, 1, 8, 8]), one = tensor(Float32Array.of(1), [1, 1, 1, 1]);
  for (const kernel of [2, 3]) {
    await same(`windows of ${kernel}`, (x) => ad.maxPool2d(x, kernel), [images]);
    const pooled = (x: Tensor) =>
      conv2dPooled([x, one, tensor(Float32Array.of(0.5))], { padding: 0, kernel, pooling: {}, relu: true });
    await same(`a convolution and windows of ${kernel}`, pooled, [images]);
  }
});

test("empty arrays and arrays of one element are no special case", { skip }, async () => {
  for (const shape of [[0], [0, 3], [3, 0], [1], [1, 1], []]) {
    const x = ad.ones(shape).cast("float32"), axis = shape.length - 1;
    await same(`mul of [${shape}]`, (x) => x.mul(2).add(x), [x]);
    await same(`sum of [${shape}]`, (x) => x.sum(), [x]);
    if (shape.length > 0) {
      await same(`sum of an axis of [${shape}]`, (x) => x.sum(axis), [x]);
      await same(`cat of [${shape}]`, (x) => ad.cat([x, x], axis), [x]);
      await same(`softmax of [${shape}]`, (x) => x.softmax(axis), [x]);
      await same(`cumsum of [${shape}]`, (x) => ad.cumsum(x, axis), [x]);
    }
    if (shape.length === 2) await same(`matmul of [${shape}]`, (x) => x.matmul(x.transpose()), [x]);
  }
});
