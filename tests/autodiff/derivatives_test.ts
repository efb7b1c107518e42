import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, type Tensor } from "../../mod.ts";
import { tensors } from "../helpers/arbitraries.ts";
import { fc } from "../deps.ts";
import { float64 } from "../helpers/tensors.ts";

const { checkGradients, checkpoint, grad, hessian, hvp, jacobian, noGrad, tensor } = autodiff;

/** A function that mixes its elements and has derivatives of every order. */
const bend = (x: Tensor) => x.mul(x.sum()).tanh().add(x.exp()).sum();

function close(found: Tensor, wanted: ArrayLike<number>, tolerance = 1e-9): void {
  found.data.forEach((z, i) =>
    ok(Math.abs(z - wanted[i]) <= tolerance * Math.max(1, Math.abs(wanted[i])), `${z}, wanted ${wanted[i]}`)
  );
}

test("a quadratic form has its matrix as Hessian; Hessians are symmetric, and hvp() multiplies by them", () => {
  const a = tensor(Float64Array.from([2, 1, 0, 1, 3, -1, 0, -1, 5]), [3, 3]), x = float64(0.3, -0.2, 0.5);
  const form = (x: Tensor) => x.matmul(a).mul(x).sum().div(2);
  deepEqual(hessian(form, x).toArray(), a.toArray());
  fc.assert(
    fc.property(tensors([3]), tensors([3]), (x, v) => {
      const h = hessian(bend, x);
      close(h.transpose(), h.data);
      close(hvp(bend, [x], [v])[0], h.matmul(v).data);
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("a Jacobian has the derivative of each element, for any shape", () => {
  const x = tensor(Float64Array.from([1, 2, 3, 4]), [2, 2]);
  const squares = jacobian((x) => x.matmul(x), x);
  deepEqual(squares.shape, [2, 2, 2, 2]);
  const step = 1e-6;
  for (let j = 0; j < 4; j++) {
    const at = (by: number) => {
      const moved = tensor(x.data.map((z, i) => i === j ? z + by : z), [2, 2]);
      return moved.matmul(moved).data;
    };
    const [high, low] = [at(step), at(-step)];
    for (let i = 0; i < 4; i++) {
      close(tensor(squares.data.slice(4 * i + j, 4 * i + j + 1)), [(high[i] - low[i]) / (2 * step)], 1e-8);
    }
  }
  deepEqual(jacobian((x) => x.slice(0, 0, 0), x).shape, [0, 2, 2, 2]);
});

test("derivatives are part of the graph around them, and record nothing in noGrad()", () => {
  ok(checkGradients((x) => hvp(bend, [x], [x])[0].sum(), [float64(0.2, 0.4)]).ok);
  ok(checkGradients((x) => hessian(bend, x).square().sum(), [float64(0.2, 0.4)]).ok);
  const x = float64(0.2, 0.4).withGrad();
  close(noGrad(() => hessian(bend, x)), hessian(bend, x).data);
  equal(noGrad(() => hessian(bend, x)).requiresGrad, false);
});

test("directions of wrong shapes are an error that shows both shapes", () => {
  throws(() => hvp(bend, [float64(1, 2)], [float64(1)]), {
    message: /directions of shapes \[1\]: wanted the inputs' shapes, \[2\]/,
  });
});

test("checkpoint() keeps gradients of any order, of its inputs and of tensors from outside", () => {
  const w = float64(0.5, -0.3, 0.2).withGrad(), h = w.mul(2);
  const layer = (x: Tensor) => x.mul(h).tanh().mul(w.sum());
  const kept = (x: Tensor) => layer(layer(x)).sum(), again = (x: Tensor) => checkpoint(layer, checkpoint(layer, x)).sum();
  const x = float64(0.1, 0.7, -0.4);
  deepEqual(grad(again)(x)[0].data, grad(kept)(x)[0].data);
  close(hessian(again, x), hessian(kept, x).data);
  ok(checkGradients(again, [x], { order: 2 }).ok);
  const slopes = [kept, again].map((f) => {
    w.grad = null;
    f(x).backward();
    return w.grad!.data;
  });
  close(tensor(slopes[1]), slopes[0]);
  equal(noGrad(() => again(x)).value, kept(x).value);
  close(grad((x) => checkpoint((x, y) => x.mul(y).mul(y).sum(), x, x))(x)[0], x.square().mul(3).data);
});

test("a layer's parameters get their gradients through checkpoint(), which does not keep the layer's graph", () => {
  const model = nn.initialize(new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1)), 1);
  const x = tensor(Float32Array.from({ length: 20 }, (_, i) => Math.sin(i)), [5, 4]), { gradient } = nn.flatParameters(model);
  const [kept, again] = [(x: Tensor) => model.forward(x), (x: Tensor) => checkpoint((x) => model.forward(x), x)].map((f) => {
    gradient.fill(0);
    f(x).square().sum().backward();
    return gradient.slice();
  });
  deepEqual(again, kept);
  const { node } = checkpoint((x) => model.forward(x), x);
  // The input and four parameters, all of them leaves.
  deepEqual(node!.inputs.map(({ node }) => node), [null, null, null, null, null]);
});

test("an inner gradient takes little longer within a large outer graph, and 300 nested checkpoints work", () => {
  let x = float64(0.5).withGrad();
  for (let i = 0; i < 1200; i++) x = x.mul(1.0001);
  const start = performance.now();
  for (let i = 0; i < 100; i++) grad((y) => y.mul(x.detach()).mul(y).sum())(float64(i));
  const detached = performance.now() - start, again = performance.now();
  for (let i = 0; i < 100; i++) grad((y) => y.mul(x).mul(y).sum())(float64(i));
  const closure = performance.now() - again;
  ok(closure < 20 * detached + 20, `${closure} ms with the outer graph in sight, ${detached} ms without`);
  const deep = grad((y) => {
    let z = y;
    for (let i = 0; i < 300; i++) z = checkpoint((z) => z.tanh().mul(1.5), z);
    return z.sum();
  })(float64(0.3))[0];
  ok(Number.isFinite(deep.value));
});
