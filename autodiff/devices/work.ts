import type { Convolution, ConvolutionInputs, Elementwise, Pooling2d, ReductionOperation } from "../device.ts";
import type { DType } from "../dtype.ts";
import { keptShape } from "../axes.ts";
import { type AnyArray, isRemote, RemoteArray, type RemoteDevice } from "../remote_array.ts";
import { type AxisRange, rowMajor, type Shape, sizeOf } from "../shape.ts";

/** A device that computes nothing: its arrays have shapes and no elements. It counts what others would compute. */
export class Work implements RemoteDevice {
  readonly name = "count of operations";
  /** Additions and multiplications so far; any other operation counts as one for each element. */
  operations = 0;

  upload(x: AnyArray): RemoteArray {
    return isRemote(x) ? x : this.#array(x.dtype as DType, x.shape, 0);
  }

  contiguous(x: RemoteArray): RemoteArray {
    return this.#array(x.dtype, x.shape);
  }

  read(): never {
    throw new TypeError("Cannot read a number that was not computed");
  }

  step(): never {
    return this.read();
  }

  release(): void {}

  elementwise(_: Elementwise, inputs: readonly AnyArray[], shape: Shape): RemoteArray {
    return this.#array(inputs[0].dtype as DType, shape);
  }

  reduce(_: ReductionOperation, x: AnyArray, axes: readonly number[]): RemoteArray {
    return this.#array(x.dtype as DType, keptShape(x.shape, axes), x.size);
  }

  cast(x: AnyArray, dtype: DType): RemoteArray {
    return this.#array(dtype, x.shape);
  }

  matmul(x: AnyArray, y: AnyArray): RemoteArray {
    return this.#array(x.dtype as DType, [x.shape[0], y.shape[1]], 2 * x.size * y.shape[1]);
  }

  conv2d([x]: ConvolutionInputs<AnyArray>, convolution: Convolution): RemoteArray {
    return this.#array(x.dtype as DType, convolution.output, convolved(convolution));
  }

  conv2dInputGradient(dy: AnyArray, _: AnyArray, convolution: Convolution): RemoteArray {
    return this.#array(dy.dtype as DType, convolution.image, convolved(convolution));
  }

  conv2dFilterGradient(x: AnyArray, _: AnyArray, convolution: Convolution): RemoteArray {
    return this.#array(x.dtype as DType, convolution.filter, convolved(convolution));
  }

  maxPool2d(x: AnyArray, { shape }: Pooling2d): [values: RemoteArray, positions: RemoteArray] {
    return [this.#array(x.dtype as DType, shape, x.size), this.#array("int32", shape, 0)];
  }

  pick(x: AnyArray, positions: AnyArray): RemoteArray {
    return this.#array(x.dtype as DType, positions.shape);
  }

  put(x: AnyArray, _: AnyArray, shape: Shape): RemoteArray {
    return this.#array(x.dtype as DType, shape);
  }

  widen(x: AnyArray, _: AxisRange, shape: Shape): RemoteArray {
    return this.#array(x.dtype as DType, shape);
  }

  concatenate(arrays: readonly AnyArray[], _: number, shape: Shape): RemoteArray {
    return this.#array(arrays[0].dtype as DType, shape);
  }

  #array(dtype: DType, shape: Shape, operations = sizeOf(shape)): RemoteArray {
    this.operations += operations;
    return new RemoteArray({ device: this, size: sizeOf(shape) }, dtype, [...shape], rowMajor(shape), 0);
  }
}

function convolved({ output, filter }: Convolution): number {
  return 2 * sizeOf(output) * sizeOf(filter.slice(1));
}
