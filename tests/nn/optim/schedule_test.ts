import { ok } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../mod.ts";

test("schedules start at 1; cosine and linear follow their formulas", () => {
  for (const schedule of Object.values(optim.schedules)) ok(Math.abs(schedule(0) - 1) < 1e-14);
  for (let t = 0; t <= 1; t += 0.01) {
    ok(Math.abs(optim.schedules.cosine(t) - (1 + Math.cos(Math.PI * t)) / 2) < 1e-14);
    ok(optim.schedules.linear(t) === 1 - t);
  }
});
