import type { Tensor } from "../autodiff/mod.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import type { Module } from "./module.ts";
import { pure } from "./pure.ts";

/** [n, …] to [n, product of the rest]. */
export class Flatten implements Module {
  /** [rows, ..] to [rows, product of the rest]. */
  forward(x: Tensor): Tensor {
    requireTensors("flatten", x);
    return x.reshape(x.shape[0], x.shape.slice(1).reduce((product, length) => product * length, 1));
  }
  /** Its output depends on its input and parameters alone. */
  get [pure](): "on cards" {
    return "on cards";
  }
}
