import type { Device } from "./devices/device.ts";
import type { DType, NdArray, Shape, TypedArray } from "./ndarray.ts";

/** Elements on a device. */
export interface RemoteBuffer {
  /** Where they are. */
  readonly device: RemoteDevice;
  /** Number of elements. */
  readonly size: number;
}

/** Where tensors can be brought to: a device, or a step there. */
export interface RemotePlace {
  /** As it is asked for, such as "gpu". */
  readonly name: string;
  /** The same elements there; `beside` says of which step they are a part: of that which this array belongs to. */
  upload(x: NdArray, beside?: RemoteArray): RemoteArray;
}

/** A device whose results are ready later. */
export interface RemoteDevice extends Device, RemotePlace {
  /** A row-major array of the same elements. */
  contiguous(x: RemoteArray): RemoteArray;
  /**
   * The elements in row-major order, those of all arrays in one transfer.
   * @throws {DeviceError} if the device failed, with the operation that did
   */
  read(arrays: readonly RemoteArray[]): Promise<TypedArray[]>;
}

/** What a device could not do. */
export class DeviceError extends Error {
  /** "DeviceError". */
  override name = "DeviceError";
}

/** An array of which the elements are on a device: nothing here can look at them. */
export class RemoteArray implements NdArray {
  /** Number of elements that are seen. */
  readonly size: number;

  /** For devices; programs write x.to(device). */
  constructor(
    readonly buffer: RemoteBuffer,
    readonly dtype: DType,
    readonly shape: number[],
    readonly stride: number[],
    readonly offset: number,
  ) {
    this.size = shape.reduce((product, length) => product * length, 1);
  }

  /**
   * Nothing that can be looked at here.
   * @throws {TypeError} always
   */
  get data(): TypedArray {
    throw new TypeError(
      `Cannot look at a tensor on the ${this.buffer.device.name} at once: await x.read(), or await x.cpu()`,
    );
  }

  /** Another view of the same elements. */
  viewed(shape: Shape, stride: readonly number[], offset: number, dtype: DType = this.dtype): RemoteArray {
    return new RemoteArray(this.buffer, dtype, [...shape], [...stride], offset);
  }
}

/** Whether an array's elements are on another device. */
export function isRemote(x: NdArray): x is RemoteArray {
  return x instanceof RemoteArray;
}
