import type { Tensor } from "../autodiff/mod.ts";
import type { Module, Pass } from "./module.ts";

/** Layers one after the other. Each is a field under its position, so that parameters are named as in PyTorch ("0.weight"). */
export class Sequential implements Module {
  [position: number]: Module;

  constructor(...layers: Module[]) {
    Object.assign(this, layers);
  }
  forward(x: Tensor, pass?: Pass): Tensor {
    return (Object.values(this) as Module[]).reduce((value, layer) => layer.forward(value, pass), x);
  }
}
