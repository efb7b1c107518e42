import { inStep, noGrad, Tensor } from "../../autodiff/mod.ts";
import { pick } from "../../autodiff/primitives/indexing.ts";
import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { tensorsOf } from "../../nn/module.ts";
import { type Choice, Policy } from "./policy.ts";
import type { Steps } from "./steps.ts";

const actionsKind: Kind = {
  wanted: "their number, or a list of different numbers",
  holds: (value) =>
    Array.isArray(value)
      ? value.length > 0 && value.every(Number.isFinite) && new Set(value).size === value.length
      : Number.isInteger(value) && (value as number) > 0,
};

/** A policy with a softmax over a list of actions, each a number. One's own has `logits`. */
export abstract class DiscretePolicy extends Policy {
  /** The actions, in the order of the logits. */
  readonly actions: readonly number[];

  /**
   * A policy over some actions.
   * @param actions their number, for 0, 1, ..., or a list of them
   */
  constructor(actions: number | readonly number[]) {
    super();
    checkArgument("make a policy", "actions", actions, actionsKind);
    this.actions = typeof actions === "number" ? Array.from({ length: actions }, (_, i) => i) : [...actions];
  }

  /** The log-odds of each action: from observations [n] or [n, numbers] to [n, actions]. */
  abstract logits(observations: Tensor): Tensor;

  /** The actions. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { actions: this.actions };
  }

  /** The probability of each action, [n, actions] float64. */
  distribution(observations: Tensor): Tensor {
    return this.logits(observations).cast("float64").softmax();
  }

  /** The probability, or density, of the action of every step. */
  override probability({ observations, actions }: Steps): Tensor {
    return pick([this.distribution(observations), this.placesIn(actions)]);
  }

  /** Draws an action for each observation. */
  override choose(observations: Tensor, uniform: (i: number, j: number) => number): Choice {
    const { data, shape: [n, count] } = inStep(() => noGrad(() => this.distribution(observations)), () => tensorsOf(this));
    const actions = new Float64Array(n), probabilities = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const k = drawn(data.subarray(i * count, (i + 1) * count), uniform(i, 0));
      actions[i] = this.actions[k];
      probabilities[i] = data[i * count + k];
    }
    return { actions, probabilities };
  }

  /**
   * Where the action of each step is among the probabilities of all steps, [steps] int32; kept for the same tensor.
   * @throws {RangeError} for an action that is not in the list
   */
  placesIn(actions: Tensor): Tensor {
    let found = known.get(actions);
    if (found?.of !== this.actions) {
      const numbers = new Map(this.actions.map((action, k) => [action, k])), count = this.actions.length;
      const places = Int32Array.from(actions.data, (action, step) => {
        const number = actions.rank === 1 ? numbers.get(action) : undefined;
        if (number !== undefined) return step * count + number;
        const wrong = actions.rank === 1 ? `${action}` : `${actions.shape[1]} numbers`;
        throw new RangeError(`Cannot use the action of step ${step} of all, ${wrong}: the policy has ${this.actions.join(", ")}`);
      });
      known.set(actions, found = { of: this.actions, places: Tensor.from(places) });
    }
    return found.places;
  }
}

const known = new WeakMap<Tensor, { of: readonly number[]; places: Tensor }>();

/** The first place at which the sum of probabilities passes a number; the last one with a probability, where rounding leaves none. */
export function drawn(probabilities: ArrayLike<number>, uniform: number): number {
  let sum = 0, last = 0;
  for (let k = 0; k < probabilities.length; k++) {
    if (probabilities[k] > 0) last = k;
    if ((sum += probabilities[k]) > uniform) return k;
  }
  return last;
}
