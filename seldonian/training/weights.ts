import { withConvolutions } from "../../autodiff/kernels/in_use.ts";
import { inStep, Tensor } from "../../autodiff/mod.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { adam, clipNorm, type Optimizer, sgd } from "../../nn/optim/mod.ts";
import { adaptiveSgd } from "./adaptive_sgd.ts";
import type { OptimizerSettings } from "../options.ts";
import type { Trained } from "./trained.ts";

/** Parameters as they were at a step: here, or on a device until they are asked for. */
export type Snapshot = Float32Array | RemoteSnapshot;

/** Parameters that are kept on a device. */
export interface RemoteSnapshot {
  /** @throws {DeviceError} if the device was lost */
  read(): Promise<Float32Array>;
  /** Gives their memory back. */
  release(): void;
}

/** What can be kept of parameters: what is trained, or all that the model's file has. */
export interface Kept {
  /** As they are now. */
  snapshot(of: "theta" | "state"): Snapshot;
}

/** Parameters in training, wherever they are. */
export interface Weights extends Kept {
  /** What regularization adds to the objective, shape [], where the parameters are; `descend` knows its slope. None where it is 0. */
  regularizer(): Tensor[];
  /**
   * One step: what the model tells, where the parameters are, and what is made of that here. Its memory is used again by the next.
   * @param compute is given a function that brings features to the parameters
   */
  step<T>(compute: (there: (features: unknown) => unknown) => Tensor[], use: (told: Tensor[]) => T): Promise<T>;
  /** Goes down the gradients that `backward()` left, which are 0 afterwards; `factor` is on the rate. */
  descend(factor: number): void;
  /** Has the numbers here as they are now. */
  bring(): Promise<void>;
  /** Has the model use them again. */
  end(): void;
}

/** Parameters in flat arrays here. */
export function weightsHere<M extends Module>(trained: Trained<M>, settings: OptimizerSettings): Weights {
  const { model, theta, gradient } = trained, optimizer = optimizerOf(settings, theta, gradient);
  return {
    ...keptOf(trained),
    regularizer: () => settings.regularization > 0 ? [Tensor.scalar(regularizerOf(theta, settings))] : [],
    step(compute, use) {
      const step = () => inStep(() => use(compute((features) => features)), () => tensorsOf(model));
      return Promise.resolve(withConvolutions(settings.convolutions, step));
    },
    descend(factor) {
      if (settings.regularization > 0) theta.forEach((x, i) => gradient[i] += 2 * settings.regularization * x);
      if (settings.gradientClip < Infinity) clipNorm(gradient, settings.gradientClip);
      optimizer.step(factor);
    },
    bring: () => Promise.resolve(),
    end() {},
  };
}

/** regularization theta · theta. */
export function regularizerOf(theta: Float32Array, { regularization }: OptimizerSettings): number {
  return regularization === 0 ? 0 : regularization * theta.reduce((sum, x) => sum + x * x, 0);
}

/** Copies of flat parameters. */
export function keptOf(flat: { theta: Float32Array; state: Float32Array }): Kept {
  return { snapshot: (of) => flat[of].slice() };
}

function optimizerOf(options: OptimizerSettings, theta: Float32Array, gradient: Float32Array): Optimizer {
  const { name, thetaRate: rate, beta1, beta2, momentum, adaptive } = options;
  if (adaptive) return adaptiveSgd(theta, gradient, rate);
  return name === "sgd" ? sgd(theta, gradient, { rate, momentum }) : adam(theta, gradient, { rate, beta1, beta2 });
}
