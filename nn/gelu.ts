import { gelu, type Tensor } from "../autodiff/mod.ts";
import { checkOptions, type Known, oneOf } from "../autodiff/options.ts";
import type { Module } from "./module.ts";

/** Options of a Gaussian error linear unit. */
export interface GELUOptions {
  /** "tanh": an approximation by the hyperbolic tangent; default "none". */
  approximate?: "none" | "tanh";
}

const known: Known<GELUOptions> = { approximate: oneOf("none", "tanh") };

/** x Φ(x), Φ the standard normal distribution function, like torch.nn.GELU. */
export class GELU implements Module {
  /** "none" or "tanh". */
  readonly approximate: "none" | "tanh";

  /** A smooth rectifier. */
  constructor(options: GELUOptions = {}) {
    this.approximate = checkOptions("make a GELU", options, known).approximate ?? "none";
  }
  /** x Φ(x), element-wise; any shape. */
  forward(x: Tensor): Tensor {
    return gelu(x, this.approximate);
  }
}
