import { concatenate, noGrad, Tensor } from "../../autodiff/mod.ts";
import { contiguousData, type NdArray, zerosArray } from "../../autodiff/ndarray.ts";
import { checkOptions, type Kind, type Known, number } from "../../autodiff/options.ts";
import { type Apply, primitive } from "../../autodiff/primitive.ts";
import { pick, put } from "../../autodiff/primitives/indexing.ts";
import { here } from "../../autodiff/remote_array.ts";
import { cloneModule, freeze, type Module, requireModel } from "../../nn/module.ts";
import type { DiscretePolicy } from "./discrete_policy.ts";
import { type ActOptions, type Choice, Policy } from "./policy.ts";
import { single } from "./softmax.ts";
import type { Steps } from "./steps.ts";
import { isDiscrete, ratiosOf, requireDiscrete, WeightLimited } from "./weight_limited.ts";
import { partOf } from "./weighing.ts";
import { pure } from "../../nn/pure.ts";

/** What makes doubly robust values provable. */
export interface DoublyRobustOptions {
  /** The most that guesses may add to a value or take from it in all, in the unit of returns; default: without a limit. */
  room?: number;
  /** The policy that acted: needed with `room`, unless a {@link WeightLimited} policy has it. A copy is kept. */
  behaviour?: DiscretePolicy;
}

const known: Known<DoublyRobustOptions> = {
  room: { ...number, wanted: "a number above 0", holds: (value) => (value as number) > 0 },
  behaviour: {
    type: "object",
    wanted: "a discrete policy",
    holds: isDiscrete,
  } as Kind,
};

/**
 * The same policy, whose per-decision values are doubly robust: sum_t gamma^t (w_t (r_t - q(o_t, a_t)) + w_{t-1} sum_a pi(a | o_t)
 * q(o_t, a)), where q is any guess of the return that follows an action. Their mean is the return whatever q is, and the better q is,
 * the less they vary: `J_pi_new_PDIS` is then the doubly robust estimate. Alternate rewards are as ever. q must not come from the
 * safety data.
 *
 * What guesses add, d_t = gamma^t (w_{t-1} sum_a pi(a | o_t) q(o_t, a) - w_t q(o_t, a_t)), has no end, so values have none. With
 * `room` K it is a_t d_t, with the greatest a_t in [0, 1] that keeps d_1 a_1 + ... + d_t a_t in [-K, K] whatever the action at step t.
 * That depends on the steps before and on o_t alone, and the mean of d_t is 0 given these, so the mean stays the return, and ends of
 * values move by K: bounds are proven with a declared range, with and without a limit of weights. The slope takes a_t as fixed.
 * Source: N. Jiang and L. Li, "Doubly robust off-policy value evaluation for reinforcement learning", ICML 2016, (10), unrolled.
 */
export class DoublyRobust<P extends DiscretePolicy | WeightLimited = DiscretePolicy> extends Policy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** q, from observations [n, numbers] float32 to [n, actions]; not trained. */
  readonly values: Module<Tensor>;
  /** The policy that acted; not trained. */
  readonly behaviour?: DiscretePolicy;
  private readonly most: number;

  /**
   * A policy with a guess.
   * @param policy the policy to train
   * @param values q, from observations [n, numbers] float32 to [n, actions]; a copy is kept
   * @param options `room` and `behaviour`, for proven bounds
   * @throws {TypeError} for a policy that is not discrete, and for a room without the policy that acted
   * @throws {RangeError} for one that acted with other actions, or with these in another order
   */
  constructor(readonly policy: P, values: Module<Tensor>, options: DoublyRobustOptions = {}) {
    super();
    const { room = Infinity, behaviour } = checkOptions("make doubly robust values", options, known);
    requireModel("make a policy", values);
    this.values = freeze(cloneModule(values));
    this.most = room;
    requireDiscrete("make doubly robust values", policy instanceof WeightLimited ? policy.policy : policy, behaviour);
    if (behaviour !== undefined) this.behaviour = freeze(cloneModule(behaviour));
    if (room < Infinity && actedOf(this) === undefined) {
      throw new TypeError("Cannot keep guesses in a room without the policy that acted: give it as the option behaviour");
    }
  }

  /** The room of guesses, if there is one. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return this.room < Infinity ? { room: this.room } : {};
  }

  /** The most that guesses add or take; infinite without a limit. */
  override get room(): number {
    return this.most;
  }

  /** That of the policy. */
  override get greatestWeight(): number {
    return this.policy.greatestWeight;
  }

  /** The probability of the action of every step. */
  override probability(steps: Steps): Tensor {
    return this.policy.probability(steps);
  }

  /** The same, with what the policy itself knows of an episode. */
  override ownProbability(steps: Steps): Tensor {
    return this.policy.ownProbability(steps);
  }

  /** The importance weight of an episode up to each step. */
  override weights(steps: Steps): Tensor {
    return this.policy.weights(steps);
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number, weights: Float64Array): Choice {
    return this.policy.choose(observations, uniform, weights);
  }

  /** An action for an observation. */
  override act(observation: number | ArrayLike<number>, options: ActOptions = {}): number | number[] {
    return this.policy.act(observation, options);
  }

  /** What guesses add to the values of the rewards; nothing to those of an alternate. */
  override control(steps: Steps, weights: Tensor, reward: number): Tensor | null {
    if (reward > 0) return null;
    const { observations, actions, discounts, episodeOf, starts } = steps, { policy, values, room } = this, acted = actedOf(this);
    const discrete: DiscretePolicy = policy instanceof WeightLimited ? policy.policy : policy;
    const q = noGrad(() => values.forward(single(observations)).cast("float64")), places = discrete.placesIn(actions);
    const wanted = `${observations.shape[0]}, ${discrete.actions.length}`, found = q.shape.join(", ");
    if (found !== wanted) throw new RangeError(`Cannot use guesses of shape [${found}]; wanted [${wanted}], one for each action`);
    // The weight before a step: that of the step before, at one place later, or 1.
    const first = new Set(starts), at = Int32Array.from(episodeOf.data, (_, t) => first.has(t) ? 0 : t);
    const before = concatenate([Tensor.from(Float64Array.of(1)), weights]).take(Tensor.from(at)), taken = pick([q, places]);
    const sum = (followed: Tensor, by: Tensor) =>
      put([before.mul(followed).sub(weights.mul(taken)).mul(by), episodeOf], { shape: [starts.length - 1] });
    if (acted === undefined) return sum(discrete.distribution(observations).mul(q).sum(1), discounts);
    const { ratios, old } = ratiosOf(acted, steps), { most } = acted, guessed = old.mul(q);
    const scale = inRoom([weights, ratios, old, q, places, discounts], { starts, most, room }), own = ratios.mul(guessed).sum(1);
    if (most === Infinity) return sum(own, scale);
    // As `partOf`, with its slope.
    const greatest = ratios.max(1).sub(1).maximum(1e-12), others = guessed.sum(1);
    const part = before.neg().add(most).div(before.maximum(1e-12).mul(greatest)).clip(0, 1);
    return sum(others.add(part.mul(own.sub(others))), scale);
  }
}

/** The policy, the one that acted and the limit of weights, if the second is known. */
function actedOf(
  { policy, behaviour }: { policy: DiscretePolicy | WeightLimited; behaviour?: DiscretePolicy },
): Pick<WeightLimited, "policy" | "behaviour" | "most"> | undefined {
  if (policy instanceof WeightLimited) return policy;
  return behaviour && { policy, behaviour, most: Infinity };
}

/** Where episodes start, the limit of weights, and the room of guesses. */
interface Room {
  starts: Int32Array;
  most: number;
  room: number;
}

/**
 * gamma^t a_t, [steps]; from weights [steps]; ratios of all actions, the old policy's probabilities and guesses, [steps, actions]; the
 * places of the actions taken, and discounts, [steps].
 */
const inRoom: Apply<Room> = primitive({
  name: "guesses in a room",
  shape: ([weights]) => weights,
  forward(_, inputs, { starts, most, room }, shape) {
    const [w, rho, old, q, places, discounts] = inputs.map((array) => contiguousData(here(array) as NdArray));
    const kept = zerosArray("float64", shape), count = rho.length / w.length;
    for (let i = 0; i + 1 < starts.length; i++) {
      for (let t = starts[i], before = 1, sum = 0; t < starts[i + 1]; before = w[t++]) {
        const first = t * count, discount = discounts[t];
        let [greatest, followed, up, down] = [0, 0, 0, 0];
        for (let k = first; k < first + count; k++) greatest = Math.max(greatest, rho[k]);
        const part = partOf(before, greatest, most), ratio = (k: number) => 1 + part * (rho[k] - 1);
        for (let k = first; k < first + count; k++) followed += old[k] * ratio(k) * q[k];
        for (let k = first; k < first + count; k++) {
          const added = discount * before * (followed - ratio(k) * q[k]);
          up = Math.max(up, added);
          down = Math.max(down, -added);
        }
        const scale = Math.max(0, Math.min(1, up > 0 ? (room - sum) / up : 1, down > 0 ? (room + sum) / down : 1));
        kept.data[t] = scale * discount;
        sum += scale * discount * (before * followed - w[t] * q[places[t]]);
      }
    }
    return kept;
  },
  gradient: null,
});
