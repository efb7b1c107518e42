import type { TypedArray } from "../dtype.ts";
import { eachNumber } from "../kernels/numbers_in_use.ts";
import { wave } from "../mathematics/waves.ts";
import { type Unary, unary } from "./unary.ts";

/** Sine of x in radians; dx = dy cos x. The same bits in every runtime. */
export const sin: Unary = unary({
  name: "sin",
  loop: (z, x) => waves("sine", z, x, 0),
  formula: "return sin(x);",
  gradient: (dy, x) => dy.mul(cos(x)),
});

/** Cosine of x in radians; dx = -dy sin x. */
export const cos: Unary = unary({
  name: "cos",
  loop: (z, x) => waves("cosine", z, x, 1),
  formula: "return cos(x);",
  gradient: (dy, x) => dy.mul(sin(x)).neg(),
});

function waves(kernel: "sine" | "cosine", z: TypedArray, x: TypedArray, quarters: 0 | 1): void {
  if (!eachNumber(kernel, z, [x, 1])) { for (let i = 0; i < z.length; i++) z[i] = wave(x[i], quarters); }
}
