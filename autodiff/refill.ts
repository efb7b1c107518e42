import { cpuOf } from "./devices/cpu_of.ts";
import type { DType } from "./dtype.ts";
import type { Operation } from "./entries.ts";
import { isContiguous, type NdArray, type Supply } from "./ndarray.ts";
import type { AnyArray } from "./remote_array.ts";
import { sameShape, type Shape } from "./shape.ts";

/** Hands an operation the arrays that it allocated before. */
export class Refill implements Supply {
  #made: readonly NdArray[] = [];
  #next = 0;
  #saved: AnyArray | null = null;
  readonly #save = (array: AnyArray): void => void (this.#saved = array);

  next(dtype: DType, shape: Shape): NdArray {
    const found = this.#made[this.#next++];
    if (found === undefined || found.dtype !== dtype || !sameShape(found.shape, shape)) {
      throw new RangeError("Cannot replay a step: an operation allocates other arrays than before");
    }
    return found;
  }

  run({ primitive, inputs, options, shape, output, saved, made }: Operation): void {
    this.#made = made;
    this.#next = 0;
    this.#saved = null;
    const found = primitive.forward(cpuOf(primitive), inputs, options, shape, this.#save) as NdArray;
    if (found.data !== output.data) refill(output, found);
    if (saved !== null && this.#saved !== null && (this.#saved as NdArray).data !== saved.data) {
      refill(saved, this.#saved as NdArray);
    }
  }
}

function refill(to: NdArray, from: NdArray): void {
  if (!isContiguous(to) || !isContiguous(from) || to.size !== from.size) {
    throw new RangeError("Cannot replay a step: an operation returns other arrays than before");
  }
  to.data.set(from.data.length === from.size ? from.data : from.data.subarray(from.offset, from.offset + from.size), to.offset);
}
