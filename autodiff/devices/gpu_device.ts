import type { NdArray } from "../ndarray.ts";
import type { RemoteArray, RemoteDevice } from "../remote_array.ts";
import type { TypedArray } from "../dtype.ts";

/** What runs the kernels: WebGPU; gpu.js on WebGL 2; or, for tests, gpu.js' kernels as JavaScript. */
export type Mode = "webgpu" | "webgl2" | "cpu";

/** Counts of transfers, their bytes, and the work sent to a device. */
export interface Transfers {
  /** Number of transfers to the device. */
  uploads: number;
  /** Bytes sent to the device. */
  uploadedBytes: number;
  /** Number of transfers from the device. */
  downloads: number;
  /** Bytes read from the device. */
  downloadedBytes: number;
  /** Number of kernels run. */
  kernels: number;
  /** Number of times that work was handed to the device. */
  submissions: number;
}

/** A graphics card; see {@link openGpu}. */
export interface Gpu extends RemoteDevice {
  /** The name of the hardware, such as a card's. */
  readonly adapter: string;
  /** Whether a program on the processor stands in for a card. */
  readonly software: boolean;
  /** What runs the kernels. */
  readonly mode: Mode;
  /** The transfers to and from the card so far. */
  readonly transfers: Readonly<Transfers>;
}

/** A list of what a step asked the device for. */
export type WorkList = readonly object[];

/** What a training step did, and the arrays at its edges. */
export interface NotedStep {
  /** Up to what is told. */
  forward: WorkList;
  /** From the slopes to the gradient. */
  backward: WorkList;
  /** The optimizer's update. */
  update: WorkList;
  features: RemoteArray;
  /** Those of the first array that is told. */
  slopes: RemoteArray;
  told: readonly RemoteArray[];
  /** The parameters and the optimizer's arrays, before and after the step. */
  before: readonly RemoteArray[];
  after: readonly RemoteArray[];
}

/** A card that notes what a training step does, and does it again from lists that it prepared. */
export interface RecordingGpu extends Gpu {
  /** What `compute` asks for; with `only`, nothing of it is done. */
  noted<T>(compute: () => T, only?: boolean): { result: T; work: WorkList };
  /** Whether two steps did the same, up to the real numbers of the update. */
  agree(a: NotedStep, b: NotedStep): boolean;
  /** A step, ready to be replayed after this time; `null` if it cannot be. */
  prepared(step: NotedStep): ReplayedStep | null;
  /** A copy of a whole array as it is now. */
  copy(x: RemoteArray): RemoteArray;
}

/** A prepared step. */
export interface ReplayedStep {
  /** Runs the forward pass on features; what is told. */
  forward(features: NdArray): Promise<TypedArray[]>;
  /** Runs the backward pass from slopes, and the update, noted with its numbers, whose results are the arrays after it. */
  backward(slopes: NdArray, update: WorkList, after: readonly RemoteArray[]): void;
  /** Has a step that is not replayed write the arrays after its update where the next replay reads them. */
  take(after: readonly RemoteArray[]): void;
  /** Frees its memory. */
  end(): void;
}

/** Whether a device can record steps. */
export function records(gpu: Gpu): gpu is RecordingGpu {
  return "prepared" in gpu;
}
