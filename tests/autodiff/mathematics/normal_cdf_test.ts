import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, Tensor } from "../../../mod.ts";

const { gelu, normalCdf } = autodiff;

/** x, Φ(x) and the slope of x Φ(x), in 17 digits of 60 by the library mpmath. */
const known = [
  [-37.5, 4.6053530095819548e-308, -6.4762711430558126e-305],
  [-30, 4.9067139271481871e-198, -4.4160316907084944e-195],
  [-20, 2.7536241186062337e-89, -1.1014360483133464e-86],
  [-12, 1.776482112077679e-33, -2.5578956616748956e-31],
  [-8.25, 7.9197263146424773e-17, -5.3881911380277952e-15],
  [-6, 9.8658764503769814e-10, -3.5468709453902015e-8],
  [-4.5, 3.3976731247300604e-6, -6.8529161856344575e-5],
  [-3, 0.0013498980316300945, -0.011945647204183927],
  [-1.5, 0.066807201268858066, -0.12746919222997953],
  [-0.5, 0.3085375387259869, 0.13250487534383716],
  [0.25, 0.59870632568292372, 0.69537335488363603],
  [2, 0.97724986805182079, 1.0852318010781969],
  [5, 0.99999971334842812, 1.0000071469460018],
];

const tensorOf = (x: readonly number[], dtype: "float32" | "float64") =>
  Tensor.from(dtype === "float32" ? Float32Array.from(x) : Float64Array.from(x));
/** Relative errors of the function and of a slope, and the least number. The square of x is rounded before its exponential. */
const limits = { float32: [1e-6, 1e-5, 1e-44], float64: [3e-13, 3e-13, 1e-300] } as const;

for (const dtype of ["float32", "float64"] as const) {
  const [relative, ofSlope, least] = limits[dtype];
  const near = (what: string, found: number, wanted: number, by: number = relative) =>
    ok(Math.abs(found - wanted) <= by * Math.abs(wanted) + least, `${what}, ${dtype}: ${found}, wanted ${wanted}`);

  test(`the normal distribution function has the digits of ${dtype}, in the lower tail too`, () => {
    const found = normalCdf(tensorOf(known.map(([x]) => x), dtype)).data;
    known.forEach(([x, wanted], i) => near(`the function of ${x}`, found[i], wanted));
  });

  test(`gelu and its slope have the digits of ${dtype} where both of their terms are tiny`, () => {
    const x = tensorOf(known.map(([x]) => x), dtype), values = gelu(x), [slopes] = autodiff.grad((x: Tensor) => gelu(x).sum())(x);
    known.forEach(([x, cdf, slope], i) => {
      near(`gelu of ${x}`, values.data[i], x * cdf);
      near(`the slope of gelu at ${x}`, slopes.data[i], slope, ofSlope);
    });
  });

  test(`far from 0, gelu of ${dtype} is 0 or its input, and its slope 0 or 1`, () => {
    const far = [-1e30, -1e6, -100, -40, 40, 100, 1e6, 1e30], x = tensorOf(far, dtype);
    const limit = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);
    deepEqual(limit(normalCdf(x).data), [0, 0, 0, 0, 1, 1, 1, 1]);
    deepEqual(limit(gelu(x).data), [0, 0, 0, 0, ...x.data.slice(4)]);
    deepEqual(limit(autodiff.grad((x: Tensor) => gelu(x).sum())(x)[0].data), [0, 0, 0, 0, 1, 1, 1, 1]);
  });
}

test("the normal distribution function rises from 0 to 1, and of what is no number it is none", () => {
  const x = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 50),
    z = normalCdf(tensorOf([-Infinity, ...x, Infinity], "float32")).data;
  for (let i = 1; i < z.length; i++) ok(z[i] >= z[i - 1], `at ${x[i - 1]}`);
  deepEqual([z[0], z[2001], z.at(-1)], [0, 0.5, 1]);
  equal(normalCdf(tensorOf([NaN], "float32")).data[0], NaN);
});
