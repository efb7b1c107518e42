import { checkArgument, whole } from "../../autodiff/options.ts";
import { cosine } from "../policies/cosine.ts";
import type { Environment, Outcome } from "./environment.ts";

/**
 * A weak car in a valley must swing up its right side. Observations: position in [-1.2, 0.5] and velocity in [-0.07, 0.07]; actions
 * -1, 0 and 1 push; each step costs 1 until it arrives, at 0.5, or after 1,000 pushes. As in the Python toolkit; with `repeat`, an
 * action pushes that many times, which keeps episodes short.
 * Source: R. S. Sutton and A. G. Barto, "Reinforcement learning" (1998), example 8.2.
 */
export class MountainCar implements Environment {
  #position = -0.5;
  #velocity = 0;
  #time = 0;

  /**
   * A car.
   * @param repeat pushes an action
   */
  constructor(readonly repeat: number = 1) {
    checkArgument("make a mountain car", "repeat", repeat, whole(1));
  }

  /** Begins an episode. */
  reset(): { observation: readonly number[] } {
    this.#position = -0.5;
    this.#velocity = this.#time = 0;
    return { observation: [-0.5, 0] };
  }

  /** Takes an action. */
  step(action: number): Outcome {
    if (action !== -1 && action !== 0 && action !== 1) throw new RangeError(`Cannot push by ${action}: wanted -1, 0 or 1`);
    let reward = 0, terminated = false, truncated = false;
    for (let i = 0; i < this.repeat && !terminated && !truncated; i++) {
      this.#velocity = between(this.#velocity + 0.001 * action - 0.0025 * cosine(3 * this.#position), -0.07, 0.07);
      this.#position += this.#velocity;
      if (this.#position <= -1.2) {
        this.#position = -1.2;
        this.#velocity = 0;
      }
      terminated = this.#position >= 0.5;
      truncated = !terminated && ++this.#time >= 1000;
      if (!terminated) reward -= 1;
    }
    return { observation: [this.#position, this.#velocity], reward, terminated, truncated };
  }
}

function between(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}
