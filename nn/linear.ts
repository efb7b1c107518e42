import type { Tensor } from "../autodiff/mod.ts";
import type { Module } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Affine map x Wᵀ + b: [n, inputs] to [n, outputs]. Named and initialised as torch.nn.Linear: uniform within ±1/√inputs. */
export class Linear implements Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inputs: number, outputs: number, { bias = true }: { bias?: boolean } = {}) {
    const initial = uniform(1 / Math.sqrt(inputs));
    this.weight = new Parameter([outputs, inputs], initial);
    this.bias = bias ? new Parameter([outputs], initial) : null;
  }
  forward(x: Tensor): Tensor {
    const product = x.matmul(this.weight.transpose());
    return this.bias === null ? product : product.add(this.bias);
  }
}
