/** Whole numbers near a number; their gradient is 0. @module */
import { eachNumber } from "../kernels/numbers_in_use.ts";
import { type Unary, unary } from "./unary.ts";

/** The greatest whole number that is not above x. */
export const floor: Unary = unary({
  name: "floor",
  whole: true,
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = Math.floor(x[i]);
  },
  formula: "return floor(x);",
  integers: "return x;",
  gradient: null,
});

/** The least whole number that is not below x. */
export const ceil: Unary = unary({
  name: "ceil",
  whole: true,
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = Math.ceil(x[i]);
  },
  formula: "return ceil(x);",
  integers: "return x;",
  gradient: null,
});

/** The nearest whole number; of two, the even one, as in PyTorch and NumPy. */
export const round: Unary = unary({
  name: "round",
  whole: true,
  loop(z, x) {
    if (eachNumber("round", z, [x, 1])) return;
    for (let i = 0; i < z.length; i++) {
      // From 2^52 on, numbers have no fraction, and additions round to even.
      const far = x[i] < 0 ? -4503599627370496 : 4503599627370496, whole = (x[i] + far) - far;
      z[i] = whole === 0 ? x[i] * 0 : Math.abs(x[i]) < 4503599627370496 ? whole : x[i];
    }
  },
  formula: "let n = floor(x); if (n == x) { return x; } let r = x - n; if (r < 0.5) { return n; } " +
    "if (r > 0.5) { return n + 1; } return n + n - 2 * floor(n / 2);",
  integers: "return x;",
  gradient: null,
});
