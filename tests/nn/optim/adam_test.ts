import { equal } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../mod.ts";
import { fc } from "../../deps.ts";

test("many numbers have the bits of few: a step of each piece alone is the step of all", () => {
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
            optimizer.step(1 / (1 + step));
            for (const one of pieces) one.step(1 / (1 + step));
            equal(whole.findIndex((x, i) => !Object.is(x, parts[i])), -1);
          }
        },
      ),
      { seed: 8, numRuns: 4 },
    );
  }
});
