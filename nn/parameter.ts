import { type NdArray, type Shape, Tensor, zeros } from "../autodiff/mod.ts";
import type { RandomGenerator } from "../deps.ts";
import { uniformFloat64 } from "../deps.ts";

/** Draws one initial value. */
export type Initializer = (random: RandomGenerator) => number;

/** Uniform between -limit and limit. */
export function uniform(limit: number): Initializer {
  return (random) => (2 * uniformFloat64(random) - 1) * limit;
}

/** A float32 tensor to be trained. It has no values before `initialize(model, seed)` or a file gives it some. */
export class Parameter extends Tensor {
  readonly initial: Initializer;
  #filled = false;

  constructor(shape: Shape, initial: Initializer) {
    super(zeros(shape).array, true);
    this.initial = initial;
  }

  /** Whether it has values. */
  get filled(): boolean {
    return this.#filled;
  }
  override get shape(): Shape {
    return super.array.shape;
  }
  /** @throws {TypeError} before it has values */
  override get array(): NdArray {
    if (this.#filled) return super.array;
    throw new TypeError("Cannot use a parameter without values: call initialize(model, seed), or load the model from a file");
  }

  /** Gives it values, one in row-major order for every element. */
  fill(value: () => number): void {
    this.#filled = true;
    const { data, offset, size } = super.array;
    for (let i = 0; i < size; i++) data[offset + i] = value();
  }
}
