import { type AnyArray, type DType, type Shape, Tensor, zeros } from "../autodiff/mod.ts";
import { isContiguous, noteWrite } from "../autodiff/ndarray.ts";
import { bytesOf, noteOverwrite } from "../autodiff/overwrites.ts";
import { callable, checkArgument, checkOptions, type Known, number, oneOf, truth } from "../autodiff/options.ts";
import { showShape } from "../autodiff/shape.ts";
import { here } from "../autodiff/remote_array.ts";
import { log } from "../autodiff/mathematics/elementary.ts";
import type { RandomGenerator } from "../deps.ts";
import { uniformFloat64 } from "../deps.ts";

/** Draws one initial value, for a place in row-major order. */
export type Initializer = (random: RandomGenerator, place: number) => number;

/** Uniform between -limit and limit. */
export function uniform(limit: number): Initializer {
  checkArgument("draw from a uniform law", "the limit", limit, number);
  return (random) => (2 * uniformFloat64(random) - 1) * limit;
}

/** Always the same value. */
export function constant(value: number): Initializer {
  checkArgument("repeat a number", "the number", value, number);
  return () => value;
}

/**
 * Normal with mean 0 and this standard deviation, by the polar method (G. Marsaglia and T. A. Bray, "A convenient method for
 * generating normal variables", SIAM Review 6, 1964). The method's second number is not used.
 */
export function normal(deviation: number): Initializer {
  checkArgument("draw from a normal law", "the deviation", deviation, number);
  return (random) => {
    while (true) {
      const x = 2 * uniformFloat64(random) - 1, y = 2 * uniformFloat64(random) - 1, square = x * x + y * y;
      if (square > 0 && square < 1) return deviation * x * Math.sqrt(-2 * log(square) / square);
    }
  };
}

const known: Known<{ requiresGrad?: boolean; dtype?: DType }> = { requiresGrad: truth, dtype: oneOf("float32", "float64") };

/**
 * A tensor of a model, float32 unless {@link castModule} made it float64, saved in its file. It is trained if `requiresGrad` is true. Otherwise it is frozen, or other state
 * of a layer, such as a running mean (PyTorch's buffers). It has no values until `initialize(model, seed)` or a file sets them.
 */
export class Parameter extends Tensor {
  /** Draws its initial values. */
  readonly initial: Initializer;
  #filled = false;

  /**
   * A parameter without values yet.
   * @param shape lengths of the axes
   * @param initial draws the initial values
   * @param options `requiresGrad: false`: not trained; `dtype`: "float32" by default
   */
  constructor(shape: Shape, initial: Initializer, options: { requiresGrad?: boolean; dtype?: DType } = {}) {
    const { requiresGrad = true, dtype = "float32" } = checkOptions("make a parameter", options, known);
    checkArgument("make a parameter", "initial", initial, callable);
    super(zeros(shape, dtype).array, requiresGrad);
    this.initial = initial;
  }

  /** Whether it has values. */
  get filled(): boolean {
    return this.#filled;
  }
  /** Lengths of the axes; known even before it has values. */
  override get shape(): Shape {
    return super.array.shape;
  }
  /** The element type; known even before it has values. */
  override get dtype(): DType {
    return super.array.dtype as DType;
  }
  /**
   * The values.
   * @throws {TypeError} before it has values
   */
  override get array(): AnyArray {
    if (guarded !== null && guarded.has(this)) {
      throw new ReadError(
        "Cannot train a copy of this model: one of its functions still uses the original's parameters, which it captured; make " +
          "`forward` a method that reads its layers from fields of `this`",
      );
    }
    if (this.#filled) return super.array;
    throw new TypeError("Cannot use a parameter without values: call initialize(model, seed), or load the model from a file");
  }

  /** Its values, or that it has none. */
  override toString(): string {
    return this.#filled ? this.described("Parameter") : `Parameter(without values, shape ${showShape(this.shape)}, float32)`;
  }

  /** Sets its values, one per element, in row-major order. */
  fill(value: (place: number) => number): void {
    checkArgument("fill a parameter", "the function", value, callable);
    this.#filled = true;
    const array = here(this.array);
    noteWrite(array.data);
    noteOverwrite(array.data.buffer, ...bytesOf(array));
    if (isContiguous(array)) { for (let i = 0; i < array.size; i++) array.data[array.offset + i] = value(i); }
    else this.assign(Tensor.from(Float64Array.from({ length: array.size }, (_, i) => value(i)), this.shape));
  }
}

/** Parameters that must not be read now. */
let guarded: ReadonlySet<Parameter> | null = null;

/** Runs `act`, which must not read these parameters. @throws {ReadError} if it does */
export function withoutReading<T>(parameters: Iterable<Parameter>, act: () => T): T {
  guarded = new Set(parameters);
  try {
    return act();
  } finally {
    guarded = null;
  }
}

/** A parameter was read that must not be read. */
export class ReadError extends TypeError {
  override name = "ReadError";
}
