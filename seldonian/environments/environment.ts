/** What a step of an environment returns, in Gymnasium's words. */
export interface Outcome {
  /** What the policy sees next: a number, or several. */
  observation: number | readonly number[];
  /** The reward of the action. */
  reward: number;
  /** Other rewards of the action. */
  alternates?: readonly number[];
  /** Whether the episode has ended. */
  terminated: boolean;
  /** Whether the episode was cut off, as by a limit of time; default false. */
  truncated?: boolean;
}

/** A world to act in: any object with `reset` and `step`. */
export interface Environment {
  /** Begins an episode; the same seed, the same world. */
  reset(options: { seed: number }): { observation: Outcome["observation"] };
  /** Takes an action: a number, or several. */
  step(action: number | readonly number[]): Outcome;
}
