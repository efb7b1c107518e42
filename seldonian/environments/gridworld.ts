import { checkArgument, whole } from "../../autodiff/options.ts";
import type { Environment, Outcome } from "./environment.ts";

/**
 * The Python toolkit's gridworld: cells 0, 1, ... of a square, row by row, from the first to the last, which ends the episode with
 * reward 1; the cell before the last but one row's end, 7 of 9, costs 1 each time. Actions: 0 up, 1 right, 2 down, 3 left; a wall
 * stops them. Its discount is 0.9, and an episode ends after 100 steps. Nothing is random but the policy.
 */
export class Gridworld implements Environment {
  #cell = 0;
  #time = 0;

  /**
   * A square world.
   * @param size cells on a side
   */
  constructor(readonly size: number = 3) {
    checkArgument("make a gridworld", "size", size, whole(2));
  }

  /** Begins an episode. */
  reset(): { observation: number } {
    this.#cell = this.#time = 0;
    return { observation: 0 };
  }

  /** Takes an action. */
  step(action: number): Outcome & { observation: number } {
    const { size } = this, row = Math.floor(this.#cell / size), column = this.#cell % size, last = size - 1;
    if (action === 0) this.#cell -= row > 0 ? size : 0;
    else if (action === 1) this.#cell += column < last ? 1 : 0;
    else if (action === 2) this.#cell += row < last ? size : 0;
    else if (action === 3) this.#cell -= column > 0 ? 1 : 0;
    else throw new RangeError(`Cannot move by ${action}: wanted 0 up, 1 right, 2 down or 3 left`);
    this.#time++;
    const terminated = this.#cell === size * size - 1;
    const reward = terminated ? 1 : this.#cell === 7 ? -1 : 0;
    return { observation: this.#cell, reward, terminated, truncated: !terminated && this.#time >= 100 };
  }
}
