import type { Tensor } from "../autodiff/mod.ts";
import { ReLU } from "./activations.ts";
import type { Module, Pass } from "./module.ts";
import { MaxPool2d } from "./pooling.ts";

/** Layers one after the other. Each is a field under its position, so that parameters are named as in PyTorch ("0.weight"). */
export class Sequential implements Module {
  [position: number]: Module;

  constructor(...layers: Module[]) {
    Object.assign(this, layers);
  }
  forward(x: Tensor, pass?: Pass): Tensor {
    return inCheapestOrder(Object.values(this) as Module[]).reduce((value, layer) => layer.forward(value, pass), x);
  }
}

/** max(x, 0) of a window's greatest element is the greatest max(x, 0), and so is the gradient; pooled first, there is less of x. */
function inCheapestOrder(layers: Module[]): Module[] {
  for (let i = 1; i < layers.length; i++) {
    if (layers[i - 1] instanceof ReLU && layers[i] instanceof MaxPool2d) [layers[i - 1], layers[i]] = [layers[i], layers[i - 1]];
  }
  return layers;
}
