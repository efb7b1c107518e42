import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { wave } from "../../../autodiff/mathematics/waves.ts";
import { fc } from "../../deps.ts";

/** The distance in units in the last place. */
function units(found: number, wanted: number): number {
  const size = Math.abs(wanted), next = new Float64Array([size]), bits = new BigUint64Array(next.buffer);
  bits[0]++;
  return Math.abs(found - wanted) / (next[0] - size);
}

/** Whether sine and cosine agree with those of V8, which are within a unit of the exact ones, as the kit's are. */
function agrees(x: number): void {
  for (const [found, wanted] of [[wave(x, 0), Math.sin(x)], [wave(x, 1), Math.cos(x)]]) {
    ok(units(found, wanted) <= 2, `${found} instead of ${wanted} at ${x}`);
  }
}

test("sine and cosine are within 2 units in the last place of the runtime's, for arguments of any size", () =>
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: -4e6, max: 4e6, noNaN: true }), (x, y) => {
      agrees(x);
      agrees(y);
    }),
    { seed: 1, numRuns: 3000 },
  ));

test("sine and cosine are exact to the last digits near multiples of π / 2", () => {
  for (const n of [1, 2, 3, 11, 355, 1e5, 1e6, 2e6, 1e9]) for (const sign of [1, -1]) agrees(sign * n * Math.PI / 2);
  // The double that is closest to a multiple of π / 2, by J.-M. Muller, "Elementary functions" (2006); some runtimes are less exact.
  equal(wave(6381956970095103 * 2 ** 797, 1), -4.68716592425462761112e-19);
});

test("sine and cosine keep signed zeros, and are NaN at infinity", () => {
  ok(Object.is(wave(-0, 0), -0) && Object.is(wave(0, 0), 0));
  equal(wave(0, 1), 1);
  for (const x of [Infinity, -Infinity, NaN]) ok(Number.isNaN(wave(x, 0)) && Number.isNaN(wave(x, 1)));
});
