/** Every primitive, for the tests of gradients and of devices. */
import * as ad from "../../../autodiff/mod.ts";
import { type Tensor, tensor } from "../../../autodiff/mod.ts";
import { broadcastingShapes, filledShapes, shapes, tensors } from "../../helpers/arbitraries.ts";
import { fc } from "../../deps.ts";

type Inputs = fc.Arbitrary<Tensor[]>;

const one = (options = {}, of = shapes): Inputs => of.chain((shape) => fc.tuple(tensors(shape, options)));
const two = (options = {}): Inputs =>
  broadcastingShapes.chain(([a, b]) => fc.tuple(tensors(a, options), tensors(b, { ...options, offset: 0.2 })));
const axisOf = (x: Tensor, choice: number) => choice % x.rank;
const ranked = filledShapes.filter((shape) => shape.length > 0);
const matrices = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
const images: Inputs = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 2, max: 3 }),
  fc.integer({ min: 2, max: 3 }),
).chain((shape) => fc.tuple(tensors(shape)));
const convolutions: Inputs = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 3 }),
).chain(([n, c, o, p, q]) => fc.tuple(tensors([n, c, 3, 3]), tensors([o, c, p, q]), tensors([o])));

/** Every primitive: its inputs, and a call that returns a tensor; `choice` picks axes and windows. */
export const primitives: Record<string, [Inputs, (x: Tensor[], choice: number) => Tensor]> = {
  add: [two(), ([x, y]) => ad.add(x, y)],
  sub: [two(), ([x, y]) => ad.sub(x, y)],
  mul: [two(), ([x, y]) => ad.mul(x, y)],
  div: [two(), ([x, y]) => ad.div(x, y)],
  "div by a number, of a number": [one(), ([x]) => ad.div(x, 3).add(ad.div(2, x))],
  pow: [two({ positive: true }), ([x, y]) => ad.pow(x, y)],
  "pow to a number": [one(), ([x]) => ad.pow(x, 3)],
  maximum: [two(), ([x, y]) => ad.maximum(x, y)],
  minimum: [two(), ([x, y]) => ad.minimum(x, y)],
  weightedSum: [one(), ([x]) => ad.weightedSum([x, x.square()], [2, -0.5], 3)],
  "crossEntropy of two classes": [
    fc.integer({ min: 1, max: 3 }).chain((n) => fc.tuple(tensors([n]))),
    ([x], c) => ad.crossEntropy(x, tensor(Float64Array.from({ length: x.size }, (_, i) => (i + c) % 2))),
  ],
  "crossEntropy of several": [
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 3 })).chain((shape) => fc.tuple(tensors(shape))),
    ([x], c) => ad.crossEntropy(x, tensor(Float64Array.from({ length: x.shape[0] }, (_, i) => (i + c) % x.shape[1]))),
  ],
  neg: [one(), ([x]) => ad.neg(x)],
  exp: [one(), ([x]) => ad.exp(x)],
  log: [one({ positive: true }), ([x]) => ad.log(x)],
  sqrt: [one({ positive: true }), ([x]) => ad.sqrt(x)],
  abs: [one(), ([x]) => ad.abs(x).mul(x)],
  relu: [one(), ([x]) => ad.relu(x).mul(x)],
  sigmoid: [one(), ([x]) => ad.sigmoid(x)],
  tanh: [one(), ([x]) => ad.tanh(x)],
  leakyRelu: [one(), ([x]) => ad.leakyRelu(x, 0.3).mul(x)],
  normalCdf: [one(), ([x]) => ad.normalCdf(x)],
  gelu: [one(), ([x]) => ad.gelu(x).add(ad.gelu(x, "tanh"))],
  softplus: [one(), ([x]) => ad.softplus(x)],
  sin: [one(), ([x]) => ad.sin(x)],
  cos: [one(), ([x]) => ad.cos(x)],
  clip: [one(), ([x]) => ad.clip(x, -1, 1.5).mul(x)],
  where: [two(), ([x, y]) => ad.where(ad.less(x, y), x.mul(y), y.exp())],
  cast: [one(), ([x]) => x.cast("float64").square()],
  "sum over all": [one(), ([x]) => ad.sum(x.square())],
  "sum over an axis": [one({}, ranked), ([x], c) => ad.sum(x.square(), axisOf(x, c))],
  "sum over the outer axes": [one({}, ranked), ([x]) => ad.sum(x.square(), [...new Set([0, x.rank - 1])])],
  mean: [one({}, ranked), ([x], c) => ad.mean(x.square(), axisOf(x, c), { keepDims: true })],
  variance: [one({}, ranked), ([x], c) => ad.variance(x, axisOf(x, c), { correction: 0 })],
  std: [one({}, ranked), ([x], c) => ad.std(x.exp(), axisOf(x, c), { correction: 0 })],
  norm: [one({}, ranked), ([x], c) => ad.norm(x, [2, 3, 1][c % 3], axisOf(x, c)).square()],
  "prod over an axis": [one({}, ranked), ([x], c) => ad.prod(x, axisOf(x, c))],
  "prod over all": [one(), ([x]) => ad.prod(x.mul(0.7), undefined, { keepDims: true })],
  cumsum: [one({}, ranked), ([x], c) => ad.cumsum(x, axisOf(x, c)).square()],
  cumprod: [one({}, ranked), ([x], c) => ad.cumprod(x, axisOf(x, c))],
  "max over an axis": [one({}, ranked), ([x], c) => ad.max(x, axisOf(x, c)).square()],
  "min over all": [one({}, filledShapes), ([x]) => ad.min(x).square()],
  "standardize over an axis": [
    one({}, ranked),
    ([x], c) => ad.standardize(x, axisOf(x, c), { epsilon: 0.1 }).add(ad.standardize(x, [0], { epsilon: 0.1, bias: x.mean(0) })),
  ],
  scaledDotProductAttention: [
    fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })).chain(([n, m]) =>
      fc.tuple(tensors([n, 2]), tensors([m, 2]), tensors([m, 3]))
    ),
    ([q, k, v], c) => ad.scaledDotProductAttention(q, k, v, { isCausal: c % 2 === 1 }),
  ],
  logSumExp: [one({}, ranked), ([x], c) => ad.logSumExp(x, axisOf(x, c))],
  softmax: [one({}, ranked), ([x], c) => ad.softmax(x, axisOf(x, c))],
  logSoftmax: [one({}, ranked), ([x], c) => ad.logSoftmax(x, axisOf(x, c))],
  matmul: [
    fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 0, max: 3 }))).chain(([n, k, m]) =>
      fc.tuple(tensors([n, k]), tensors([k, m]))
    ),
    ([x, y]) => ad.matmul(x, y),
  ],
  "matmul of vectors": [
    fc.integer({ min: 1, max: 3 }).chain((k) => fc.tuple(tensors([k]), tensors([k, 2]))),
    ([x, y]) => ad.matmul(x, y),
  ],
  "matmul of batches": [
    fc.tuple(...[0, 1, 1, 1].map((min) => fc.integer({ min, max: 2 }))).chain(([b, n, k, m]) =>
      fc.tuple(tensors([b, 1, n, k]), tensors([2, k, m]))
    ),
    ([x, y], c) => c % 2 === 0 ? ad.matmul(x, y) : ad.matmul(y.transpose(0, 2, 1), x.transpose(0, 1, 3, 2)),
  ],
  "matmul of a batch by a matrix": [
    matrices.chain(([n, k, m]) => fc.tuple(tensors([2, n, k]), tensors([k, m]))),
    ([x, y], c) => c % 2 === 0 ? ad.matmul(x, y) : ad.matmul(y.transpose(), x.transpose(0, 2, 1)),
  ],
  einsum: [
    matrices.chain(([b, n, m]) => fc.tuple(tensors([b, n, n]), tensors([b, n, m]))),
    ([x, y], c) => ad.einsum(["bij,bjk->bik", "bii,...ik->k", "aij,bjk->abik"][c % 3], x, y),
  ],
  transpose: [one(), ([x]) => ad.transpose(x).square()],
  reshape: [one({}, filledShapes), ([x]) => ad.reshape(x, [-1]).square()],
  broadcastTo: [one(), ([x]) => ad.broadcastTo(x, [2, ...x.shape]).square()],
  slice: [one({}, ranked), ([x], c) => ad.slice(x, axisOf(x, c), c % 2, undefined, 1 + c % 2).square()],
  concatenate: [one({}, ranked), ([x], c) => ad.concatenate([x, x.square(), x], axisOf(x, c))],
  stack: [one(), ([x]) => ad.stack([x, x.square()])],
  take: [one({}, ranked), ([x], c) => ad.take(x.square(), [0, -1, 0], axisOf(x, c))],
  gather: [one({}, ranked), ([x], c) => ad.gather(x.square(), x.zerosLike(), axisOf(x, c))],
  cat: [one({}, ranked), ([x]) => ad.cat([x, x.exp()], -1)],
  squeeze: [one(), ([x]) => ad.squeeze(x).square()],
  unsqueeze: [one(), ([x], c) => ad.unsqueeze(x, -1 - c % (x.rank + 1)).square()],
  swapAxes: [one({}, ranked), ([x], c) => ad.swapAxes(x, 0, axisOf(x, c)).square()],
  flatten: [one({}, filledShapes), ([x], c) => ad.flatten(x, x.rank === 0 ? 0 : axisOf(x, c)).square()],
  flip: [one({}, ranked), ([x], c) => ad.flip(x, c > 2 ? undefined : axisOf(x, c)).mul(x)],
  roll: [one({}, ranked), ([x], c) => ad.roll(x, c - 2, axisOf(x, c)).mul(x)],
  split: [one({}, ranked), ([x], c) => ad.split(x, 1 + c % 2, axisOf(x, c))[0].square()],
  chunk: [one({}, ranked), ([x], c) => ad.chunk(x, 2, axisOf(x, c)).at(-1)!.square()],
  tile: [one(), ([x], c) => ad.tile(x, [2, 1 + c % 2]).square()],
  pad: [one({}, ranked), ([x], c) => ad.pad(x, [[c % 2, 1]], c).square()],
  diagonal: [matrices.chain((shape) => fc.tuple(tensors(shape))), ([x], c) => ad.diagonal(x, c % 3 - 1).square()],
  trace: [matrices.chain((shape) => fc.tuple(tensors(shape))), ([x]) => ad.trace(x).square()],
  tril: [matrices.chain((shape) => fc.tuple(tensors(shape))), ([x], c) => ad.tril(x, c % 3 - 1).square()],
  triu: [matrices.chain((shape) => fc.tuple(tensors(shape))), ([x], c) => ad.triu(x, c % 3 - 1).square()],
  outer: [fc.tuple(fc.nat(3), fc.nat(3)).chain(([n, m]) => fc.tuple(tensors([n]), tensors([m]))), ([x, y]) => ad.outer(x, y)],
  conv2d: [convolutions, ([x, f, b], c) => ad.conv2d(x, f, b, { stride: 1 + c % 2, padding: c % 3 })],
  "conv2d in groups, dilated": [
    fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 2 })).chain(([n, o]) =>
      fc.tuple(tensors([n, 2, 3, 3]), tensors([2 * o, 1, 2, 2]), tensors([2 * o]))
    ),
    ([x, f, b], c) => ad.conv2d(x, f, b, { groups: 2, dilation: 1 + c % 2, padding: c % 3 }),
  ],
  "conv2d without bias, uneven": [
    convolutions,
    ([x, f], c) => ad.conv2d(x, f, null, { stride: [1, 1 + c % 3], padding: [c % 2, 1] }),
  ],
  "maxPool2d and avgPool2d beyond the edge": [
    images,
    ([x], c) =>
      ad.maxPool2d(x, 2, { ceilMode: true, padding: c % 2 }).add(
        ad.avgPool2d(x, 2, { ceilMode: true, padding: c % 2, countIncludePad: c % 4 > 1 }),
      ).square(),
  ],
  maxPool2d: [images, ([x], c) => ad.maxPool2d(x, 2, { stride: 1 + c % 2, padding: c % 2 }).square()],
  avgPool2d: [images, ([x], c) => ad.avgPool2d(x, 2, { stride: 1 + c % 2, padding: c % 2 }).square()],
};

/** Primitives that read numbers on the processor to choose an order, so that no device has them. */
export const onTheProcessor: typeof primitives = {
  sort: [one({}, ranked), ([x], c) => ad.sort(x, axisOf(x, c), { descending: c % 2 === 0 }).values.square()],
  topk: [one({}, ranked), ([x], c) => ad.topk(x, Math.min(2, x.shape[axisOf(x, c)]), axisOf(x, c)).values.square()],
};
