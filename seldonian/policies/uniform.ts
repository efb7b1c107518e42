import { type Tensor, zeros } from "../../autodiff/mod.ts";
import { DiscretePolicy } from "./discrete_policy.ts";
import { stateless } from "../training/stateless.ts";

/** All actions are alike, whatever the observation: a frequent behaviour policy. */
export class Uniform extends DiscretePolicy {
  static {
    stateless.add(this);
  }

  /** The log-odds of each action, [n, actions]. */
  override logits({ shape: [n] }: Tensor): Tensor {
    return zeros([n, this.actions.length], "float64");
  }
}
