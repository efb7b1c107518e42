import { ok } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../../autodiff/mod.ts";
import type { Elementwise } from "../../../autodiff/mod.ts";
import { inJavaScript } from "../../../autodiff/devices/gpu/sources.ts";
import { fc } from "../../deps.ts";

const operations = Object.values(ad).flatMap((f) => {
  const operation = (f as { operation?: Elementwise } | null)?.operation;
  return operation === undefined ? [] : [operation];
});

test("an operation's formula for devices computes what its loop does, to the precision of devices", () => {
  ok(operations.length > 25);
  for (const { name, formula, loop } of operations) {
    const f = new Function("x", "y", inJavaScript(formula)) as (x: number, y: number) => number;
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), fc.integer({ min: -6, max: 6 }), (a, b) => {
        for (const [x, y] of [[a, b], [b, a], [b / 2, b]]) {
          const z = new Float64Array(1), [p, q] = [Float64Array.of(x), Float64Array.of(y)];
          loop(z, p, 1, q, 1, q, 1);
          const found = f(x, y), wanted = z[0];
          // Devices have no NaN that can be relied on.
          if (Number.isNaN(wanted) || !Number.isFinite(wanted)) continue;
          ok(Math.abs(found - wanted) <= 1e-7 * Math.max(1, Math.abs(wanted)), `${name}(${x}, ${y}) is ${found}, not ${wanted}`);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  }
});
