import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../autodiff/mod.ts";
import { grad, type Shape, standardize, type Tensor, tensor } from "../../autodiff/mod.ts";
import { nn } from "../../mod.ts";
import { stored } from "../helpers/arbitraries.ts";
import { fc } from "../deps.ts";
import { inTraining } from "../helpers/models.ts";
import { errorOf, sizeOf } from "../helpers/tensors.ts";

/** Numbers that look random, the same for the same salt. */
function noise(shape: Shape, salt: number, dtype: ad.DType = "float64"): Tensor {
  const size = sizeOf(shape);
  const values = Float64Array.from({ length: size }, (_, i) => Math.sin(12.9898 * i + 78.233 * salt) * 2);
  return tensor(values, shape, { dtype });
}

/** The formula in single operations. */
function composed(x: Tensor, axes: readonly number[], epsilon: number, weight?: Tensor, bias?: Tensor): Tensor {
  const deviation = x.variance(axes, { keepDims: true, correction: 0 }).add(epsilon).sqrt();
  const z = x.sub(x.mean(axes, { keepDims: true })).div(deviation);
  return z.mul(weight ?? 1).add(bias ?? 0);
}

/** The greatest |a - b| / max(1, |a|). */
function distance(wanted: Tensor, found: Tensor): number {
  deepEqual([...found.shape], [...wanted.shape]);
  return errorOf(wanted.data, found.data);
}

/** Numbers in some layout, axes to standardise over, and all kinds of weights and biases. */
const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  over: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  scaled: fc.constantFrom("not", "groups", "places"),
  layout: fc.constantFrom("rows", "columns", "gaps"),
  salt: fc.nat(1000),
}).map(({ shape, over, scaled, layout, salt }) => {
  const axes = shape.map((_, axis) => axis).filter((axis) => over[axis]);
  const few = shape.map((length, axis) => axes.includes(axis) === (scaled === "places") ? length : 1);
  const affine = scaled === "not" ? [] : [noise(few, salt + 1), noise(few, salt + 2)];
  return { axes, inputs: [stored(noise(shape, salt).data as Float64Array, shape, layout), ...affine] };
});

const apply = (axes: readonly number[]) => ([x, weight, bias]: Tensor[]) => standardize(x, axes, { epsilon: 0.1, weight, bias });

/** A sum in which errors of different elements cannot cancel. */
const weighed = (y: Tensor) => y.mul(noise(y.shape, 5, y.dtype)).sum();

test("standardize(): value and gradients, fused or not, agree with the formula in single operations", () =>
  fc.assert(
    fc.property(cases, ({ axes, inputs }) => {
      const whole = (f: (x: Tensor[]) => Tensor) => (...x: Tensor[]) => weighed(f(x));
      const formula = ([x, weight, bias]: Tensor[]) => composed(x, axes, 0.1, weight, bias);
      ok(distance(formula(inputs), apply(axes)(inputs)) < 1e-13);
      const wanted = grad(whole(formula))(...inputs), found = grad(whole(apply(axes)))(...inputs);
      const leaves = inputs.map((input) => input.withGrad());
      whole(apply(axes))(...leaves).backward();
      wanted.forEach((slope, i) => {
        ok(distance(slope, found[i]) < 1e-12, `gradient ${i}: ${distance(slope, found[i])}`);
        ok(distance(slope, leaves[i].grad!) < 1e-12, `fused gradient ${i}: ${distance(slope, leaves[i].grad!)}`);
      });
    }),
    { seed: 1, numRuns: 300 },
  ));

test("standardize(): first and second gradients agree with central differences, also with constant moments", () =>
  fc.assert(
    fc.property(cases, fc.boolean(), ({ axes, inputs }, constant) => {
      const [x] = inputs, groups = x.shape.reduce((n, length, axis) => axes.includes(axis) ? n : n * length, 1);
      const moments = constant ? noise([2, groups], 3).square() : undefined;
      const f = (...[x, weight, bias]: Tensor[]) => weighed(standardize(x, axes, { epsilon: 0.1, weight, bias, moments }));
      const check = ad.checkGradients(f, inputs, { order: 2, tolerance: 1e-5 });
      ok(check.ok, `input ${check.input}, element ${check.index}: off by ${check.error}`);
    }),
    { seed: 2, numRuns: 60 },
  ));

test("standardize(): third gradients agree with the formula", () => {
  const x = noise([4, 3], 1),
    third = (f: (x: Tensor) => Tensor) => {
      const second = (x: Tensor) => weighed(grad((x) => weighed(grad((x) => weighed(f(x)))(x)[0]))(x)[0]);
      return grad(second)(x)[0];
    };
  ok(distance(third((x) => composed(x, [0], 0.1)), third((x) => standardize(x, 0, { epsilon: 0.1 }))) < 1e-11);
});

test("standardize(): digits are kept where the mean is far from 0, also if the first number is an outlier", () => {
  for (const [shape, axes] of [[[300, 5], [0]], [[5, 300], [1]], [[20, 3, 150], [0, 2]]] as [number[], number[]][]) {
    for (const outlier of [0, 3e7]) {
      // Float32 numbers, so that both dtypes see the same values.
      const x = noise(shape, 1).add(1e6).cast("float32"), few = shape.map((length, axis) => axes.includes(axis) ? length : 1);
      x.data[0] += outlier;
      const centre = x.cast("float64").sub(1e6), wanted = composed(centre, axes, 1e-5);
      ok(distance(wanted, standardize(x, axes, { epsilon: 1e-5 }).cast("float64")) < 1e-6);
      ok(distance(wanted, standardize(x.cast("float64"), axes, { epsilon: 1e-5 })) < 1e-9);
      ok(distance(centre.variance(axes), x.cast("float64").variance(axes)) < 1e-13);
      if (outlier > 0) continue;
      // In float32, second gradients have the digits of inputs and results.
      const second = (f: (x: Tensor) => Tensor, x: Tensor) => grad((x) => weighed(grad((x) => weighed(f(x)))(x)[0]))(x)[0];
      const exact = second((x) => composed(x, axes, 1e-5), centre), weight = ad.ones(few);
      const found = second((x) => standardize(x, axes, { epsilon: 1e-5, weight, bias: weight.zerosLike() }), x);
      ok(distance(exact, found.cast("float64")) < 3e-6, `${distance(exact, found.cast("float64"))}`);
    }
  }
});

test("x.variance() over any axes is the variance of each group", () =>
  fc.assert(
    fc.property(cases, fc.constantFrom(0, 1e9), ({ axes, inputs: [x] }, outlier) => {
      x.data[0] += outlier;
      const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
      const groups = x.transpose(...kept, ...axes).reshape(kept.reduce((n, axis) => n * x.shape[axis], 1), -1)
        .toArray() as number[][];
      const wanted = groups.map((group) => {
        const mean = group.reduce((sum, x) => sum + x, 0) / group.length;
        return group.reduce((sum, x) => sum + (x - mean) ** 2, 0) / group.length;
      });
      const found = x.variance(axes, { correction: 0 });
      ok(distance(tensor(Float64Array.from(wanted)), found.reshape(-1)) < 1e-13);
    }),
    { seed: 4, numRuns: 200 },
  ));

test("constant values become the bias, with finite gradients; without epsilon they become NaN, as in PyTorch", () => {
  const x = ad.full([3, 2, 7], 0.1).withGrad(), layer = nn.initialize(new nn.BatchNorm1d(2), 0);
  layer.bias!.fill((i) => i + 1);
  const y = layer.forward(x, inTraining);
  deepEqual([...new Set(y.data)], [1, 2]);
  weighed(y).backward();
  ok(x.grad!.data.every(Number.isFinite));
  deepEqual([...layer.weight!.grad!.data], [0, 0]);
  deepEqual([...x.variance([0, 2], { correction: 0 }).data], [0, 0]);
  ok(standardize(x.detach(), [0, 2]).data.every(Number.isNaN));
});

test("a row of LayerNorm, and of BatchNorm after training, has the same bits in every batch", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 9 }), fc.nat(100), (width, rows, salt) => {
      const x = noise([rows, width], salt, "float32"), bits = (y: Tensor) => [...y.data];
      // An outlier in the first row does not change the others.
      x.data[0] = 1e8;
      const layer = nn.initialize(new nn.LayerNorm(width), 0), norm = nn.initialize(new nn.BatchNorm1d(width), 0);
      for (const parameter of [layer.weight, layer.bias, norm.weight, norm.bias, norm.running_mean, norm.running_var]) {
        parameter!.fill((i) => 1 + Math.cos(i + salt) / 2);
      }
      for (const forward of [(x: Tensor) => layer.forward(x), (x: Tensor) => norm.forward(x)]) {
        const all = forward(x);
        for (let row = 0; row < rows; row++) {
          deepEqual(bits(forward(x.slice(0, row, row + 1))), bits(all.slice(0, row, row + 1)));
        }
      }
    }),
    { seed: 5, numRuns: 50 },
  ));

test("normalisation layers return empty batches for empty ones, and axes of length 1 need no special case", () => {
  deepEqual([...nn.initialize(new nn.LayerNorm(4), 0).forward(ad.zeros([0, 4])).shape], [0, 4]);
  deepEqual([...nn.initialize(new nn.BatchNorm1d(4), 0).forward(ad.zeros([0, 4])).shape], [0, 4]);
  throws(() => nn.initialize(new nn.BatchNorm1d(4), 0).forward(ad.zeros([0, 4]), inTraining), {
    message: "Cannot normalise [0, 4] in training: it has one value per channel",
  });
  ok(nn.initialize(new nn.LayerNorm(1), 0).forward(noise([3, 1], 0, "float32")).data.every((z) => z === 0));
  const x = noise([6, 4], 1, "float32"),
    flat = nn.initialize(new nn.BatchNorm1d(4), 0),
    planes = nn.initialize(new nn.BatchNorm2d(4), 0);
  deepEqual([...planes.forward(x.reshape(6, 4, 1, 1), inTraining).data], [...flat.forward(x, inTraining).data]);
  const one = nn.initialize(new nn.BatchNorm2d(1), 0).forward(x.reshape(6, 1, 2, 2), inTraining);
  ok(distance(composed(x, [0, 1], 1e-5).reshape(6, 1, 2, 2), one) < 1e-6);
});

test("BatchNorm moves its running statistics towards the batch's mean and unbiased variance, also in steps and gradients", () => {
  const x = noise([5, 3, 2, 4], 1, "float32"), wide = x.cast("float64");
  const layers = [1, 2, 3].map(() => nn.initialize(new nn.BatchNorm2d(3, { momentum: 0.25 }), 0));
  layers[0].forward(x, inTraining);
  ad.inStep(() => weighed(layers[1].forward(x.withGrad(), inTraining)).backward());
  grad((x) => weighed(layers[2].forward(x, inTraining)))(x);
  for (const layer of layers) {
    equal(layer.num_batches_tracked.value, 1);
    ok(distance(wide.mean([0, 2, 3]).mul(0.25), layer.running_mean.cast("float64")) < 1e-7);
    ok(distance(wide.variance([0, 2, 3]).mul(0.25).add(0.75), layer.running_var.cast("float64")) < 1e-7);
  }
});

test("a frozen BatchNorm takes its running statistics as constants, and passes gradients on", () => {
  const layer = nn.freeze(nn.initialize(new nn.BatchNorm1d(3), 0)), x = noise([4, 3], 1, "float32").withGrad();
  layer.running_mean.fill((i) => i);
  layer.running_var.fill((i) => i + 1);
  const y = layer.forward(x, inTraining), dy = noise([4, 3], 2, "float32");
  const scale = tensor([1, 2, 3]).add(layer.epsilon).sqrt();
  ok(distance(x.detach().sub(tensor([0, 1, 2])).div(scale), y) < 1e-6);
  y.backward(dy);
  ok(distance(dy.div(scale), x.grad!) < 1e-6);
  deepEqual([layer.weight!.grad, layer.bias!.grad, layer.running_mean.grad], [null, null, null]);
  equal(layer.num_batches_tracked.value, 0);
  // If only the weight is trained, the layer uses the batch's statistics.
  layer.weight!.requiresGrad = true;
  layer.forward(x.detach(), inTraining).backward(dy);
  equal(layer.num_batches_tracked.value, 1);
  ok(distance(composed(x.detach(), [0], layer.epsilon).mul(dy).sum(0), layer.weight!.grad!) < 1e-6);
  equal(layer.bias!.grad, null);
});

test("weights of wrong shapes and dtypes are errors that show them", () => {
  const x = ad.zeros([2, 3, 4]);
  throws(() => standardize(x, [0, 2], { weight: ad.ones([3]) }), {
    message: "Cannot scale [2, 3, 4], standardised over axes [0,2], by [3]: wanted [1, 3, 1] or [2, 1, 4]",
  });
  throws(() => standardize(x, [2], { weight: ad.ones([4]), bias: ad.ones([2, 3, 1]) }), {
    message: "Cannot scale by [4] and [2, 3, 1]: shapes must be equal",
  });
  throws(() => standardize(x, [2], { weight: ad.ones([4], "float64") }), {
    message: 'Cannot standardise float32 and float64: cast the float64 one, as in x.cast("float32")',
  });
  throws(() => standardize(x, [3]), { message: "Cannot standardise along axis 3 of shape [2, 3, 4]: its rank is 3" });
  deepEqual(standardize(tensor(Int32Array.of(1, 3))).toArray(), [-1, 1]);
});
