import type { NotedStep, RecordingGpu, ReplayedStep, WorkList } from "../../autodiff/devices/gpu_device.ts";
import { broughtHere, noGrad, type RemotePlace, Tensor, type TypedArray } from "../../autodiff/mod.ts";
import { contiguousData, isContiguous, type NdArray, view } from "../../autodiff/ndarray.ts";
import { isRemote, type RemoteArray } from "../../autodiff/remote_array.ts";
import { sameShape } from "../../autodiff/shape.ts";
import { outputsHere } from "../../nn/log_probability.ts";
import { changedFields, type Module } from "../../nn/module.ts";
import { there } from "./there.ts";

/** An optimizer's first steps may differ from later ones. */
const fewestSteps = 2;

/** Replays between two steps that are noted again, at most. */
const mostUnchecked = 1024;

/** A descent from a gradient. */
export interface Descent {
  /** The parameters and the optimizer's arrays. */
  state(): Tensor[];
  /** From the gradients that a backward pass left. */
  gradient(): Tensor;
  /** Replaces the state. */
  update(gradient: Tensor): void;
}

/** The forward pass of a step that is noted. */
interface Begun {
  forward: WorkList;
  features: RemoteArray;
  told: readonly Tensor[];
  place: RemotePlace;
}

/** A step that is replayed. */
interface Known {
  step: NotedStep;
  outputs: readonly Tensor[];
  gradient: Tensor;
  replay: ReplayedStep;
}

/**
 * Steps on a card by lists that are prepared once. A step with which another one agreed is replayed: without the model, without a
 * graph and without new arrays. Replays are of features of one shape; steps on others are ordinary. Replays 4, 16, 64, 256,
 * 1024, 2048, … and the last two steps are noted again, and must agree. Steps of a model that changes its own fields, as one that
 * counts its calls, are ordinary.
 */
export class CardSteps {
  #way: "ordinary" | "note" | "replay" = "ordinary";
  #off = false;
  #taken = 0;
  #replays = 0;
  #outputs: readonly Tensor[] = [];
  /** What is told, as leaves: the graph here ends with them. */
  #leaves: readonly Tensor[] = [];
  #begun: Begun | null = null;
  #last: NotedStep | null = null;
  #known: Known | null = null;

  /** @param steps of the training, at most; of the last two, one may be of a smaller batch */
  constructor(
    readonly gpu: RecordingGpu,
    readonly model: Module,
    readonly steps: number,
    readonly changed: (difference: string) => Error,
  ) {}

  /** Whether the state's arrays are overwritten two steps later. */
  get overwrites(): boolean {
    return this.#known !== null;
  }

  /** The outputs on features, which are there as `compute` wants them. */
  async told(
    features: unknown,
    compute: (there: (features: unknown) => unknown) => Tensor[],
    place: RemotePlace,
  ): Promise<Tensor[]> {
    this.#way = this.#wayOf(features);
    this.#begun = null;
    if (this.#way === "ordinary") return await outputsHere(compute((own) => there(own, place)));
    const array = (features as Tensor).array as NdArray;
    if (this.#way === "replay") {
      const { replay, outputs } = this.#known!, found = await replay.forward(array);
      return await outputsHere(outputs, (wanted) => this.#leavesOf(wanted, found));
    }
    const on = place.upload(array);
    let noted!: { result: Tensor[]; work: WorkList };
    const changed = changedFields(this.model, () => noted = this.gpu.noted(() => compute(() => new Tensor(on))));
    const isStateless = changed.every((value) => value instanceof Tensor);
    if (!isStateless && this.#known !== null) throw this.changed("it changes its own fields");
    const { result, work } = noted;
    this.#outputs = result;
    return await outputsHere(result, async (wanted) => {
      const [first, ...others] = wanted, isReplayable = isStateless && first.requiresGrad && wanted.every(isReadable);
      if (!isReplayable || others.some(({ requiresGrad }) => requiresGrad)) {
        [this.#off, this.#way] = [true, "ordinary"];
        return await broughtHere(wanted);
      }
      this.#begun = { forward: work, features: on, told: wanted, place };
      return this.#leavesOf(wanted, await this.gpu.read(wanted.map(({ array }) => array as RemoteArray)));
    });
  }

  /** Descends on the slopes of what was told. */
  descend(own: Descent): void {
    const known = this.#known;
    if (this.#way === "replay") {
      const { work } = this.gpu.noted(() => noGrad(() => own.update(known!.gradient)), true);
      return known!.replay.backward(this.#slopes(), work, arraysOf(own.state()));
    }
    if (this.#begun === null) noGrad(() => own.update(own.gradient()));
    else this.#note(own, this.#begun);
    known?.replay.take(arraysOf(own.state()));
  }

  /** Frees the lists' memory. */
  end(): void {
    this.#known?.replay.end();
    this.#known = null;
    this.#off = true;
  }

  #wayOf(features: unknown): "ordinary" | "note" | "replay" {
    if (this.#off || ++this.#taken <= fewestSteps) return "ordinary";
    if (!(features instanceof Tensor) || isRemote(features.array) || features.dtype === "int32") return "ordinary";
    if (this.#known === null) return "note";
    if (!sameShape(features.shape, this.#known.step.features.shape)) return "ordinary";
    return isCheck(++this.#replays) || this.#taken >= this.steps - 1 ? "note" : "replay";
  }

  #leavesOf(wanted: readonly Tensor[], found: readonly TypedArray[]): Tensor[] {
    const leaves = wanted.map(({ shape, requiresGrad, dtype }, i) => {
      const data = dtype === "float64" ? Float64Array.from(found[i]) : found[i];
      return new Tensor(view(data, shape), requiresGrad);
    });
    this.#leaves = leaves;
    return leaves;
  }

  #slopes(): NdArray {
    const [leaf] = this.#leaves;
    return (leaf.grad ?? leaf.zerosLike()).array as NdArray;
  }

  #note(own: Descent, { forward, features, told, place }: Begun): void {
    const slopes = this.#slopes(), on = place.upload(view(contiguousData(slopes), slopes.shape)), before = arraysOf(own.state());
    const { result: gradient, work: backward } = this.gpu.noted(() => {
      told[0].backward(new Tensor(on));
      return noGrad(() => own.gradient());
    });
    const { work: update } = this.gpu.noted(() => noGrad(() => own.update(gradient))), after = arraysOf(own.state());
    const step: NotedStep = { forward, backward, update, features, slopes: on, told: arraysOf(told), before, after };
    const last = this.#last, agrees = last !== null && this.gpu.agree(last, step);
    if (this.#known !== null) {
      if (!agrees) throw this.changed("its work on the card differs");
      return;
    }
    this.#last = step;
    if (!agrees) {
      this.#off = last !== null && sameShape(last.features.shape, features.shape);
      return;
    }
    const replay = this.gpu.prepared(step);
    if (replay === null) this.#off = true;
    else this.#known = { step, outputs: this.#outputs, gradient, replay };
  }
}

function arraysOf(tensors: readonly Tensor[]): RemoteArray[] {
  return tensors.map(({ array }) => array as RemoteArray);
}

function isReadable({ array, dtype }: Tensor): boolean {
  return isRemote(array) && isContiguous(array) && dtype !== "int32";
}

function isCheck(count: number): boolean {
  const isPower = (count & (count - 1)) === 0 && Math.clz32(count) % 2 === 1;
  return count < mostUnchecked ? isPower && count > 1 : count % mostUnchecked === 0;
}
