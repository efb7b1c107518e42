/** Small models that many tests use. */
import { nn, type Tensor } from "../../mod.ts";

/** A logistic regression of two features, not yet initialised. */
export const logistic = (): nn.Sequential => new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid());

/** Returns its input. */
export const echo: nn.Module = { forward: (x: Tensor) => x };

/** Returns its features; its parameter has no effect. */
export class Fixed implements nn.Module {
  readonly unused = new nn.Parameter([1], () => 0);
  forward(x: Tensor): Tensor {
    return x.add(this.unused.mul(0));
  }
}

/** Puts a layer into training mode. */
export const inTraining = { training: true } as nn.Pass;
