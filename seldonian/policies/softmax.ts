import { noGrad, type Shape, Tensor } from "../../autodiff/mod.ts";
import { pick } from "../../autodiff/primitives/indexing.ts";
import { checkArgument, whole } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { requireModel } from "../../nn/module.ts";
import { constant, Parameter } from "../../nn/parameter.ts";
import { DiscretePolicy } from "./discrete_policy.ts";
import { pure } from "../../nn/pure.ts";

/** A softmax with one log-odds for each observation and action, for observations 0, 1, ...; at first all actions are alike. */
export class SoftmaxTable extends DiscretePolicy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

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
    return pick([this.weight.cast("float64"), placesOf(observations, this.weight.shape)]);
  }

  /** The probability of each action, [n, actions], from the softmax of the table: much less work than one of each observation. */
  override distribution(observations: Tensor): Tensor {
    return pick([this.weight.cast("float64").softmax(), placesOf(observations, this.weight.shape)]);
  }
}

/** The places of observations' rows in a table, [n, actions]. @throws {RangeError} for an observation that is not in it */
function placesOf(observations: Tensor, [count, width]: Shape): Tensor {
  let found = known.get(observations);
  if (found?.count !== count || found.width !== width) {
    const { data } = observations, isOne = observations.rank === 1;
    const odd = isOne ? data.findIndex((one) => !(Number.isInteger(one) && one >= 0 && one < count)) : 0;
    if (odd >= 0) {
      const wrong = isOne ? data[odd] : `${observations.shape[1]} numbers`;
      throw new RangeError(`Cannot look up an observation, ${wrong}: wanted whole numbers from 0 to ${count - 1}`);
    }
    const places = Int32Array.from({ length: data.length * width }, (_, i) => data[Math.floor(i / width)] * width + i % width);
    known.set(observations, found = { count, width, places: Tensor.from(places, [data.length, width]) });
  }
  return found.places;
}

/** Places in a table, by the tensor of observations: those of all candidate data come again at every step of training. */
const known = new WeakMap<Tensor, { count: number; width: number; places: Tensor }>();

/** A softmax of a network's outputs, one an action: of a linear layer, as of Fourier features, or of any other. */
export class Softmax extends DiscretePolicy {
  /** Its outputs depend on its input and parameters alone. */
  get [pure](): true {
    return true;
  }

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
