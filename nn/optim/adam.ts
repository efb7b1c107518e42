import { type AdamStep, adamSteps } from "../../autodiff/kernels/adam.ts";
import { checkOptions, type Kind, type Known, number } from "../../autodiff/options.ts";
import {
  type Flat,
  memoryFor,
  type Optimizer,
  optimizerOf,
  type ParameterGroup,
  type Rule,
  type Trainable,
} from "./optimizer.ts";

/** Options of Adam. */
export interface AdamOptions {
  /** Learning rate, default 0.001. */
  lr?: number;
  /** Decays of the running means of gradients and of their squares, default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root, default 1e-8. */
  eps?: number;
  /** Each step adds this times the parameters to the gradient, default 0; in `adamW`, parameters shrink by lr times this, 0.01. */
  weightDecay?: number;
}

/** Adam's options with defaults; `decoupled`: the decay of `adamW`. */
export interface AdamSettings extends Required<AdamOptions> {
  /** Whether parameters shrink by themselves, instead of by their gradient. */
  readonly decoupled: boolean;
}

const both: Kind = {
  type: "object",
  wanted: "two numbers, as [0.9, 0.999]",
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every((beta) => typeof beta === "number"),
};
const known: Known<AdamOptions> = { lr: number, betas: both, eps: number, weightDecay: number };

/** Adam's options, with defaults filled in. */
export function adamSettings(options: AdamOptions, decoupled = false): AdamSettings {
  const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = decoupled ? 0.01 : 0 } = checkOptions(
    "make steps of Adam",
    options,
    known,
  );
  return { lr, betas, eps, weightDecay, decoupled };
}

const rule: Rule<AdamOptions, AdamSettings> = {
  action: "make steps of Adam",
  settingsOf: (given) => adamSettings(given),
  updateOf,
};
const ruleW: Rule<AdamOptions, AdamSettings> = { ...rule, settingsOf: (given) => adamSettings(given, true) };

/**
 * Adam, with the bias-corrected running means m and v of the gradient and its square: theta -= lr m / (√v + eps). Of a model or its
 * parameters, `adam(model, { lr: 0.01 })`, of groups, `adam([{ params: body, lr: 1e-4 }, { params: head }])`, or of flat arrays,
 * `adam(theta, gradient)`. Named and set like torch.optim.Adam.
 * Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1.
 */
export function adam(
  parameters: Trainable | Iterable<ParameterGroup<AdamOptions>>,
  options?: AdamOptions,
): Optimizer<AdamSettings>;
/** The same for flat arrays, as from `nn.flatParameters(model)`. */
export function adam(theta: Float32Array, gradient: Float32Array, options?: AdamOptions): Optimizer<AdamSettings>;
export function adam(
  given: Trainable | Iterable<ParameterGroup<AdamOptions>> | Float32Array,
  second?: AdamOptions | Float32Array,
  third?: AdamOptions,
): Optimizer<AdamSettings> {
  return optimizerOf(rule, given, second, third);
}

/**
 * {@link adam} with decay apart from the gradient: theta shrinks by lr weightDecay theta, 0.01 by default. Like torch.optim.AdamW.
 * Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export function adamW(
  parameters: Trainable | Iterable<ParameterGroup<AdamOptions>>,
  options?: AdamOptions,
): Optimizer<AdamSettings>;
/** The same for flat arrays, as from `nn.flatParameters(model)`. */
export function adamW(theta: Float32Array, gradient: Float32Array, options?: AdamOptions): Optimizer<AdamSettings>;
export function adamW(
  given: Trainable | Iterable<ParameterGroup<AdamOptions>> | Float32Array,
  second?: AdamOptions | Float32Array,
  third?: AdamOptions,
): Optimizer<AdamSettings> {
  return optimizerOf(ruleW, given, second, third);
}

/** From so many on, numbers are worth a memory of the kernels. */
const manyNumbers = 2 ** 15;

/** There roots and quotients are float32, in which a smaller ε would be 0 or lose its digits. */
const leastEps = 2 ** -126;

function updateOf(settings: AdamSettings): (theta: Flat, gradient: Flat, factor: number) => void {
  let memory: [m: Flat, v: Flat] | undefined, many: AdamStep | null | undefined, power1 = 1, power2 = 1;
  return (theta, given, factor) => {
    const { lr, betas: [beta1, beta2], eps, weightDecay, decoupled } = settings;
    if (decoupled) { for (let i = 0; i < theta.length; i++) theta[i] *= 1 - factor * lr * weightDecay; }
    const gradient = decoupled ? given : decayed(theta, given, weightDecay);
    power1 *= beta1;
    power2 *= beta2;
    const scale = factor * lr / (1 - power1), root = 1 / (1 - power2);
    many ??= theta instanceof Float32Array && theta.length >= manyNumbers && eps >= leastEps ? adamSteps(theta.length) : null;
    if (many) {
      // An ε that has become smaller since the first step must not be 0, either.
      const own = eps > 0 ? Math.max(eps, leastEps) : eps,
        constants = [beta1, 1 - beta1, beta2, 1 - beta2, scale, Math.sqrt(root), own];
      return many(theta as Float32Array, gradient as Float32Array, constants);
    }
    const [m, v] = memory ??= [memoryFor(theta), memoryFor(theta)];
    for (let i = 0; i < theta.length; i++) {
      const g = gradient[i];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      theta[i] -= scale * m[i] / (Math.sqrt(v[i] * root) + eps);
    }
  };
}

/** The gradient plus the decay times theta. */
export function decayed(theta: Flat, gradient: Flat, decay: number): Flat {
  return decay === 0 ? gradient : gradient.map((g, i) => g + decay * theta[i]);
}
