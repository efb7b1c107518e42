import { ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { normalUpperQuantile, studentUpperQuantile } from "../../../seldonian/bounds/quantiles.ts";
import { fc } from "../../deps.ts";
// Computed with 40 digits by bisection of mpmath's regularised incomplete beta function and erfc.
import table from "../../figures/quantiles.json" with { type: "json" };

test("quantiles agree with 40-digit figures to 1e-12", () => {
  for (const [freedom, tail, wanted] of table as [number | "normal", number, number][]) {
    const found = freedom === "normal" ? normalUpperQuantile(tail) : studentUpperQuantile(tail, freedom);
    ok(Math.abs(found / wanted - 1) <= 1e-12, `${freedom} at ${tail}: ${found}, wanted ${wanted}`);
  }
});

test("studentUpperQuantile() is Cauchy's at 1 degree of freedom and the closed form at 2", () =>
  fc.assert(
    fc.property(fc.double({ min: 1e-10, max: 0.499, noNaN: true }), (tail) => {
      const two = (1 - 2 * tail) * Math.SQRT1_2 / Math.sqrt(tail * (1 - tail));
      ok(Math.abs(studentUpperQuantile(tail, 1) * Math.tan(Math.PI * tail) - 1) < 1e-11);
      ok(Math.abs(studentUpperQuantile(tail, 2) / two - 1) < 1e-11);
    }),
    { seed: 2 },
  ));

test("quantiles outside their domain are errors", () => {
  for (const tail of [0, 1, -1, NaN]) {
    throws(() => normalUpperQuantile(tail), RangeError);
    throws(() => studentUpperQuantile(tail, 3), RangeError);
  }
  throws(() => studentUpperQuantile(0.1, 0), {
    message: "Cannot take Student's quantile with 0 degrees of freedom: wanted at least 1",
  });
});
