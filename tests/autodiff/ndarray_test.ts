import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, Tensor, tensor } from "../../autodiff/mod.ts";
import { assign, copyInto, view } from "../../autodiff/ndarray.ts";
import { ndarray } from "../../deps.ts";
import { fc } from "../deps.ts";
import { fed, skip } from "../helpers/child.ts";

/** An array of scijs, with the methods that the kit does not name. */
type Scijs = NdArray & {
  dimension: number;
  order: number[];
  get(...at: number[]): number;
  set(...at: number[]): number;
  index(...at: number[]): number;
  lo(...at: number[]): Scijs;
  hi(...at: number[]): Scijs;
  step(...by: number[]): Scijs;
  transpose(...axes: number[]): Scijs;
  pick(...at: (number | null)[]): Scijs;
};

/** A row-major array of different numbers, its axes permuted. */
const permuted = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axes: fc.shuffledSubarray(shape.map((_, axis) => axis), { minLength: shape.length }) })
).map(({ shape, axes }) => {
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) + 3 }, (_, i) => i);
  return { data, shape: axes.map((axis) => shape[axis]), stride: axes.map((axis) => stride[axis]), offset: 3 };
});

test("view() is an ndarray: it answers as the package's, on any shape and strides", () =>
  fc.assert(
    fc.property(permuted, fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }), ({ data, shape, stride, offset }, places) => {
      const kit = view(data, shape, stride, offset) as Scijs, package_ = ndarray(data, shape, stride, offset) as Scijs;
      const at = shape.map((length, axis) => places[axis] % length);
      const answers = (x: Scijs) => [x.size, x.dtype, x.dimension, [...x.order], x.get(...at), x.index(...at)];
      deepEqual(answers(kit), answers(package_));
      if (shape.length === 0) return;
      const parts = (x: Scijs) =>
        [x.lo(...at), x.hi(...shape.map((l) => l - 1)), x.step(2), x.transpose(), x.pick(at[0])].map((part) => ({ ...part }));
      deepEqual(parts(kit), parts(package_));
    }),
    { seed: 1, numRuns: 200 },
  ));

test("assign() and copyInto() copy every element to its place, whatever the strides of the two", () =>
  fc.assert(
    fc.property(permuted, fc.boolean(), (from, transposed) => {
      const source = view(from.data, from.shape, from.stride, from.offset) as Scijs;
      const rank = from.shape.length, to = new Float64Array(source.size);
      const row = from.shape.map((_, axis) => from.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
      const column = from.shape.map((_, axis) => from.shape.slice(0, axis).reduce((a, b) => a * b, 1));
      const target = view(to, from.shape, transposed ? column : row) as Scijs;
      if (rank === 0) copyInto(target, source);
      else assign(target, source);
      const compare = (at: number[]): void => {
        if (at.length === rank) return equal(target.get(...at), source.get(...at));
        for (let i = 0; i < from.shape[at.length]; i++) compare([...at, i]);
      };
      compare([]);
    }),
    { seed: 1, numRuns: 200 },
  ));

test("assign() copies more than a tile, steps, reversed axes and repeated elements", () => {
  const many = Float32Array.from({ length: 100 * 70 }, (_, i) => i), place = (i: number, j: number) => many[j * 100 + i];
  const turned = Tensor.from(many, [70, 100]).transpose();
  deepEqual(turned.clone().toArray(), Array.from({ length: 100 }, (_, i) => Array.from({ length: 70 }, (_, j) => place(i, j))));
  const to = view(new Float64Array(6), [2, 3]);
  assign(to, view(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3], [-3, -1], 5));
  deepEqual([...to.data], [6, 5, 4, 3, 2, 1]);
  assign(to, view(Float64Array.of(7, 8), [2, 3], [1, 0]));
  deepEqual([...to.data], [7, 7, 7, 8, 8, 8]);
  assign(view(new Float64Array(0), [0, 3]), view(new Float64Array(0), [0, 3], [1, 0]));
});

test("an array takes writes by set() after its methods were made", () => {
  const x = tensor([[1, 2], [3, 4]]), array = x.array as Scijs;
  array.set(1, 0, 9);
  deepEqual(x.toArray(), [[1, 2], [9, 4]]);
});

/** Forbids `eval` and `Function`, as a page's `script-src 'self' 'wasm-unsafe-eval'` does. */
const noTexts = "--v8-flags=--disallow-code-generation-from-strings";

/** Trains, tests and convolves; prints whether texts are forbidden and what came of it. */
const program = `
import { DataSet, grad, nn, safetyTest, tensor, train } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
let forbids = false;
try { new Function("return 1"); } catch { forbids = true; }
const features = Array.from({ length: 400 }, (_, i) => [(i % 20) / 10 - 1, i % 3]), labels = features.map(([x]) => x > 0 ? 1 : 0);
const model = new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 1), new nn.Sigmoid());
const constraints = [{ text: "ACC >= 0.6", delta: 0.05 }], optimizer = { thetaRate: 0.05 };
const { model: trained } = await train({ data: { features, labels }, model, objective: nn.logLoss, constraints, optimizer });
const { passed } = await safetyTest({ data: new DataSet({ features, labels }), model: trained, constraints });
const convolve = nn.initialize(new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.MaxPool2d(2), new nn.Flatten()), 1);
const [slopes] = grad((x) => convolve.forward(x.reshape(2, 1, 6, 6)).square().sum())(tensor(new Array(2 * 36).fill(1)));
console.log(forbids, passed, slopes.reshape(6, 12).transpose().clone().size);`;

test("the kit imports, trains and tests where no text may become code", { skip }, async () => {
  const { out, errors } = await fed(program, noTexts, "--allow-read", "-");
  equal(out, "true true 72", errors);
});
