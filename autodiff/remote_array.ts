import type { Device } from "./device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { NdArray, Strided } from "./ndarray.ts";
import type { Shape } from "./shape.ts";

/** Elements on a device. */
export interface RemoteBuffer {
  /** Their device. */
  readonly device: RemoteDevice;
  /** Number of elements. */
  readonly size: number;
}

/** An array whose elements are on a device. */
export class RemoteArray implements Strided {
  /** Number of elements in view. */
  readonly size: number;

  /** For devices; programs call x.to(device). */
  constructor(
    readonly buffer: RemoteBuffer,
    readonly dtype: DType,
    readonly shape: number[],
    readonly stride: number[],
    readonly offset: number,
  ) {
    this.size = shape.reduce((product, length) => product * length, 1);
  }

  /** Another view of the same elements. */
  viewed(shape: Shape, stride: readonly number[], offset: number, dtype: DType = this.dtype): RemoteArray {
    return new RemoteArray(this.buffer, dtype, [...shape], [...stride], offset);
  }
}

/** An array, on the CPU or a device. */
export type AnyArray = NdArray | RemoteArray;

/** A place for tensors: a device, or a step on one. */
export interface RemotePlace {
  /** Its name, such as "gpu". */
  readonly name: string;
  /** Copies the elements there, into the step that `beside` is part of. */
  upload(x: AnyArray, beside?: RemoteArray): RemoteArray;
}

/** A device that computes asynchronously, in its own memory. */
export interface RemoteDevice extends Device<RemoteArray>, RemotePlace {
  /** A row-major array of the same elements. */
  contiguous(x: RemoteArray): RemoteArray;
  /**
   * The elements of each array in row-major order, read in one transfer.
   * @throws {DeviceError} if the device failed, with the failed operation
   */
  read(arrays: readonly RemoteArray[]): Promise<TypedArray[]>;
  /**
   * A training step: `device.step(async (there) => { … x.to(there) … }, () => kept)` frees everything uploaded or computed in it.
   * @param kept called at the end, returns the tensors that outlive the step
   */
  step<T>(compute: (there: RemotePlace) => Promise<T>, kept: () => Iterable<Holder>): Promise<T>;
  /** Frees tensors outside steps. */
  release(tensors: Iterable<Holder>): void;
}

/** An object that has an array: a tensor. */
export interface Holder {
  /** The array. */
  readonly array: AnyArray;
}

/** The failure of a device. */
export class DeviceError extends Error {
  /** "DeviceError". */
  override name = "DeviceError";
}

/** Whether an array is on a device other than the CPU. */
export function isRemote(x: AnyArray): x is RemoteArray {
  return x instanceof RemoteArray;
}

/** Returns the array if its elements can be read. @throws {TypeError} if they are on a device */
export function here(x: AnyArray): NdArray {
  if (!isRemote(x)) return x;
  throw new TypeError(`Cannot read a tensor on the ${x.buffer.device.name} synchronously: await x.read() or x.cpu()`);
}
