import { real, requireTensors } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { fused, isQuick } from "./fused.ts";
import { sigmoid } from "./unary.ts";

const quick = fused("silu", ["silu", "siluSlope"], (dy, x) => {
  const s = sigmoid(x);
  return dy.mul(s).mul(x.mul(sigmoid(x.neg())).add(1));
});

/** x / (1 + e^-x); for float32 within 3e-7, relatively, above -87. */
export function silu(x: Tensor): Tensor {
  requireTensors("take silu of", x);
  const own = real(x);
  return isQuick(own) ? quick([own]) : sigmoid(own).mul(own);
}
