import type { Tensor } from "../../autodiff/mod.ts";
import type { OptimizerSettings } from "../options.ts";

/** Parameters as they were at a step: here, or on a device until they are read. */
export type Snapshot = Float32Array | RemoteSnapshot;

/** Parameters kept on a device. */
export interface RemoteSnapshot {
  /** @throws {DeviceError} if the device was lost */
  read(): Promise<Float32Array>;
  /** Frees their memory. */
  release(): void;
}

/** A source of snapshots: of the trained parameters, or of everything in the model's file. */
export interface Kept {
  /**
   * The parameters as they are now.
   * @param spare an earlier snapshot that nobody needs any more, which may take them
   */
  snapshot(of: "theta" | "state", spare?: Snapshot | null): Snapshot;
}

/** Parameters in training, wherever they are. */
export interface Weights extends Kept {
  /**
   * The regularization's addition to the objective, shape [], on the parameters' device; `descend` knows its slope. Empty if it
   * is 0.
   */
  regularizer(): Tensor[];
  /**
   * One step: computes the model's outputs on the parameters' device, and uses them here. The next step reuses its memory.
   * @param features of the step, if all of its data is one data set
   * @param compute receives a function that moves features to the parameters
   */
  step<T>(
    features: unknown,
    compute: (there: (features: unknown) => unknown) => Tensor[],
    use: (told: Tensor[]) => T,
  ): Promise<T>;
  /** Descends on the gradients that `backward()` left, and sets them to 0; `factor` multiplies the rate. */
  descend(factor: number): void;
  /** Copies the current numbers here. */
  bring(): Promise<void>;
  /** Hands the numbers back to the model. */
  end(): void;
}

/** regularization theta · theta. */
export function regularizerOf(theta: Float32Array, { regularization }: OptimizerSettings): number {
  return regularization === 0 ? 0 : regularization * theta.reduce((sum, x) => sum + x * x, 0);
}

/** Snapshots of flat parameters, as copies. */
export function keptOf(flat: { theta: Float32Array; state: Float32Array }): Kept {
  return {
    snapshot(of, spare) {
      if (!(spare instanceof Float32Array) || spare.length !== flat[of].length) return flat[of].slice();
      spare.set(flat[of]);
      return spare;
    },
  };
}
