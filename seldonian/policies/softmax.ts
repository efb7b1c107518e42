import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { pick } from "../../autodiff/primitives/indexing.ts";
import { checkArgument, whole } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { requireModel } from "../../nn/module.ts";
import { constant, Parameter } from "../../nn/parameter.ts";
import { DiscretePolicy } from "./discrete_policy.ts";
import type { Steps } from "./steps.ts";

/** A softmax with one log-odds for each observation and action, for observations 0, 1, ...; at first all actions are alike. */
export class SoftmaxTable extends DiscretePolicy {
  /** The log-odds, [observations, actions]. */
  readonly weight: Parameter;

  /**
   * A table.
   * @param observations the number of observations
   * @param actions the number of actions, or a list of them
   */
  constructor(observations: number, actions: number | readonly number[]) {
    super(actions);
    checkArgument("make a table", "observations", observations, whole(1));
    this.weight = new Parameter([observations, this.actions.length], constant(0));
  }

  /** The log-odds of each action, [n, actions]. */
  override logits(observations: Tensor): Tensor {
    return this.weight.cast("float64").take(rowsOf(observations, this.weight.shape[0]));
  }

  /** The probability of the action of every step, from the softmax of the table: much less work than one of each step. */
  override probability({ observations, actions }: Steps): Tensor {
    const [count, width] = this.weight.shape;
    let found = known.get(actions);
    if (found?.of !== this.actions || found.count !== count) {
      const numbers = this.actionNumbers(actions).data, rows = rowsOf(observations, count).data;
      const places = Tensor.from(Int32Array.from(rows, (row, i) => row * width + numbers[i]));
      known.set(actions, found = { of: this.actions, count, places });
    }
    return pick([this.weight.cast("float64").softmax(), found.places]);
  }
}

/** @throws {RangeError} for an observation that is not in a table of this many */
function rowsOf(observations: Tensor, count: number): Tensor {
  const { data } = observations;
  const odd = observations.rank > 1 ? 0 : data.findIndex((one) => !(Number.isInteger(one) && one >= 0 && one < count));
  if (odd < 0) return Tensor.from(Int32Array.from(data));
  const found = observations.rank > 1 ? `${observations.shape[1]} numbers` : data[odd];
  throw new RangeError(`Cannot look up an observation, ${found}: wanted whole numbers from 0 to ${count - 1}`);
}

/** The places of actions in a table, by the tensor of actions. */
const known = new WeakMap<Tensor, { of: readonly number[]; count: number; places: Tensor }>();

/** A softmax of a network's outputs, one an action: of a linear layer, as of Fourier features, or of any other. */
export class Softmax extends DiscretePolicy {
  /**
   * A softmax policy.
   * @param network from observations, [n, numbers] float32, to log-odds [n, actions]
   * @param actions the number of actions, or a list of them
   */
  constructor(readonly network: Module<Tensor>, actions: number | readonly number[]) {
    super(actions);
    requireModel("make a policy", network);
  }

  /** The log-odds of each action, [n, actions]. */
  override logits(observations: Tensor): Tensor {
    return this.network.forward(single(observations));
  }
}

/** Observations as a network takes them; kept, because those of all candidate data come again at every step of training. */
export function single(observations: Tensor): Tensor {
  let cast = singles.get(observations);
  if (cast === undefined) {
    const { data, shape: [n, width = 1] } = observations;
    singles.set(observations, cast = noGrad(() => Tensor.from(Float32Array.from(data), [n, width])));
  }
  return cast;
}

const singles = new WeakMap<Tensor, Tensor>();
