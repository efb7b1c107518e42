import { wave } from "../mathematics/waves.ts";
import { type Unary, unary } from "./unary.ts";

/** Sine of x in radians; dx = dy cos x. The same bits in every runtime. */
export const sin: Unary = unary({
  name: "sin",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = wave(x[i], 0);
  },
  formula: "return sin(x);",
  gradient: (dy, x) => dy.mul(cos(x)),
});

/** Cosine of x in radians; dx = -dy sin x. */
export const cos: Unary = unary({
  name: "cos",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = wave(x[i], 1);
  },
  formula: "return cos(x);",
  gradient: (dy, x) => dy.mul(sin(x)).neg(),
});
