import { inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { pick } from "../../autodiff/primitives/indexing.ts";
import { checkArgument, type Kind, shown } from "../../autodiff/options.ts";
import { cloneModule, freeze, tensorsOf } from "../../nn/module.ts";
import { checkBehaviour } from "./behaviour.ts";
import { type DiscretePolicy, drawn } from "./discrete_policy.ts";
import { type ActOptions, type Choice, Policy } from "./policy.ts";
import type { Steps } from "./steps.ts";
import { limitedProduct, partOf } from "./weighing.ts";
import { pure } from "../../nn/pure.ts";

const limitKind: Kind = { type: "number", wanted: "a number above 1", holds: (value) => (value as number) > 1 };

/**
 * A policy that no episode can have an importance weight above `most` under: it acts by `policy` while it can, and goes back to the
 * behaviour policy b as the episode's weight nears the limit. At a step with weight w before it, it is a pi + (1 - a) b with
 * a = min(1, (most / w - 1) / (max_a pi / b - 1)): the weight after it is at most `most` whatever the action.
 *
 * It is what is promised about, and what must act: `choose`, `act` with the episode's weight, or `runEpisodes`. Because weights have
 * a limit by construction, bounds on its return are proven and narrow: without one, any proven bound must allow for an unseen
 * episode that carries all the weight and has the worst return.
 */
export class WeightLimited<P extends DiscretePolicy = DiscretePolicy> extends Policy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

  /** The policy that acted; not trained. */
  readonly behaviour: DiscretePolicy;

  /**
   * A policy with a limit.
   * @param policy the policy to train
   * @param behaviour the policy that acted, over the same actions; a copy is kept
   * @param most the limit of weights, above 1: 2 to 5 for hundreds of episodes, more for more of them
   */
  constructor(readonly policy: P, behaviour: DiscretePolicy, readonly most: number) {
    super();
    checkArgument("limit weights", "most", most, limitKind);
    requireDiscrete("limit weights", policy, behaviour);
    this.behaviour = freeze(cloneModule(behaviour));
  }

  /** The limit of weights. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { most: this.most };
  }

  /** The limit of weights. */
  override get greatestWeight(): number {
    return this.most;
  }

  /** The importance weight of an episode up to each step. */
  override weights(steps: Steps): Tensor {
    const { ratios, chosen } = ratiosOf(this, steps);
    return limitedProduct(pick([ratios, chosen]), ratios.max(1), {
      starts: steps.starts,
      most: this.most,
    });
  }

  /** The probability, or density, of the action of every step. */
  override probability(steps: Steps): Tensor {
    const { behaviour: { data: b }, starts } = steps, weights = noGrad(() => this.weights(steps)).data, first = new Set(starts);
    // Where the weight before is 0, it stays 0 whatever the action.
    return Tensor.from(Float64Array.from(b, (p, t) => {
      const before = first.has(t) ? 1 : weights[t - 1];
      return before === 0 ? 0 : p * weights[t] / before;
    }));
  }

  /** The same, with the weights that this policy itself gave an episode. */
  override ownProbability(steps: Steps): Tensor {
    const { policy, behaviour, most } = this, { starts } = steps, count = policy.actions.length, first = new Set(starts);
    const [own, b] = noGrad(() => [policy, behaviour].map((one) => one.distribution(steps.observations))).map(({ data }) => data);
    const places = policy.placesIn(steps.actions).data, each = policy.actions.map((_, k) => k);
    let weight = 1;
    return Tensor.from(Float64Array.from(places, (at, t) => {
      if (first.has(t)) weight = 1;
      const part = partOf(weight, Math.max(...each.map((k) => own[t * count + k] / b[t * count + k])), most);
      const p = part * own[at] + (1 - part) * b[at];
      weight = Math.min(most, weight * p / b[at]);
      return p;
    }));
  }

  /**
   * An action for an observation.
   * @throws {RangeError} after the first action without the episode's weight: {@link Policy.actor} keeps it
   */
  override act(observation: number | ArrayLike<number>, options: ActOptions = {}): number | number[] {
    const { step = 0, weight } = options;
    if (step > 0 && weight === undefined) {
      throw new RangeError(
        `Cannot act at step ${step} without the episode's weight, on which the policy depends: act by policy.actor({ seed })`,
      );
    }
    if (weight !== undefined && weight > this.most) {
      throw new RangeError(`Cannot act with a weight of ${weight}: the limit is ${this.most}`);
    }
    return super.act(observation, options);
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number, weights: Float64Array): Choice {
    const { policy, behaviour, most } = this, count = policy.actions.length, [n] = observations.shape;
    const [own, b] = inStep(
      () => noGrad(() => [policy, behaviour].map((one) => one.distribution(observations))),
      () => tensorsOf(this),
    ).map(({ data }) => data);
    const actions = new Float64Array(n), probabilities = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const at = (k: number) => i * count + k, each = policy.actions.map((_, k) => k);
      const part = partOf(weights[i], Math.max(...each.map((k) => own[at(k)] / b[at(k)])), most);
      const mixed = each.map((k) => part * own[at(k)] + (1 - part) * b[at(k)]), k = drawn(mixed, uniform(i, 0));
      actions[i] = policy.actions[k];
      probabilities[i] = mixed[k];
      weights[i] = Math.min(most, weights[i] * mixed[k] / b[at(k)]);
    }
    return { actions, probabilities };
  }
}

/** Whether a policy has a probability for each of a list of actions. */
export function isDiscrete(policy: unknown): policy is DiscretePolicy {
  return typeof (policy as Partial<DiscretePolicy> | null | undefined)?.distribution === "function";
}

/**
 * @throws {TypeError} for a policy whose actions are no list
 * @throws {RangeError} for a behaviour policy with other actions, or with these in another order
 */
export function requireDiscrete(doing: string, policy: unknown, behaviour?: DiscretePolicy): void {
  if (!isDiscrete(policy)) {
    throw new TypeError(`Cannot ${doing}: the policy is ${shown(policy)}; wanted a discrete policy`);
  }
  if (behaviour === undefined || `${policy.actions}` === `${behaviour.actions}`) return;
  throw new RangeError(
    `Cannot ${doing}: the policy has the actions ${policy.actions.join(", ")}, and the behaviour policy ` +
      `${behaviour.actions.join(", ")}; give both the same in the same order`,
  );
}

/**
 * pi / b of every action, and b, [steps, actions]; and where those of the actions taken are, [steps].
 * @throws {RangeError} for an action that the behaviour policy never takes
 */
export function ratiosOf(
  { policy, behaviour }: Pick<WeightLimited, "policy" | "behaviour">,
  steps: Steps,
): { ratios: Tensor; old: Tensor; chosen: Tensor } {
  let found = known.get(steps);
  if (found?.behaviour !== behaviour) {
    checkBehaviour(steps, behaviour);
    const distribution = noGrad(() => behaviour.distribution(steps.observations).clone());
    const never = distribution.data.indexOf(0), width = behaviour.actions.length;
    if (never >= 0) {
      throw new RangeError(
        `Cannot limit weights: the behaviour policy never takes the action ${behaviour.actions[never % width]} at step ` +
          `${Math.floor(never / width)} of all, and the policy may`,
      );
    }
    const actions = steps.actions.data,
      chosen = Int32Array.from(actions, (action, t) => t * width + policy.actions.indexOf(action));
    found = { behaviour, distribution: Tensor.from(distribution.data, distribution.shape), chosen: Tensor.from(chosen) };
    known.set(steps, found);
  }
  const { distribution: old, chosen } = found;
  return { ratios: policy.distribution(steps.observations).div(old), old, chosen };
}

/** What does not change in training, by steps. */
const known = new WeakMap<Steps, { behaviour: DiscretePolicy; distribution: Tensor; chosen: Tensor }>();
