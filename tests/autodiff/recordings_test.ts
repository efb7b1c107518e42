import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, type Tensor, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

const { decided, recorded } = autodiff;

test("decisions that come in a pattern are guessed, and their results are those of the function", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), (pattern) => {
      let asked = 0;
      const f = (x: Tensor) => decided(() => (asked++, x.value > 0)) ? x.square() : x.mul(3);
      const quick = recorded(f),
        numbers = Array.from({ length: 600 }, (_, i) => (pattern[i % pattern.length] ? 1 : -1) * (i + 1));
      const found = numbers.map((x, i) => {
        if (i === 300) asked = 0;
        return quick(tensor([x])).value;
      });
      deepEqual(found, numbers.map((x) => x > 0 ? x * x : 3 * x));
      // A wrong guess asks the next recording.
      ok(asked < 1.05 * 300, `${asked} decisions in 300 calls, of ${pattern}`);
    }),
    { seed: 3, numRuns: 20 },
  );
});
