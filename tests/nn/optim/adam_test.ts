import { equal } from "node:assert/strict";
import { test } from "node:test";
import { adamSteps } from "../../../autodiff/kernels/adam.ts";
import { optim } from "../../../mod.ts";
import { fc } from "../../deps.ts";

test("a step of many numbers is that of their pieces, whose roots and quotients are float64", () => {
  const size = 2 ** 15 + 1, piece = 2 ** 14;
  const rare = [0, -0, NaN, Infinity, -Infinity, 1e-45, 3e38];
  const numbers = (i: number, from: number) => i % 1000 < rare.length ? rare[i % 1000] : Math.sin(from + i * i % 9973);
  for (const make of [optim.adam, optim.adamW]) {
    fc.assert(
      fc.property(
        fc.record({
          lr: fc.double({ min: 1e-6, max: 1, noNaN: true }),
          eps: fc.constantFrom(1e-8, 1e-3),
          weightDecay: fc.constantFrom(0, 0.1),
        }),
        fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true })),
        fc.nat(9),
        (given, betas, first) => {
          const settings = { ...given, betas };
          const whole = Float32Array.from({ length: size }, (_, i) => numbers(i + 100, first)), parts = whole.slice();
          const gradient = new Float32Array(size), optimizer = make(whole, gradient, settings);
          const pieces = [0, piece, 2 * piece].map((from) =>
            make(parts.subarray(from, from + piece), gradient.subarray(from, from + piece), settings)
          );
          for (let step = 0; step < 4; step++) {
            gradient.forEach((_, i) => gradient[i] = step === 3 ? 0 : numbers(i, first + step));
            const before = parts.slice();
            optimizer.step(1 / (1 + step));
            for (const one of pieces) one.step(1 / (1 + step));
            equal(whole.findIndex((x, i) => !isNear(x, parts[i], before[i])), -1);
            // So the next step begins from the same numbers again.
            whole.set(parts);
          }
        },
      ),
      { seed: 8, numRuns: 4 },
    );
  }
});

/** Whether a parameter is the right one but for its own rounding and four of float32 in the step to it. */
function isNear(x: number, right: number, before: number): boolean {
  if (Object.is(x, right)) return true;
  return Math.abs(x - right) <= 2 ** -22 * Math.abs(before - right) + 2 ** -23 * Math.abs(right);
}

test("many numbers without a gradient stay, however small eps is", () => {
  for (const eps of [1e-8, 1e-30, 1e-60]) {
    const theta = new Float32Array(2 ** 15).fill(0.5), optimizer = optim.adam(theta, new Float32Array(2 ** 15), { eps });
    optimizer.step();
    equal(theta.every((x) => x === 0.5), true);
  }
});

test("steps by the least and greatest gradients are as exact among many numbers", () => {
  const size = 2 ** 15, signs = Float32Array.from({ length: size }, (_, i) => Math.sin(i % 1000));
  for (const [scale, settings] of [[3e38, { lr: 10 }], [1e-38, { lr: 0.01, eps: 2 ** -126 }]] as const) {
    const many = new Float32Array(size), few = new Float32Array(1000), gradient = new Float32Array(size);
    const optimizers = [optim.adam(many, gradient, settings), optim.adam(few, gradient.subarray(0, 1000), settings)];
    for (let step = 0; step < 3; step++) {
      const before = few.slice();
      gradient.set(signs.map((sign) => sign * scale / (1 + step)));
      for (const optimizer of optimizers) optimizer.step();
      equal(few.findIndex((right, i) => !isNear(many[i], right, before[i])), -1, `step ${step} by ${scale}`);
      many.set(Float32Array.from(many, (_, i) => few[i % 1000]));
    }
  }
});

test("many numbers without a gradient stay when eps becomes small between steps", () => {
  const theta = new Float32Array(2 ** 15).fill(0.5), optimizer = optim.adam(theta, new Float32Array(2 ** 15));
  optimizer.step();
  optimizer.paramGroups[0].eps = 1e-60;
  optimizer.step();
  equal(theta.every((x) => x === 0.5), true);
});

test("more numbers than a memory of the kernels holds are no business of theirs", () => equal(adamSteps(2 ** 28), null));
