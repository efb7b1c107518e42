import { equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { arange, inStep, type Tensor, tensor, zeros } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";
import { bareDevice } from "./devices/bare_device.ts";

const float64 = { dtype: "float64" } as const;

const texts: [Tensor, string][] = [
  [tensor([[1, 2.5], [-3, 4]]), "Tensor([[ 1.0,  2.5],\n        [-3.0,  4.0]], shape [2, 2], float32)"],
  [tensor([1.9999995231628418, 1 / 3]), "Tensor([2.0000, 0.3333], shape [2], float32)"],
  [tensor(0.1), "Tensor(0.1, shape [], float32)"],
  [tensor([1 / 3, 2], float64), "Tensor([0.33333333, 2.00000000], shape [2], float64)"],
  [tensor([3, -1], { dtype: "int32" }), "Tensor([ 3, -1], shape [2], int32)"],
  [tensor([1.5e-7, 100]), "Tensor([1.5e-7, 1.0e+2], shape [2], float32)"],
  [tensor([NaN, -Infinity, 0.5]), "Tensor([      NaN, -Infinity,       0.5], shape [3], float32)"],
  [zeros([2, 0]), "Tensor([[],\n        []], shape [2, 0], float32)"],
  [tensor([1], { requiresGrad: true }), "Tensor([1], shape [1], float32, requiresGrad)"],
  [arange(2000), "Tensor([   0,    1,    2, …, 1997, 1998, 1999], shape [2000], float32)"],
  [zeros([1, 1, 2]).add(zeros([2, 1, 1])), "Tensor([[[0, 0]],\n\n        [[0, 0]]], shape [2, 1, 2], float32)"],
  [tensor([[1, 2], [3, 4]]).T.slice(0, 1), "Tensor([[2, 4]], shape [1, 2], float32)"],
];

test("JSON has the elements, and an operator of JavaScript is an error instead of NaN", () => {
  const x = tensor([[1, 2.5], [-3, 4]]), any = x as unknown as number;
  equal(JSON.stringify({ x }), '{"x":[[1,2.5],[-3,4]]}');
  for (const wrong of [() => any * 2, () => any - 1, () => any < 1, () => -any, () => Math.max(any, 0)]) {
    throws(wrong, { name: "TypeError", message: /^Cannot compute with a tensor by an operator of JavaScript.*x\.item\(\)$/ });
  }
  equal(`loss ${tensor(2)}`, "loss Tensor(2, shape [], float32)");
});

test("consoles and String show the elements as NumPy does, with shape and dtype", () => {
  for (const [x, wanted] of texts) {
    equal(`${x}`, wanted);
    equal(inspect(x), wanted);
  }
});

test("a large tensor is shown by its ends, in lines of at most 140 signs", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 }), (shape) => {
      const text = `${zeros(shape).add(0.25)}`, shown = text.split("0.25").length - 1;
      ok(shown <= 1000 && text.split("\n").every(({ length }) => length <= 140), text);
      equal(text.includes("…"), shown < shape.reduce((size, length) => size * length, 1));
    }),
    { seed: 1 },
  ));

test("a tensor on a device, and one of a step that has ended, are shown without elements", () => {
  equal(`${zeros([2]).to(bareDevice())}`, "Tensor(on the bare, shape [2], float32)");
  let gone!: Tensor;
  inStep(() => void (gone = tensor([1, 2]).mul(2)));
  equal(`${gone}`, "Tensor(of a training step that has ended)");
});
