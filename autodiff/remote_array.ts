import type { Device } from "./device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { NdArray, Strided } from "./ndarray.ts";
import type { Shape } from "./shape.ts";

/** Elements on a device. */
export interface RemoteBuffer {
  /** Where they are. */
  readonly device: RemoteDevice;
  /** Number of elements. */
  readonly size: number;
}

/** An array whose elements are on a device. */
export class RemoteArray implements Strided {
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

  /** Another view of the same elements. */
  viewed(shape: Shape, stride: readonly number[], offset: number, dtype: DType = this.dtype): RemoteArray {
    return new RemoteArray(this.buffer, dtype, [...shape], [...stride], offset);
  }
}

/** An array, here or on a device. */
export type AnyArray = NdArray | RemoteArray;

/** Where tensors can be brought to: a device, or a step there. */
export interface RemotePlace {
  /** As it is asked for, such as "gpu". */
  readonly name: string;
  /** The same elements there; they are part of the step that `beside` is part of. */
  upload(x: AnyArray, beside?: RemoteArray): RemoteArray;
}

/** A device whose results are ready later, in memory of its own. */
export interface RemoteDevice extends Device<RemoteArray>, RemotePlace {
  /** A row-major array of the same elements. */
  contiguous(x: RemoteArray): RemoteArray;
  /**
   * The elements in row-major order, those of all arrays in one transfer.
   * @throws {DeviceError} if the device failed, with the operation that did
   */
  read(arrays: readonly RemoteArray[]): Promise<TypedArray[]>;
  /**
   * A training step: `device.step(async (there) => { … x.to(there) … }, () => kept)` frees everything uploaded or computed in it.
   * @param kept tensors that outlive the step, asked for at its end
   */
  step<T>(compute: (there: RemotePlace) => Promise<T>, kept: () => Iterable<Holder>): Promise<T>;
  /** Frees tensors that are part of no step. */
  release(tensors: Iterable<Holder>): void;
}

/** What holds an array: a tensor. */
export interface Holder {
  /** The array. */
  readonly array: AnyArray;
}

/** What a device could not do. */
export class DeviceError extends Error {
  /** "DeviceError". */
  override name = "DeviceError";
}

/** Whether an array's elements are on another device. */
export function isRemote(x: AnyArray): x is RemoteArray {
  return x instanceof RemoteArray;
}

/** The array, if its elements can be looked at. @throws {TypeError} if they are on a device */
export function here(x: AnyArray): NdArray {
  if (!isRemote(x)) return x;
  throw new TypeError(`Cannot look at a tensor on the ${x.buffer.device.name} at once: await x.read(), or await x.cpu()`);
}
