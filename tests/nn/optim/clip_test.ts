import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../mod.ts";

test("a gradient with NaN becomes NaN everywhere, and one with an infinite number becomes 0 elsewhere", () => {
  for (const [bad, wanted] of [[NaN, NaN], [Infinity, 0]]) {
    const gradient = Float32Array.from([1, bad, 2]);
    optim.clipNorm(gradient, 1);
    ok(gradient.every((slope, i) => Object.is(slope, i === 1 ? NaN : wanted)), `${gradient}`);
  }
});

test("a long gradient is cut to the greatest norm, and a short one is unchanged", () => {
  const gradient = Float32Array.of(3, 4);
  ok(optim.clipNorm(gradient, 10) === 5);
  deepEqual([...gradient], [3, 4]);
  optim.clipNorm(gradient, 1);
  deepEqual([...gradient], [0.6, 0.8].map(Math.fround));
});
