import {
  concatenate,
  div,
  type Gpu,
  inStep,
  maximum,
  noGrad,
  type RemotePlace,
  Tensor,
  weightedSum,
  zeros,
} from "../../autodiff/mod.ts";
import { outputsHere } from "../../nn/log_probability.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { adamOf, sgdOf } from "../../nn/optim/mod.ts";
import { adaptiveSgdOf } from "./adaptive_sgd.ts";
import type { OptimizerSettings } from "../options.ts";
import type { Trained } from "./trained.ts";
import type { Weights } from "./weights.ts";

/**
 * Parameters on a device, where the trained ones are one array. A step takes the rows there and brings the model's outputs back;
 * its gradients and new parameters never cross. Bounds and measures are computed here, in float64.
 */
export function weightsOn<M extends Module>(
  gpu: Gpu,
  { model, theta: flat, state, parameters }: Trained<M>,
  settings: OptimizerSettings,
): Weights {
  const [trained, others] = [true, false].map((on) => parameters.filter(({ requiresGrad }) => requiresGrad === on));
  const before = parameters.map((parameter) => ({ parameter, array: parameter.array, grad: parameter.grad }));
  const update = settings.adaptive
    ? adaptiveSgdOf(settings.thetaRate)
    : settings.name === "sgd"
    ? sgdOf({ rate: settings.thetaRate, momentum: settings.momentum })
    : adamOf({ rate: settings.thetaRate, beta1: settings.beta1, beta2: settings.beta2 });
  /** The number of snapshots that hold an array. */
  const held = new Map<object, number>();
  let theta = Tensor.from(flat).to(gpu);

  /** Makes parameters parts of the one array. */
  const settle = () => {
    let offset = 0;
    for (const parameter of trained) {
      const { size, shape } = parameter;
      parameter.moveTo(theta.slice(0, offset, offset += size).reshape(...shape).array);
      parameter.grad = null;
    }
  };
  // Arrays here may be overwritten, so they are copied.
  const everything = () => [
    theta,
    ...others.map((parameter) => parameter.device === "cpu" ? parameter.clone() : parameter.detach()),
  ];
  const read = async (tensors: readonly Tensor[]) =>
    await noGrad(() => concatenate(tensors.map((tensor) => tensor.reshape(-1)))).read() as Float32Array;
  noGrad(settle);
  for (const parameter of others) if (parameter.size > 1) parameter.moveTo(parameter.to(gpu).array);
  // A layer's forward pass replaces its running statistics.
  const runningNow = () => others.filter(({ device }) => device !== "cpu").map((parameter) => parameter.detach());
  let running = runningNow();
  /** Frees memory that neither training nor a snapshot needs. */
  const discard = (tensors: readonly Tensor[]) => {
    const now = new Set([theta, ...update.memory(), ...running].map(({ array }) => array));
    gpu.release(tensors.filter(({ array }) => !now.has(array) && !held.has(array)));
  };

  return {
    snapshot(of) {
      const tensors = of === "theta" ? [theta] : everything();
      for (const { array } of tensors) held.set(array, (held.get(array) ?? 0) + 1);
      return {
        read: () => read(tensors),
        release() {
          for (const { array } of tensors) {
            const count = held.get(array)! - 1;
            if (count > 0) held.set(array, count);
            else held.delete(array);
          }
          discard(tensors);
        },
      };
    },

    regularizer: () => settings.regularization > 0 ? [noGrad(() => theta.square().sum().mul(settings.regularization))] : [],

    step: (compute, use) =>
      gpu.step(async (place) => {
        const told = await outputsHere(compute((features) => there(features, place)));
        return inStep(() => use(told), () => tensorsOf(model));
      }, () => [theta, ...update.memory(), ...tensorsOf(model)]),

    descend(factor) {
      noGrad(() => {
        let gradient = concatenate(trained.map(({ grad, size }) => (grad ?? zeros([size])).reshape(size)));
        if (settings.regularization > 0) gradient = weightedSum([gradient, theta], [1, 2 * settings.regularization]);
        if (settings.gradientClip < Infinity) {
          const norm = gradient.square().sum().sqrt();
          gradient = gradient.mul(div(settings.gradientClip, maximum(norm, settings.gradientClip)));
        }
        const last = [theta, ...update.memory(), ...running];
        theta = update.step(theta, gradient, factor);
        running = runningNow();
        discard(last);
        settle();
      });
    },

    bring: async () => state.set(await read(everything())),

    end() {
      for (const { parameter, array, grad } of before) {
        parameter.moveTo(array);
        parameter.grad = grad;
      }
    },
  };
}

/** Features with their tensors on the device; other items stay unchanged. */
function there(features: unknown, place: RemotePlace): unknown {
  if (features instanceof Tensor) return features.to(place);
  if (typeof features !== "object" || features === null || Array.isArray(features)) return features;
  return Object.fromEntries(Object.entries(features).map(([name, part]) => [name, there(part, place)]));
}
