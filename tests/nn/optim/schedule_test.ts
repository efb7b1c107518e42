import { ok } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../mod.ts";

const { constant, linear, cosine, step, "warm-up": warmUp } = optim.schedules;

test("schedules start at 1, or below it to warm up, and follow their formulas", () => {
  for (const schedule of [constant, linear, cosine, step]) ok(Math.abs(schedule(0) - 1) < 1e-14);
  ok(constant(0.7) === 1 && linear(0.25) === 0.75);
  for (const t of [0, 0.25, 0.5, 0.75, 1]) ok(Math.abs(cosine(t) - (1 + Math.cos(Math.PI * t)) / 2) < 1e-12);
  ok(step(0.49) === 1 && step(0.5) === 0.1 && step(0.75) === 0.01);
  ok(
    warmUp(0) === 0.1 && Math.abs(warmUp(0.1) - 1) < 1e-14 && Math.abs(warmUp(0.05) - 0.55) < 1e-12 &&
      Math.abs(warmUp(1)) < 1e-12,
  );
  ok(Math.abs(warmUp(0.55) - 0.5) < 1e-12);
});
