/** Models that return their features, so the output for each row is known. */
import type { nn, Tensor } from "../../mod.ts";
import type { Kit } from "./trial.ts";

/** A feature that stands for the output NaN. */
export const noNumber = 77;

/** Returns the `width` features from its choice on; the choice is a parameter, which training moves by whole steps. */
export function chooser(kit: Kit, width: number, features: number): nn.Module & { choice: Tensor } {
  class Chooser implements nn.Module {
    readonly choice = new kit.nn.Parameter([1], () => 1);
    forward(x: Tensor): Tensor {
      const first = Math.min(features - 1, Math.max(0, Math.round(this.choice.data[0]) - 1)) * width;
      return x.slice(1, first, first + width).add(this.choice.mul(0));
    }
  }
  return kit.nn.initialize(new Chooser(), 0);
}

/** Adds `weight` times the mean of the batch to each output, and divides by 1 + `weight`. */
export function batchReader(kit: Kit, width: number, weight: number): nn.Module {
  class BatchReader implements nn.Module {
    readonly unused = new kit.nn.Parameter([1], () => 0);
    forward(x: Tensor): Tensor {
      const outputs = x.slice(1, 0, width), [rows] = x.shape, { data } = outputs;
      const mean = (k: number) => {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += data[row * width + k];
        return sum / rows;
      };
      const means = Array.from({ length: width }, (_, k) => mean(k));
      return kit.Tensor.from(Float64Array.from(data, (p, i) => (p + weight * means[i % width]) / (1 + weight)), [rows, width]);
    }
  }
  return kit.nn.initialize(new BatchReader(), 0);
}

/** Returns its features, with NaN for some. */
export function broken(kit: Kit, width: number): nn.Module {
  class Broken implements nn.Module {
    readonly unused = new kit.nn.Parameter([1], () => 0);
    forward(x: Tensor): Tensor {
      const { data } = x.slice(1, 0, width);
      return kit.Tensor.from(Float32Array.from(data, (p) => p === noNumber ? NaN : p), [x.shape[0], width]);
    }
  }
  return kit.nn.initialize(new Broken(), 0);
}
