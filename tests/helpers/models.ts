/** Small models that many tests ask about. */
import { nn, type Tensor } from "../../mod.ts";

/** A logistic regression of two features, without values. */
export const logistic = (): nn.Sequential => new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid());

/** Says what it sees. */
export const echo: nn.Module = { forward: (x: Tensor) => x };

/** Says its features, whatever its parameter. */
export class Fixed implements nn.Module {
  readonly unused = new nn.Parameter([1], () => 0);
  forward(x: Tensor): Tensor {
    return x.add(this.unused.mul(0));
  }
}

/** Says to a layer that it is trained. */
export const inTraining = { training: true } as nn.Pass;
