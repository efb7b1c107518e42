import { stack, Tensor, zeros } from "../../autodiff/mod.ts";
import { put } from "../../autodiff/primitives/indexing.ts";
import { checkOptions, type Known, notNegative, whole } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { uniformOf } from "../data/uniform_of.ts";
import { endedReturns } from "./ended_returns.ts";
import { type RecordedEpisode, type Steps, stepsOf } from "./steps.ts";
import { runningProduct } from "./weighing.ts";

/** Where in an episode an action is chosen. */
export interface ActOptions {
  /** The episode's seed, default 0: the same seed, step and observation, the same action. */
  seed?: number;
  /** The number of actions before this one, default 0. */
  step?: number;
  /** The episode's importance weight before this action, default 1; only {@link WeightLimited} reads it. */
  weight?: number;
}

/** Acts through one episode, observation by observation. */
export interface Actor {
  /** The next action: a number or several, as in the episodes. */
  act(observation: number | ArrayLike<number>): number | number[];
}

const known: Known<ActOptions> = { seed: whole(), step: whole(0), weight: notNegative };
const actorOptions: Known<Pick<ActOptions, "seed">> = { seed: whole() };

/** Actions for several observations. */
export interface Choice {
  /** One action after the other. */
  actions: Float64Array;
  /** The probability or density of each. */
  probabilities: Float64Array;
}

/**
 * A rule that chooses actions by observations. As a model it takes episodes, and says what measures need: how much more probable
 * each would have been under this rule. A custom policy needs `probability` and `choose`, or for few actions `logits` of a
 * {@link DiscretePolicy}.
 */
export abstract class Policy implements Module<readonly RecordedEpisode[]> {
  /** The probability, or density, of the action of every step: [steps] float64, differentiable. */
  abstract probability(steps: Steps): Tensor;

  /**
   * The same, whatever a log says: where {@link Policy.probability} takes the logged probabilities for those of another policy, this
   * asks that policy.
   */
  ownProbability(steps: Steps): Tensor {
    return this.probability(steps);
  }

  /**
   * Draws an action for each observation, [n] or [n, numbers].
   * @param uniform the j-th number in [0, 1) for the i-th action
   * @param weights each episode's importance weight before this action, which a policy that limits weights reads and updates
   */
  abstract choose(observations: Tensor, uniform: (i: number, j: number) => number, weights: Float64Array): Choice;

  /** The greatest importance weight that an episode can have; default: none. */
  get greatestWeight(): number {
    return Infinity;
  }

  /** The importance weight of an episode up to each step, prod_{u <= t} pi(a_u | o_u) / b(a_u | o_u), [steps]. */
  weights(steps: Steps): Tensor {
    return runningProduct(this.probability(steps).div(steps.behaviour), steps.starts);
  }

  /**
   * What is added to the per-decision values sum_t gamma^t w_t r_t of the rewards, or of an alternate: numbers of mean 0, [episodes];
   * default: nothing.
   */
  control(_steps: Steps, _weights: Tensor, _reward: number): Tensor | null {
    return null;
  }

  /** The most that {@link Policy.control} adds or takes, whatever happens; default: unknown. */
  get room(): number {
    return Infinity;
  }

  /** What measures read of each episode: [episodes, 2 + 10 rewards] float64; see `outputs.ts`. */
  forward(episodes: readonly RecordedEpisode[]): Tensor {
    const steps = stepsOf(episodes),
      shape = [episodes.length],
      { starts, rewards, returns, gained, baselines, ends, episodeOf } = steps;
    const weights = this.weights(steps), last = starts.subarray(1).map((next) => next - 1);
    const constant = (value: number) => zeros(shape, "float64").add(value), weight = weights.take(Tensor.from(last));
    const none = constant(0), isLimited = this.greatestWeight < Infinity;
    return stack([
      weight,
      constant(1 / this.greatestWeight),
      ...rewards.flatMap((_, k) => {
        const plain = put([weights.mul(rewards[k]), episodeOf], { shape }), control = this.control(steps, weights, k);
        const all = (value: Tensor) => control === null ? value : value.add(control), room = control === null ? 0 : this.room;
        const columns = [returns[k], all(plain), constant(baselines[k]), constant(room < Infinity ? room : -1)];
        if (isLimited) return [...columns, none, none, none, none, none, gained[k]];
        const ended = endedReturns(steps, weights, weight, plain, k);
        return [...columns, ended.weight, all(ended.lower), all(ended.upper), ...(ends[k] ?? [0, 0]).map(constant), gained[k]];
      }),
    ], 1);
  }

  /** An action for an observation: a number or several, as in the episodes. Through a whole episode, {@link Policy.actor} acts. */
  act(observation: number | ArrayLike<number>, options: ActOptions = {}): number | number[] {
    const { seed = 0, step = 0, weight = 1 } = checkOptions("act", options, known);
    return chosen(this, observation, { seed, step }, Float64Array.of(weight));
  }

  /** Acts through one episode: counts its steps, and keeps its importance weight. */
  actor(options: Pick<ActOptions, "seed"> = {}): Actor {
    const { seed = 0 } = checkOptions("act", options, actorOptions), weight = Float64Array.of(1);
    let step = 0;
    return { act: (observation) => chosen(this, observation, { seed, step: step++ }, weight) };
  }
}

/** The action of a policy for one observation; updates the weight. */
function chosen(
  policy: Policy,
  observation: number | ArrayLike<number>,
  { seed, step }: { seed: number; step: number },
  weight: Float64Array,
): number | number[] {
  const seen = Float64Array.from(typeof observation === "number" ? [observation] : Array.from(observation));
  const odd = seen.findIndex((x) => !Number.isFinite(x));
  if (odd >= 0) throw new RangeError(`Cannot act: number ${odd} of the observation is ${seen[odd]}; wanted finite numbers`);
  const one = Tensor.from(seen, seen.length === 1 ? [1] : [1, seen.length]);
  const { actions } = policy.choose(one, (_, j) => uniformOf(seed, step, j), weight);
  return actions.length === 1 ? actions[0] : Array.from(actions);
}
