import { type Tensor, zeros } from "../../autodiff/mod.ts";
import { DiscretePolicy } from "./discrete_policy.ts";
import { pure } from "../../nn/pure.ts";

/** All actions are alike, whatever the observation: a frequent behaviour policy. */
export class Uniform extends DiscretePolicy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** The log-odds of each action, [n, actions]. */
  override logits({ shape: [n] }: Tensor): Tensor {
    return zeros([n, this.actions.length], "float64");
  }
}
