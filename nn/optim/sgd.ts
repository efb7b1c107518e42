import { checkOptions, type Known, number, truth } from "../../autodiff/options.ts";
import { decayed } from "./adam.ts";
import {
  type Flat,
  memoryFor,
  type Optimizer,
  optimizerOf,
  type ParameterGroup,
  type Rule,
  type Trainable,
} from "./optimizer.ts";

/** Options of gradient descent. */
export interface SgdOptions {
  /** Learning rate, default 0.001. */
  lr?: number;
  /** Share of the last step's velocity to keep, default 0. */
  momentum?: number;
  /** Share of the gradient that momentum leaves out after the first step, default 0. */
  dampening?: number;
  /** Each step adds this times the parameters to the gradient, default 0. */
  weightDecay?: number;
  /** Whether a step looks ahead along the velocity (Nesterov), default false. */
  nesterov?: boolean;
}

const known: Known<SgdOptions> = { lr: number, momentum: number, dampening: number, weightDecay: number, nesterov: truth };

/** Options of gradient descent, with defaults filled in. */
export function sgdSettings(options: SgdOptions): Required<SgdOptions> {
  const { lr = 0.001, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = checkOptions(
    "make steps of gradient descent",
    options,
    known,
  );
  if (nesterov && !(momentum > 0 && dampening === 0)) {
    throw new RangeError("Cannot make steps of gradient descent: nesterov wants momentum above 0, and no dampening");
  }
  return { lr, momentum, dampening, weightDecay, nesterov };
}

const rule: Rule<SgdOptions, Required<SgdOptions>> = {
  action: "make steps of gradient descent",
  settingsOf: sgdSettings,
  updateOf,
};

/**
 * Gradient descent, like torch.optim.SGD: velocity = momentum · velocity + gradient, theta -= lr · velocity. Of a model, of
 * parameters or groups, or of flat arrays: see {@link adam}.
 */
export function sgd(
  parameters: Trainable | Iterable<ParameterGroup<SgdOptions>>,
  options?: SgdOptions,
): Optimizer<Required<SgdOptions>>;
/** The same for flat arrays, as from `nn.flatParameters(model)`. */
export function sgd(theta: Float32Array, gradient: Float32Array, options?: SgdOptions): Optimizer<Required<SgdOptions>>;
export function sgd(
  given: Trainable | Iterable<ParameterGroup<SgdOptions>> | Float32Array,
  second?: SgdOptions | Float32Array,
  third?: SgdOptions,
): Optimizer<Required<SgdOptions>> {
  return optimizerOf(rule, given, second, third);
}

function updateOf(settings: Required<SgdOptions>): (theta: Flat, gradient: Flat, factor: number) => void {
  let memory: Flat | undefined, taken = 1;
  return (theta, given, factor) => {
    const { lr, momentum, dampening, weightDecay, nesterov } = settings, gradient = decayed(theta, given, weightDecay);
    const scale = factor * lr;
    if (momentum === 0) {
      for (let i = 0; i < theta.length; i++) theta[i] -= scale * gradient[i];
      return;
    }
    const velocity = memory ??= memoryFor(theta);
    for (let i = 0; i < theta.length; i++) {
      velocity[i] = momentum * velocity[i] + taken * gradient[i];
      theta[i] -= scale * (nesterov ? gradient[i] + momentum * velocity[i] : velocity[i]);
    }
    taken = 1 - dampening;
  };
}
