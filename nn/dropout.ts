import { Tensor } from "../autodiff/mod.ts";
import { checkArgument, generator, shown } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { noteDraw } from "../autodiff/recorder.ts";
import { uniformFloat64 } from "../deps.ts";
import type { Module, Pass } from "./module.ts";

/** In training, sets each element to 0 with probability p and divides the others by 1 - p; otherwise the identity. */
export class Dropout implements Module {
  /**
   * Drops each element with the same probability.
   * @param p the probability that an element becomes 0
   * @throws {RangeError} unless 0 <= p < 1
   */
  constructor(readonly p: number = 0.5) {
    if (!(typeof p === "number" && p >= 0 && p < 1)) {
      throw new RangeError(`Cannot drop elements with probability ${shown(p)}: wanted at least 0, below 1`);
    }
  }
  /** Returns the shape of x; outside training also its values. */
  forward(x: Tensor, pass?: Pass): Tensor {
    requireTensors("drop elements of", x);
    if (!pass?.training || this.p === 0) return x;
    checkArgument("drop elements", "pass.random", pass.random, generator);
    noteDraw();
    const kept = Float32Array.from({ length: x.size }, () => uniformFloat64(pass.random) < this.p ? 0 : 1 / (1 - this.p));
    return x.mul(Tensor.from(kept, x.shape).cast(x.dtype));
  }
}
