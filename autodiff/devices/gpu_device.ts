import type { RemoteDevice } from "../remote_array.ts";

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
