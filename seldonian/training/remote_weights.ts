import { concatenate, div, type Gpu, inStep, maximum, noGrad, Tensor, weightedSum, zeros } from "../../autodiff/mod.ts";
import { records } from "../../autodiff/devices/gpu_device.ts";
import type { RemoteArray } from "../../autodiff/remote_array.ts";
import { outputsHere } from "../../nn/log_probability.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import type { Parameter } from "../../nn/parameter.ts";
import { adamOf, sgdOf, type TensorOptimizer } from "../../nn/optim/mod.ts";
import { adaptiveSgdOf } from "./adaptive_sgd.ts";
import type { OptimizerSettings } from "../options.ts";
import { CardSteps } from "./card_steps.ts";
import { there } from "./there.ts";
import type { Trained } from "./trained.ts";
import type { RemoteSnapshot, Weights } from "./weights.ts";

/**
 * Parameters on a device, where the trained ones are one array. A step takes the rows there and brings the model's outputs back;
 * its gradients and new parameters never cross. Bounds and measures are computed here, in float64.
 * @param steps of the training, at most
 * @param changed the error where a replayed step would find something else; `null`: no step is replayed
 */
export function weightsOn<M extends Module>(
  gpu: Gpu,
  trained: Trained<M>,
  settings: OptimizerSettings,
  steps: number,
  changed: ((difference: string) => Error) | null,
): Weights {
  return new RemoteWeights(
    gpu,
    trained,
    settings,
    changed !== null && records(gpu) ? new CardSteps(gpu, trained.model, steps, changed) : null,
  );
}

class RemoteWeights<M extends Module> implements Weights {
  /** Parameters that are trained, and the others, such as running statistics. */
  readonly #trained: Parameter[];
  readonly #others: Parameter[];
  /** The arrays before training, which the model gets back. */
  readonly #before: { parameter: Parameter; array: Parameter["array"]; grad: Tensor | null }[];
  readonly #update: TensorOptimizer;
  /** The number of snapshots that hold an array. */
  readonly #held = new Map<object, number>();
  #theta: Tensor;
  /** The last copy of an array of parameters. */
  #copy: { of: Tensor; tensor: Tensor } | null = null;
  /** The other parameters there; a layer's forward pass replaces its running statistics. */
  #running: Tensor[];

  /** Whether the model's parameters are parts of an older array. */
  #unsettled = false;

  constructor(
    readonly gpu: Gpu,
    readonly trained: Trained<M>,
    readonly settings: OptimizerSettings,
    readonly cardSteps: CardSteps | null,
  ) {
    const { parameters, theta } = trained;
    [this.#trained, this.#others] = [true, false].map((on) => parameters.filter(({ requiresGrad }) => requiresGrad === on));
    this.#before = parameters.map((parameter) => ({ parameter, array: parameter.array, grad: parameter.grad }));
    this.#update = updateOf(settings);
    this.#theta = Tensor.from(theta).to(gpu);
    this.#settle();
    for (const parameter of this.#others) if (parameter.size > 1) parameter.moveTo(parameter.to(gpu).array);
    this.#running = this.#runningNow();
  }

  snapshot(of: "theta" | "state"): RemoteSnapshot {
    const [own, ...others] = of === "theta" ? [this.#theta] : this.#everything(), tensors = [this.#lasting(own), ...others];
    const held = this.#held;
    for (const { array } of tensors) held.set(array, (held.get(array) ?? 0) + 1);
    return {
      read: () => read(tensors),
      release: () => {
        for (const { array } of tensors) {
          const count = held.get(array)! - 1;
          if (count > 0) held.set(array, count);
          else held.delete(array);
        }
        this.#discard(tensors);
      },
    };
  }

  regularizer(): Tensor[] {
    const { regularization } = this.settings;
    return regularization > 0 ? [noGrad(() => this.#theta.square().sum().mul(regularization))] : [];
  }

  step<T>(
    features: unknown,
    compute: (there: (features: unknown) => unknown) => Tensor[],
    use: (told: Tensor[]) => T,
  ): Promise<T> {
    const { cardSteps, trained: { model } } = this,
      settled = (there: (features: unknown) => unknown) => {
        if (this.#unsettled) this.#settle();
        return compute(there);
      };
    return this.gpu.step(async (place) => {
      const told = cardSteps === null
        ? await outputsHere(settled((features) => there(features, place)))
        : await cardSteps.told(features, settled, place);
      return inStep(() => use(told), () => tensorsOf(model));
    }, () => [this.#theta, ...this.#update.memory(), ...tensorsOf(model)]);
  }

  descend(factor: number): void {
    const last = [this.#theta, ...this.#update.memory(), ...this.#running];
    const update = (gradient: Tensor) => void (this.#theta = this.#update.step(this.#theta, gradient, factor));
    if (this.cardSteps === null) noGrad(() => update(this.#gradient()));
    else {
      this.cardSteps.descend({
        state: () => [this.#theta, ...this.#update.memory()],
        gradient: () => this.#gradient(),
        update,
      });
    }
    const before = this.#running;
    this.#running = this.#runningNow();
    // A replay would leave them as they are.
    if (this.#running.some(({ array }, i) => array !== before[i].array)) this.cardSteps?.end();
    this.#discard(last);
    // They end with the step.
    for (const parameter of this.#trained) parameter.grad = null;
    this.#unsettled = true;
  }

  async bring(): Promise<void> {
    this.trained.state.set(await read(this.#everything()));
  }

  end(): void {
    this.cardSteps?.end();
    for (const { parameter, array, grad } of this.#before) {
      parameter.moveTo(array);
      parameter.grad = grad;
    }
  }

  /** The gradient of all trained parameters, regularized and clipped. */
  #gradient(): Tensor {
    const { regularization, gradientClip } = this.settings;
    let gradient = concatenate(this.#trained.map(({ grad, size }) => (grad ?? zeros([size])).reshape(size)));
    if (regularization > 0) gradient = weightedSum([gradient, this.#theta], [1, 2 * regularization]);
    if (gradientClip === Infinity) return gradient;
    return gradient.mul(div(gradientClip, maximum(gradient.square().sum().sqrt(), gradientClip)));
  }

  /** An array of parameters that later steps do not overwrite. */
  #lasting(theta: Tensor): Tensor {
    if (!this.cardSteps?.overwrites) return theta;
    if (this.#copy?.of !== theta || !this.#held.has(this.#copy.tensor.array)) {
      this.#copy = { of: theta, tensor: new Tensor(this.cardSteps.gpu.copy(theta.array as RemoteArray)) };
    }
    return this.#copy.tensor;
  }

  /** Makes parameters parts of the one array. */
  #settle(): void {
    this.#unsettled = false;
    noGrad(() => this.#moveParts());
  }

  #moveParts(): void {
    let offset = 0;
    for (const parameter of this.#trained) {
      const { size, shape } = parameter;
      parameter.moveTo(this.#theta.slice(0, offset, offset += size).reshape(...shape).array);
    }
  }

  /** All parameters; arrays here may be overwritten, so they are copied. */
  #everything(): Tensor[] {
    return [
      this.#theta,
      ...this.#others.map((parameter) => parameter.device === "cpu" ? parameter.clone() : parameter.detach()),
    ];
  }

  #runningNow(): Tensor[] {
    return this.#others.filter(({ device }) => device !== "cpu").map((parameter) => parameter.detach());
  }

  /** Frees memory that neither training nor a snapshot needs. */
  #discard(tensors: readonly Tensor[]): void {
    const now = new Set([this.#theta, ...this.#update.memory(), ...this.#running].map(({ array }) => array));
    this.gpu.release(tensors.filter(({ array }) => !now.has(array) && !this.#held.has(array)));
  }
}

function updateOf({ adaptive, name, thetaRate: lr, momentum, beta1, beta2 }: OptimizerSettings): TensorOptimizer {
  if (adaptive) return adaptiveSgdOf(lr);
  return name === "sgd" ? sgdOf({ lr, momentum }) : adamOf({ lr, betas: [beta1, beta2] });
}

async function read(tensors: readonly Tensor[]): Promise<Float32Array> {
  return await noGrad(() => concatenate(tensors.map((tensor) => tensor.reshape(-1)))).read() as Float32Array;
}
