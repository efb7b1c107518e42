import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, whole } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { pure } from "../../nn/pure.ts";

/** Features of observations 0, 1, ...: 1 at the observation's place and 0 elsewhere; all 0 for one that is not among them. */
export class OneHot implements Module<Tensor> {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /**
   * Features of some observations.
   * @param size their number
   */
  constructor(readonly size: number) {
    checkArgument("make features", "size", size, whole(1));
  }

  /** The number of observations. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { size: this.size };
  }

  /** [n, 1] to [n, size] float32. */
  forward({ data, shape: [n] }: Tensor): Tensor {
    const features = new Float32Array(n * this.size);
    for (let i = 0; i < n; i++) if (data[i] >= 0 && data[i] < this.size) features[i * this.size + data[i]] = 1;
    return Tensor.from(features, [n, this.size]);
  }
}
