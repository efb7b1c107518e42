/** Numerical faults found by comparing the engine with PyTorch. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff } from "../../mod.ts";
import { float64, int32 } from "../helpers/tensors.ts";

const { crossEntropy, full, ones, tensor, where, zeros } = autodiff;

test("assign() writes values by position, whatever the layout", () => {
  deepEqual(ones([3]).assign(tensor([1, 2, 3])).toArray(), [1, 2, 3]);
  const matrix = zeros([2, 3]);
  matrix.slice(1, 1, 2).assign(tensor([[5], [6]]));
  deepEqual(matrix.toArray(), [[0, 5, 0], [0, 6, 0]]);
  matrix.transpose().assign(tensor([[1, 2], [3, 4], [5, 6]]));
  deepEqual(matrix.toArray(), [[1, 3, 5], [2, 4, 6]]);
  const line = tensor([1, 2, 3, 4]);
  line.slice(0, 1).assign(line.slice(0, 0, 3));
  deepEqual(line.toArray(), [1, 1, 2, 3]);
  const square = tensor([[1, 2], [3, 4]]);
  square.assign(square.transpose());
  deepEqual(square.toArray(), [[1, 3], [2, 4]]);
  const w = tensor([1, 1]).withGrad();
  w.grad = full([2], 0);
  w.mul(tensor([3, 5])).sum().backward();
  deepEqual(w.grad.toArray(), [3, 5]);
  throws(() => tensor([1]).broadcastTo([3]).assign(tensor([1, 2, 3])), { message: /view that repeats elements \(shape \[3\]\)/ });
});

test("integers and other numbers combine by value", () => {
  deepEqual(int32(2, 3).equal(2.5).toArray(), [0, 0]);
  deepEqual(int32(2, 3).less(2.5).toArray(), [1, 0]);
  deepEqual(int32(2, 3).greaterEqual(3e9).toArray(), [0, 0]);
  equal(int32(2).less(2.5).dtype, "int32");
  deepEqual(int32(3).mul(0.5).toArray(), [1.5]);
  deepEqual(int32(3, -3).div(2).toArray(), [1.5, -1.5]);
  deepEqual(int32(7).div(int32(2)).toArray(), [3.5]);
  deepEqual(autodiff.div(1, int32(4)).toArray(), [0.25]);
  deepEqual(int32(1, 2).mean().toArray(), 1.5);
  deepEqual(int32(1, 2).variance().toArray(), 0.5);
  deepEqual(int32(4).sqrt().toArray(), [2]);
  deepEqual(int32(0).exp().toArray(), [1]);
  deepEqual(int32(1, 4).clip(1.5, 2.5).toArray(), [1.5, 2.5]);
  deepEqual(where(int32(1, 0), 1.5, 0.5).toArray(), [1.5, 0.5]);
  deepEqual(int32(1, 1).softmax().toArray(), [0.5, 0.5]);
  for (const x of [int32(1).add(1), int32(1).neg(), int32(1).sum(), int32(3).mul(int32(2)), int32(1, 2).max()]) {
    equal(x.dtype, "int32");
  }
  deepEqual(int32(1).add(0.5).dtype, "float64");
});

test("integers outside int32 are errors", () => {
  const most = 2147483647;
  for (
    const act of [
      () => int32(most).add(1),
      () => int32(most, 1).sum(),
      () => int32(-most).sub(2),
      () => int32(100000).mul(100000),
      () => int32(-most - 1).neg(),
      () => int32(-most - 1).abs(),
      () => int32(2).pow(-1),
      () => int32(100000).reshape(1, 1).matmul(int32(100000).reshape(1, 1)),
      () => tensor([3e9], [1], { dtype: "int32" }),
      () => float64(NaN).cast("int32"),
      () => int32(1).assign(float64(1e10)),
    ]
  ) {
    throws(act, {
      name: "RangeError",
      message: /int32: the result .* is not a 32-bit integer|as int32: wanted a number from -2147483648 to 2147483647/,
    });
  }
  deepEqual(float64(-1.7, 1.7).cast("int32").toArray(), [-1, 1]);
});

test("sums of many numbers keep their digits, along any axis", () => {
  const n = 1e7, tenths = tensor(new Float64Array(n).fill(0.1));
  // The sum of n equal numbers is n times one of them, rounded once.
  ok(Math.abs(tenths.sum().value - n * 0.1) < 2e-9, `${tenths.sum().value}`);
  ok(Math.abs(tenths.mean().value - 0.1) < 1e-15);
  for (const shape of [[n / 2, 2], [2, n / 2], [10, n / 20, 2]]) {
    const axis = shape.indexOf(Math.max(...shape)), sums = tenths.reshape(...shape).sum(axis);
    ok(sums.data.every((z) => Math.abs(z - shape[axis] * 0.1) < 2e-9), `${shape}: ${sums.data[0]}`);
  }
  ok(tenths.variance().value < 1e-30);
  ok(tenths.reshape(n / 2, 2).variance(0).data.every((z) => z < 1e-30));
  const loss = crossEntropy(tensor(new Float64Array(1e6).fill(0.1)), tensor(new Float64Array(1e6).fill(1))).value;
  ok(Math.abs(loss - Math.log1p(Math.exp(-0.1))) < 1e-15);
  // In PyTorch 2.13 a float32 product this deep is off by 2.5e-3.
  const depth = 2 ** 18, row = tensor(new Float32Array(depth).fill(0.1), [1, depth]);
  for (const columns of [1, 3]) {
    const product = row.matmul(tensor(new Float32Array(depth * columns).fill(1), [depth, columns])).data[0];
    ok(
      Math.abs(product / (depth * Math.fround(0.1)) - 1) < 4e-6,
      `${columns} columns: ${product / (depth * Math.fround(0.1)) - 1}`,
    );
  }
});

test("means of windows never leave the range of the window", () => {
  const images = tensor(Float32Array.from({ length: 8 * 784 }, (_, i) => i % 9 === 0 ? 1 : 0), [2, 4, 28, 28]);
  ok(autodiff.avgPool2d(images, 5, { stride: 1 }).data.every((z) => z >= 0));
  ok(autodiff.avgPool2d(images.mul(0).add(0.1), 5, { stride: 1 }).data.every((z) => Math.abs(z - 0.1) < 2e-8));
});

test("the error for two different dtypes says which one to cast", () => {
  const [narrow, wide] = [tensor([[1]]), tensor(Float64Array.from([1]), [1, 1])];
  for (const [x, y] of [[narrow, wide], [wide, narrow]]) {
    throws(() => x.matmul(y), {
      message: `Cannot multiply ${x.dtype} and ${y.dtype}: cast the float64 one, as in x.cast("float32")`,
    });
  }
  throws(() => narrow.add(int32(1)), { message: 'Cannot add float32 and int32: cast the int32 one, as in x.cast("float32")' });
});
