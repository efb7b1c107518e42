import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { checkGradients, grad, noGrad, type Tensor, tensor, valueAndGrad } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";

const leaf = (...values: number[]) => tensor(values, undefined, { dtype: "float64", requiresGrad: true });

test("backward() adds to grad, in place from the second time on", () => {
  const x = leaf(1, 2);
  x.square().sum().backward();
  const first = x.grad;
  x.square().sum().backward();
  equal(x.grad, first);
  deepEqual(x.grad!.toArray(), [4, 8]);
});

test("the gradient of a tensor that is used twice is the sum over both uses", () => {
  const x = leaf(3);
  x.mul(x).add(x).sum().backward();
  deepEqual(x.grad!.toArray(), [7]);
});

test("a graph of 100,000 nodes does not overflow the stack", () => {
  const x = leaf(1);
  let y: Tensor = x;
  for (let i = 0; i < 100_000; i++) y = y.add(1e-5);
  y.sum().backward();
  deepEqual(x.grad!.toArray(), [1]);
});

test("the third gradient of x^n is n (n - 1) (n - 2) x^(n - 3)", () =>
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 7 }), fc.double({ min: 0.5, max: 2, noNaN: true }), (n, at) => {
      const power = (x: Tensor) => x.pow(n).sum();
      const once = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad(f)(x)[0].sum();
      const third = once(once(once(power)))(leaf(at)).value, exact = n * (n - 1) * (n - 2) * at ** (n - 3);
      ok(Math.abs(third - exact) <= 1e-12 * exact);
    }),
    { seed: 5, numRuns: 50 },
  ));

test("an inner gradient stops at its own inputs and leaves the outer graph alone", () => {
  const x = leaf(2);
  const y = x.square();
  const inner = grad((z) => z.pow(3).sum())(y)[0];
  inner.sum().backward();
  // d/dx 3 (x²)² = 12 x³
  deepEqual(x.grad!.toArray(), [96]);
});

test("valueAndGrad() returns zeros for an input that the result does not depend on", () => {
  const { value, gradients } = valueAndGrad((x, _) => x.sum())(leaf(1, 2), leaf(5));
  equal(value.value, 3);
  deepEqual(gradients.map((g) => g.toArray()), [[1, 1], [0]]);
});

test("noGrad() records nothing, and ends when its function returns or throws", () => {
  const x = leaf(1);
  equal(noGrad(() => x.mul(2)).requiresGrad, false);
  throws(() => noGrad(() => x.add(tensor([1, 2]))), TypeError);
  equal(x.mul(2).requiresGrad, true);
  throws(() => noGrad(async () => await x), { message: /^Cannot run an asynchronous function in noGrad\(\)/ });
});

test("checkGradients() finds a wrong gradient", () => {
  const wrong = (x: Tensor) => x.square().add(x.detach().square()).sum();
  const { ok: right, error } = checkGradients(wrong, [leaf(1, 2)]);
  equal(right, false);
  ok(error > 0.3);
});

test("a result that cannot be differentiated is an error", () => {
  throws(() => leaf(1, 2).mul(2).backward(), {
    message: "Cannot differentiate a result of shape [2]: reduce it to one element, as in y.sum(), or pass its gradient",
  });
  throws(() => tensor([1]).mul(2).backward(), { message: /depends on no tensor with requiresGrad/ });
  throws(() => tensor(Int32Array.of(1), undefined, { requiresGrad: true }), {
    message: /Cannot differentiate with respect to int32/,
  });
});
