import { type Unary, unary } from "./unary.ts";

/** x² / 2 within [-1, 1], else |x| - 1/2: the loss of Huber; dx = dy min(max(x, -1), 1). */
export const bent: Unary = unary({
  name: "bent",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) {
      const size = Math.abs(x[i]);
      z[i] = size < 1 ? 0.5 * size * size : size - 0.5;
    }
  },
  formula: "let a = abs(x); if (a < 1) { return 0.5 * x * x; } return a - 0.5;",
  gradient: (dy, x) => dy.mul(limited(x)),
});

/** min(max(x, -1), 1); dx = dy within (-1, 1), else 0. */
export const limited: Unary = unary({
  name: "limited",
  loop(z, x) {
    for (let i = 0; i < z.length; i++) z[i] = x[i] > 1 ? 1 : x[i] < -1 ? -1 : x[i];
  },
  formula: "if (x > 1) { return 1; } if (x < -1) { return -1; } return x;",
  gradient: (dy, x) => dy.mul(x.abs().less(1)),
});
