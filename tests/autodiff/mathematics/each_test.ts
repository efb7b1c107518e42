import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, type Tensor, tensor } from "../../../mod.ts";
import { fc } from "../../deps.ts";

/** Functions whose loops take two numbers at a time in WebAssembly. */
const functions: Record<string, (x: Tensor) => Tensor> = {
  exp: (x) => x.exp(),
  log: (x) => x.log(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  softplus: (x) => x.softplus(),
};

/** The ends of the ranges that vectors compute, and what is beyond them. */
const ends = [
  ...[0, -0, NaN, Infinity, -Infinity, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308],
  ...[709.782712893384, 709.7827128933841, -745.1332191019412, -745.1332191019413, -708.4, 1, -1, Math.SQRT2, Math.SQRT1_2],
  ...[0.17, -0.17, 0.1699999999999999, -0.29, 0.41, 1.8, 372.5, -372.6],
];
const numbers = fc.array(
  fc.oneof(fc.double(), fc.double({ min: -800, max: 800 }), fc.double({ min: -2, max: 2 }), fc.constantFrom(...ends)),
  { minLength: 16, maxLength: 40 },
);

/** Starts the kernels. */
function start(): void {
  tensor(new Float32Array(4), [2, 2]).matmul(tensor(new Float32Array(4), [2, 2]));
}

for (const [name, f] of Object.entries(functions)) {
  test(`${name} of many numbers has the bits of ${name} of each`, () => {
    start();
    fc.assert(
      fc.property(numbers, (x) => {
        const together = [...f(tensor(new Float64Array(x))).data];
        const apart = x.map((one) => f(tensor(Float64Array.of(one))).data[0]);
        together.forEach((value, i) => ok(Object.is(value, apart[i]), `${name}(${x[i]}): ${value}, ${apart[i]}`));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
}

test("functions of arrays across the kernels' blocks, of any length and dtype, have the bits of each number", () => {
  start();
  for (const length of [16, 17, 511, 512, 513, 1025]) {
    for (const dtype of ["float64", "float32"] as const) {
      const x = tensor(Array.from({ length }, (_, i) => i % 7 === 0 ? 800 - i : Math.sin(i) * 3)).cast(dtype);
      for (const [name, f] of Object.entries(functions)) {
        const together = f(x).data;
        for (let i = 0; i < length; i++) {
          ok(Object.is(together[i], f(x.slice(0, i, i + 1)).data[0]), `${name}(${x.data[i]}), ${dtype}`);
        }
      }
    }
  }
});

test("the log-loss of many rows has the bits of the functions that it is made of", () => {
  start();
  fc.assert(
    fc.property(fc.array(fc.double({ min: -800, max: 800, noNaN: true }), { minLength: 16, maxLength: 60 }), (logits) => {
      const x = tensor(new Float64Array(logits)).withGrad(), y = tensor(Float64Array.from(logits, (_, i) => i % 2));
      autodiff.crossEntropy(x, y).backward();
      const slopes = x.sigmoid().sub(y).div(logits.length).data;
      x.grad!.data.forEach((slope, i) => equal(slope, slopes[i]));
    }),
    { seed: 2, numRuns: 50 },
  );
});
