/** Functions whose lists have the bits of the loops, and how tests compare them. @module */
import { deepEqual, equal } from "node:assert/strict";
import { crossEntropy, type DType, Tensor, tensor, type TypedArray, weightedSum, where } from "../../../autodiff/mod.ts";
import { listRoom } from "../../../autodiff/kernels/lists_in_use.ts";
import { recordTape } from "../../../autodiff/record_tape.ts";
import { here } from "../../../autodiff/remote_array.ts";
import type { Tape } from "../../../autodiff/tape.ts";
import { fc } from "../../deps.ts";

/** Functions of x and y, [rows, columns], and of a number s. */
export const functions: Record<string, (x: Tensor, y: Tensor, s: Tensor) => Tensor> = {
  "arithmetic": (x, y) => x.add(y).mul(x).sub(y.neg()).div(y),
  "a repeated number": (x, y, s) => x.mul(s).add(s.sub(y)).maximum(s.div(x)),
  "rows and columns": (x, y) => x.add(y.sum(0, { keepDims: true })).mul(y.sum(1, { keepDims: true })),
  "order": (x, y) => x.maximum(y).add(x.minimum(y)).add(x.abs()).add(x.relu()),
  "comparisons": (x, y, s) =>
    ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"].reduce(
      (sum, name, i) => sum.add(x[name as "less"](i % 2 === 0 ? y : s).mul(2 ** i)),
      x.mul(0),
    ),
  "choice": (x, y, s) => where(x.less(y), x, s).add(where(y, s, y)),
  "root, exponential and logarithm": (x, y) => x.sqrt().add(y.exp()).add(x.log()),
  "curves": (x, y) => x.tanh().mul(y.sigmoid()).add(x.softplus()),
  "casts": (x, y) => x.cast("float32").add(y.cast("float32")).cast("float64").exp().cast("float32"),
  "sums": (x, y) => x.sum(0).sum().add(y.sum(1).mean()).add(x.mean()),
  "a mean, then a sum of the same numbers": (x, y) =>
    x.mean().add(x.sum()).add(x.mean(0).add(x.sum(0)).sum()).add(y.mean(1).sum()),
  "a variance": (x, y) => x.variance().add(y.reshape(-1).variance(0, { correction: 0 })),
  "a weighted sum": (x, y) => weightedSum([x, y, x], [0.3, -2, 1 / 3], 0.1),
  "elements": (x, y) => x.take([0, 0, -1]).add(y.take([-1, 0, 0])),
  "a log-loss": (x, y) => crossEntropy(x.reshape(-1), y.reshape(-1).greater(0).mul(0.7)),
  "a log-loss of classes": (x, y) => crossEntropy(x, y.sum(1).greater(0)),
  "a softmax": (x, y) => x.softmax().cast("float64").exp().add(y.logSoftmax().cast("float64")),
  "layouts": (x, y) => x.transpose().exp().mul(y.transpose()).reshape(-1).relu(),
};

const extremes = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-310, -1e-310, 3e38, -3e38, 745, -746, 710, 1e-20, 0.4, 1.9, -0.3];
export const some = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(...extremes),
);

/** A leaf with numbers from a list, over and over, changed a little by a salt. */
export function leafOf(numbers: readonly number[], [rows, columns]: readonly number[], salt: number, dtype: DType): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => numbers[(i * 7 + salt) % numbers.length] * (1 + (i % 13) / 17));
  return tensor(values, [rows, columns], { dtype, requiresGrad: true });
}

export function firstDifference(found: TypedArray, wanted: TypedArray): string | null {
  const at = found.findIndex((value, i) => !Object.is(value, wanted[i]));
  return at < 0 ? null : `${at}: ${found[at]} instead of ${wanted[at]}`;
}

/** Sets gradients to 0. */
export function zeroed(leaves: readonly Tensor[]): Tensor[] {
  for (const leaf of leaves) leaf.grad = leaf.zerosLike().clone();
  return [...leaves];
}

/**
 * Compares a recorded function, and its gradients, with the function, at numbers other than those at the recording.
 * @param readAll whether all of its results may be read after a replay, or only that which it returns
 */
export function sameInLists(
  f: (x: Tensor, y: Tensor, s: Tensor) => Tensor,
  numbers: readonly number[],
  shape: readonly number[],
  dtype: DType,
  readAll = true,
): void {
  const leaves = zeroed([leafOf(numbers, shape, 0, dtype), leafOf(numbers, shape, 3, dtype), leafOf(numbers, [1, 1], 5, dtype)]);
  let result: Tensor;
  const storages = leaves.map((leaf) => here(leaf.array).data);
  const tape = recordTape(new Set(storages), (endPart) => {
    result = f(leaves[0], leaves[1], leaves[2]);
    endPart();
    result.sum().backward();
    endPart();
    if (!readAll) return [result];
  }, listRoom(2 ** 20 + 2 ** 8 * storages[0].byteLength)) as Tape;
  storages.forEach((data) => data.reverse());
  for (let i = 0; i < 20; i++) {
    leaves.forEach((leaf) => here(leaf.grad!.array).data.fill(0));
    for (const part of [0, 1]) tape.replay(part);
  }
  deepEqual(tape.unlisted, []);
  const others = zeroed(storages.map((data, i) => Tensor.from(data.slice(), leaves[i].shape).withGrad()));
  const wanted = f(others[0], others[1], others[2]);
  wanted.sum().backward();
  equal(firstDifference(result!.data, wanted.data), null);
  leaves.forEach(({ grad }, i) => equal(firstDifference(grad!.data, others[i].grad!.data), null));
}
