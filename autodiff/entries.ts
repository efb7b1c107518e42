/** The entries of a recorded step. @module */
import type { Device } from "./device.ts";
import type { NdArray } from "./ndarray.ts";
import type { AnyArray } from "./remote_array.ts";
import type { Shape } from "./shape.ts";

/** What a recording needs of a primitive. */
export interface Forward<Options> {
  name: string;
  cpu?: Partial<Device<NdArray>>;
  forward(
    device: Device<AnyArray>,
    inputs: readonly AnyArray[],
    options: Options,
    shape: Shape,
    save: (array: AnyArray) => void,
  ): AnyArray;
}

/** An operation on arrays that stay: running it again refills its results. */
export interface Operation {
  // deno-lint-ignore no-explicit-any
  primitive: Forward<any>;
  inputs: readonly NdArray[];
  options: unknown;
  shape: Shape;
  output: NdArray;
  /** The array that `forward` saved for the gradient. */
  saved: NdArray | null;
  /** The arrays that `forward` allocated, in order. */
  made: readonly NdArray[];
}

/** A decision on values, which must turn out as it did when the step was recorded. */
export interface Guard {
  decide: () => unknown;
  decided: unknown;
}

/** A tensor with a gradient. */
export interface Leaf {
  grad: { array: AnyArray } | null;
}

/** A gradient that is added to a leaf's. */
export interface Accumulation {
  leaf: Leaf;
  from: NdArray;
  add: () => void;
}

/** An entry. */
export type Entry = Operation | Guard | Accumulation;
