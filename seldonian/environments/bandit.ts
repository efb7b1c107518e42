import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { uniformOf } from "../data/uniform_of.ts";
import type { Environment, Outcome } from "./environment.ts";

const chances: Kind = {
  type: "object",
  wanted: "for each context a list of chances between 0 and 1, one an action",
  holds: (value) =>
    Array.isArray(value) && value.length > 0 &&
    value.every((one) => Array.isArray(one) && one.length === value[0].length && one.every((p) => p >= 0 && p <= 1)),
};

/** A contextual bandit: episodes of one step. Contexts 0, 1, ... are alike probable; a reward is 1 or 0. */
export class Bandit implements Environment {
  #seed = 0;
  #context = 0;

  /**
   * A bandit.
   * @param rewards the chance of a reward for each context and action
   * @param alternates the same for an alternate reward, drawn with it
   */
  constructor(readonly rewards: readonly (readonly number[])[], readonly alternates?: readonly (readonly number[])[]) {
    checkArgument("make a bandit", "rewards", rewards, chances);
    if (alternates !== undefined) checkArgument("make a bandit", "alternates", alternates, chances);
  }

  /** Begins an episode. */
  reset({ seed }: { seed: number }): { observation: number } {
    this.#seed = seed;
    this.#context = Math.floor(uniformOf(seed, 1) * this.rewards.length);
    return { observation: this.#context };
  }

  /** Takes an action. */
  step(action: number): Outcome {
    const chance = this.rewards[this.#context][action];
    if (chance === undefined) throw new RangeError(`Cannot take the action ${action}: there are ${this.rewards[0].length}`);
    const drawn = (p: number, word: number) => uniformOf(this.#seed, word) < p ? 1 : 0;
    return {
      observation: this.#context,
      reward: drawn(chance, 2),
      ...(this.alternates && { alternates: [drawn(this.alternates[this.#context][action], 3)] }),
      terminated: true,
    };
  }
}
