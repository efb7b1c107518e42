import { eachNormalCdf } from "../mathematics/normal_cdf.ts";
import { primitive, real, requireTensors } from "../primitive.ts";
import { isRecording } from "../recording.ts";
import type { Tensor } from "../tensor.ts";
import { fused, isQuick, passed, passing } from "./fused.ts";
import { sigmoid, tanh, type Unary, unary } from "./unary.ts";

/** The slope of {@link normalCdf}, e^(-x²/2) / √(2π). */
const density = (x: Tensor) => x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));

/** The standard normal distribution function Φ(x) = (1 + erf(x / √2)) / 2; dx = dy e^(-x²/2) / √(2π). */
export const normalCdf: Unary = unary({
  name: "normalCdf",
  loop: (z, x) => eachNormalCdf(z, x),
  // M. Abramowitz and I. A. Stegun, "Handbook of mathematical functions" (1964), 26.2.17; within 8e-8.
  formula: "let t = 1 / (1 + 0.2316419 * abs(x)); " +
    "let p = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))); " +
    "let q = 0.39894228 * exp(-0.5 * x * x) * p; if (x < 0) { return q; } return 1 - q;",
  gradient: (dy, x) => dy.mul(density(x)),
});

const slope = passing("geluSlope", "geluSlope", null);

const quick = primitive({
  name: "gelu",
  shape: ([x]) => x,
  forward(_, [x], __, shape, save) {
    const cdf = passed("normalCdfEach", [x], shape);
    save(cdf);
    return passed("product", [x, cdf], shape);
  },
  gradient: ({ dy, inputs: [x], saved }) => [
    () => isRecording() ? dy.mul(normalCdf(x).add(x.mul(density(x)))) : slope([dy, x, saved!]),
  ],
});

/** x σ(2u) with u = √(2/π) (x + 0.044715 x³). */
const quickByTanh = fused("geluByTanh", ["tanhGelu", "tanhGeluSlope"], (dy, x) => {
  const squares = x.square().mul(0.044715), factor = Math.sqrt(8 / Math.PI);
  const u = squares.add(1).mul(x).mul(factor), turn = squares.mul(3).add(1).mul(x).mul(factor), s = sigmoid(u);
  return dy.mul(s).mul(turn.mul(sigmoid(u.neg())).add(1));
});

/**
 * x Φ(x), Φ the standard normal distribution function; with "tanh", x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which is close
 * to it. Source: D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016).
 */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  requireTensors("take gelu of", x);
  const own = real(x);
  if (isQuick(own)) return (approximate === "none" ? quick : quickByTanh)([own]);
  if (approximate === "none") return own.mul(normalCdf(own));
  const bend = own.square().mul(0.044715).add(1).mul(Math.sqrt(2 / Math.PI));
  return own.mul(tanh(own.mul(bend)).add(1)).mul(0.5);
}
