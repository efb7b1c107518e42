import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, type Tensor } from "../../mod.ts";
import { float64 } from "../helpers/tensors.ts";

const { grad, noGrad, primitive, tensor, where } = autodiff;

test("a gradient is the same in noGrad() and within a gradient rule", () => {
  const x = tensor([3]).withGrad(), square = (t: Tensor) => t.mul(t).sum();
  const [slope] = noGrad(() => grad(square)(x));
  deepEqual(slope.toArray(), [6]);
  equal(slope.requiresGrad, false);
  const recomputed = primitive({
    name: "recomputed",
    shape: () => [],
    forward: (_, [x]) => square(tensor(x.data, x.shape)).array,
    gradient: ({ dy, inputs: [x] }) => [() => grad(square)(x)[0].mul(dy)],
  });
  recomputed([x], undefined).backward();
  deepEqual(x.grad!.toArray(), [6]);
});

test("a gradient visits only the path from its inputs to its output", () => {
  let visits = 0;
  const counted = primitive({
    name: "counted",
    shape: ([x]) => x,
    forward: (_, [x]) => x,
    gradient: ({ dy }) => [() => {
      visits++;
      return dy;
    }],
  });
  let outer = tensor([2]).withGrad();
  for (let i = 0; i < 50; i++) outer = counted([outer], undefined);
  deepEqual(grad((x) => counted([x], undefined).mul(outer).sum())(tensor([3]))[0].toArray(), [2]);
  equal(visits, 1);
});

test("where() before a steep function keeps a finite slope, and after it does not", () => {
  const x = float64(0, 2);
  const [after] = grad((x) => where(x.greater(0), x.log(), 0).sum())(x);
  ok(Number.isNaN(after.data[0]) && after.data[1] === 0.5);
  const [before] = grad((x) => where(x.greater(0), where(x.greater(0), x, 1).log(), 0).sum())(x);
  deepEqual(before.toArray(), [0, 0.5]);
});

test("a checkpoint that computes other numbers the second time is an error", () => {
  let calls = 0;
  const y = autodiff.checkpoint((x) => x.mul(++calls), tensor([1]).withGrad());
  throws(() => y.sum().backward(), { message: /other numbers the second time/ });
});
