import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../../autodiff/mod.ts";
import { grad, type Shape, type Tensor, tensor } from "../../../autodiff/mod.ts";
import { here } from "../../../autodiff/remote_array.ts";
import { fc } from "../../deps.ts";
import { onTheProcessor, primitives } from "./primitives.ts";

const tables = { ...primitives, ...onTheProcessor };

for (const [name, [inputs, apply]] of Object.entries(tables)) {
  test(`${name}: first and second gradients agree with central differences`, () =>
    fc.assert(
      fc.property(inputs, fc.nat(5), (x, choice) => {
        const f = (...x: Tensor[]) => {
          const y = apply(x, choice);
          // Distinct weights, so that errors in different outputs cannot cancel.
          return y.mul(tensor(Float64Array.from({ length: y.size }, (_, i) => 1 + (i % 7) / 5), y.shape)).sum();
        };
        const check = ad.checkGradients(f, x, { order: 2, tolerance: 1e-5 });
        ok(check.ok, `input ${check.input}, element ${check.index}: off by ${check.error}`);
      }),
      { seed: 3, numRuns: 40 },
    ));
}

test("the table of primitives has every differentiable function of autodiff/mod.ts", () => {
  const others = [
    "Tensor",
    "tensor",
    "zeros",
    "ones",
    "arange",
    "eye",
    "linspace",
    "rand",
    "randint",
    "randn",
    "randperm",
    "full",
    "backward",
    "checkGradients",
    "grad",
    "noGrad",
    "inStep",
    "recorded",
    "useRelaxedSimd",
    "valueAndGrad",
    "primitive",
    "useThreads",
    "useConvolutions",
    "hvp",
    "jacobian",
    "hessian",
    "checkpoint",
    "coreCount",
    "decided",
    "openGpu",
    "broughtHere",
    "DeviceError",
  ];
  const withoutGradient = [
    "equal",
    "notEqual",
    "less",
    "lessEqual",
    "greater",
    "greaterEqual",
    "sign",
    "oneHot",
    "argmax",
    "argmin",
    "ceil",
    "floor",
    "round",
    "all",
    "any",
    "isFinite",
    "isNaN",
    "logicalAnd",
    "logicalNot",
    "logicalOr",
  ];
  const tested = Object.keys(tables).map((name) => name.split(" ")[0]);
  const missing = Object.keys(ad).filter((name) =>
    ![...others, ...withoutGradient, ...tested, "sum", "max", "min"].includes(name)
  );
  deepEqual(missing, []);
});

const gradientAt = (f: (...x: Tensor[]) => Tensor, ...at: number[]) =>
  grad((...x) => f(...x).sum())(...at.map((value) => tensor([value], undefined, { dtype: "float64" }))).map((g) => g.value);

test("gradients at points without a derivative follow PyTorch", () => {
  deepEqual(gradientAt((x) => x.relu(), 0), [0]);
  deepEqual(gradientAt((x) => x.abs(), 0), [0]);
  deepEqual(gradientAt((x) => x.clip(-1, 1), 1), [1]);
  deepEqual(gradientAt((x) => x.sqrt(), 0), [Infinity]);
  deepEqual(gradientAt((x) => x.log(), 0), [Infinity]);
  deepEqual(gradientAt((x, y) => x.maximum(y), 2, 2), [0.5, 0.5]);
  deepEqual(gradientAt((x, y) => x.minimum(y), 2, 2), [0.5, 0.5]);
  deepEqual(gradientAt((x, y) => x.pow(y), 0, 2), [0, 0]);
  deepEqual(gradientAt((x, y) => x.pow(y), 0, 0), [0, 0]);
  deepEqual(gradientAt((x) => x.pow(2), -3), [-6]);
  deepEqual(gradientAt((x, y) => ad.where(x.less(1), x, y), 0, 0), [1, 0]);
});

test("equal maxima share the gradient along an axis, and the first takes it in a pooling window", () => {
  const [along] = grad((x) => x.max(1).sum())(tensor([[2, 2, 1], [0, 0, 0]]));
  deepEqual(along.toArray(), [[0.5, 0.5, 0], [Math.fround(1 / 3), Math.fround(1 / 3), Math.fround(1 / 3)]]);
  const [pooled] = grad((x) => ad.maxPool2d(x, 2).sum())(ad.ones([1, 1, 2, 2]));
  deepEqual(pooled.toArray(), [[[[1, 0], [0, 0]]]]);
});

test("functions do not overflow at extremes", () => {
  const x = tensor([-1000, 0, 1000], undefined, { dtype: "float64" });
  deepEqual(x.sigmoid().toArray(), [0, 0.5, 1]);
  deepEqual(x.tanh().toArray(), [-1, 0, 1]);
  deepEqual(x.softplus().toArray(), [0, Math.LN2, 1000]);
  deepEqual(x.softmax().toArray(), [0, 0, 1]);
  deepEqual(x.logSoftmax().toArray(), [-2000, -1000, 0]);
  equal(tensor([-Infinity, -Infinity]).logSumExp().value, -Infinity);
  equal(tensor([Infinity, 1]).logSumExp().value, Infinity);
  deepEqual(tensor([NaN, 1]).maximum(0).toArray(), [NaN, 1]);
  deepEqual(tensor([NaN, 1]).relu().toArray(), [NaN, 1]);
  equal(tensor([1, NaN, 2]).max().value, NaN);
});

test("over no elements a sum is 0, a mean is NaN, and a maximum is an error", () => {
  const empty = ad.zeros([2, 0]);
  deepEqual(empty.sum(1).toArray(), [0, 0]);
  deepEqual(empty.mean(1).toArray(), [NaN, NaN]);
  throws(() => empty.max(1), { message: "Cannot take the maximum of shape [2, 0]: axis 1 has no elements" });
});

test("comparisons and oneHot return 0 and 1", () => {
  const x = tensor([1, 2, 3]);
  deepEqual(x.less(2).toArray(), [1, 0, 0]);
  deepEqual(x.lessEqual(2).toArray(), [1, 1, 0]);
  deepEqual(x.greater(2).toArray(), [0, 0, 1]);
  deepEqual(x.greaterEqual(2).toArray(), [0, 1, 1]);
  deepEqual(x.equal(2).toArray(), [0, 1, 0]);
  deepEqual(x.notEqual(2).toArray(), [1, 0, 1]);
  deepEqual(ad.oneHot([2, 0], 3).toArray(), [[0, 0, 1], [1, 0, 0]]);
});

test("the cross entropy of logits is exact where probabilities would be 0, and NaN over no rows", () => {
  const logits = tensor([-1000, 0, 1000], undefined, { dtype: "float64" }), labels = tensor([1, 1, 0]);
  equal(ad.crossEntropy(logits, labels).value, (1000 + Math.LN2 + 1000) / 3);
  const [slope] = grad((x) => ad.crossEntropy(x, labels))(logits);
  deepEqual(slope.toArray(), [-1 / 3, -0.5 / 3, 1 / 3]);
  equal(ad.crossEntropy(tensor([[-1000, 0, 1000]]), tensor([0])).value, 2000);
  equal(ad.crossEntropy(tensor([[-1000, 0, 1000]]), tensor([2])).value, 0);
  equal(ad.crossEntropy(ad.zeros([0, 3]), ad.zeros([0])).value, NaN);
});

test("the cross entropy agrees with the logarithms of softmax and sigmoid", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }), fc.gen(), (n, classes, make) => {
      const draw = (size: number, to: number) =>
        Float64Array.from({ length: size }, () => make(fc.double, { min: -to, max: to, noNaN: true }));
      const x = tensor(draw(n * classes, 30), [n, classes]),
        y = draw(n, 1).map((z) => Math.floor((z + 1) / 2.001 * Math.max(2, classes)));
      const logs = classes > 1 ? x.logSoftmax() : ad.concatenate([x.neg().softplus().neg(), x.softplus().neg()], 1);
      let sum = 0;
      y.forEach((label, i) => sum -= logs.data[i * logs.shape[1] + (classes > 1 ? label : 1 - label)]);
      const found = ad.crossEntropy(x, tensor(y)).value;
      ok(Math.abs(found - sum / n) <= 1e-12 * (1 + Math.abs(found)), `${found}, wanted ${sum / n}`);
    }),
    { seed: 11 },
  ));

const wrong: [() => unknown, string][] = [
  [
    () => ad.crossEntropy(ad.zeros([2, 3]), tensor([0, 3])),
    "Cannot use label 3 in row 1: wanted a class, a whole number from 0 to 2",
  ],
  [
    () => ad.crossEntropy(ad.zeros([2, 3]), ad.zeros([3])),
    "Cannot take the cross entropy of logits [2, 3] and labels [3]: wanted [n], [n, 1] or [n, classes], and [n]",
  ],
  [
    () => ad.weightedSum([ad.zeros([2])], [1, 2]),
    "Cannot add 1 tensors with 2 weights: wanted at least one tensor, and a weight for each",
  ],
  [
    () => ad.weightedSum([ad.zeros([2]), ad.zeros([3])], [1, 2]),
    "Cannot add [2] and [3] with weights: shapes must be equal",
  ],
  [
    () => ad.zeros([2, 3]).add(ad.zeros([4])),
    "Cannot add [2, 3] and [4]: axis 1 has lengths 3 and 4, and only equal lengths or 1 broadcast",
  ],
  [() => ad.zeros([2, 3]).matmul(ad.zeros([2, 3])), "Cannot multiply [2, 3] by [2, 3]: 3 must equal 2"],
  [
    () => ad.zeros([2]).add(ad.zeros([2], "float64")),
    'Cannot add float32 and float64: cast the float64 one, as in x.cast("float32")',
  ],
  [() => ad.zeros([6]).reshape(4, -1), "Cannot reshape [6] to [4, -1]: 6 elements do not fill it"],
  [() => ad.zeros([2, 3]).sum(2), "Cannot reduce along axis 2 of shape [2, 3]: its rank is 2"],
  [() => ad.zeros([2, 3]).take([3], 1), "Cannot take at index 3: the axis has length 3"],
  [() => ad.zeros([2, 3]).take([0.5]), "Cannot use 0.5 as an index: indices are whole numbers"],
  [
    () => ad.concatenate([ad.zeros([2, 3]), ad.zeros([2, 2])]),
    "Cannot concatenate [2, 3] and [2, 2] along axis 0: other axes must be equal",
  ],
  [
    () => ad.conv2d(ad.zeros([1, 2, 5, 5]), ad.zeros([4, 3, 3, 3])),
    "Cannot convolve [1, 2, 5, 5] with filters [4, 3, 3, 3]: wanted [n, c, height, width] and [o, c, p, q] with equal c",
  ],
  [
    () => ad.conv2d(ad.zeros([1, 2, 2, 2]), ad.zeros([4, 2, 3, 3])),
    "Cannot convolve [1, 2, 2, 2] with filters [4, 2, 3, 3]: the padded image is smaller than the filter",
  ],
  [() => ad.maxPool2d(ad.zeros([4, 4]), 2), "Cannot pool shape [4, 4]: wanted [n, c, height, width]"],
  [() => tensor([[1, 2], [3]]), "Cannot make a tensor of ragged arrays: [1] should have shape [2]"],
  [
    () => tensor([new Array(2 ** 17).fill(0), ...new Array(2 ** 17).fill([])]),
    "Cannot make a tensor of ragged arrays: [1] should have shape [131072]",
  ],
  [() => ad.zeros([2]).value, "Cannot read one number from shape [2]: use toArray() or read()"],
];

test("shapes and dtypes that do not match are errors that show both", () => {
  for (const [act, message] of wrong) throws(act, { message });
});

test("a tensor keeps its shape when the array that gave it changes", () => {
  const shape = [2, 3], x = ad.Tensor.from(Float64Array.of(1, 2, 3, 4, 5, 6), shape), y = ad.zeros(shape);
  const z = ad.broadcastTo(tensor([1, 2, 3]), shape);
  shape[0] = 7;
  for (const { shape } of [x, y, z]) deepEqual([...shape], [2, 3]);
});

test("views share their storage", () => {
  const x = ad.zeros([2, 3]), seen: Shape = x.transpose().slice(0, 1).shape;
  deepEqual(seen, [2, 2]);
  for (const other of [x.transpose(), x.reshape(6), x.slice(1, 1), x.broadcastTo([5, 2, 3])]) {
    equal(here(other.array).data, here(x.array).data);
  }
});
