import { type AnyArray, type Shape, Tensor, zeros } from "../autodiff/mod.ts";
import { isContiguous, noteWrite } from "../autodiff/ndarray.ts";
import { callable, checkArgument, checkOptions, type Known, number, truth } from "../autodiff/options.ts";
import { here } from "../autodiff/remote_array.ts";
import { log } from "../autodiff/mathematics/elementary.ts";
import type { RandomGenerator } from "../deps.ts";
import { uniformFloat64 } from "../deps.ts";

/** Draws one initial value. */
export type Initializer = (random: RandomGenerator) => number;

/** Uniform between -limit and limit. */
export function uniform(limit: number): Initializer {
  checkArgument("draw from a uniform law", "the limit", limit, number);
  return (random) => (2 * uniformFloat64(random) - 1) * limit;
}

/** Always this value. */
export function constant(value: number): Initializer {
  checkArgument("repeat a number", "the number", value, number);
  return () => value;
}

/**
 * Normal with mean 0 and this standard deviation, by the polar method (G. Marsaglia and T. A. Bray, "A convenient method for
 * generating normal variables", SIAM Review 6, 1964), of whose two numbers the second is not used.
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

const known: Known<{ requiresGrad?: boolean }> = { requiresGrad: truth };

/**
 * A float32 tensor of a model's file. Where `requiresGrad` is true it is trained; where it is not, it is what a layer keeps besides,
 * as a running mean (PyTorch's buffers), or frozen. It has no values before `initialize(model, seed)` or a file gives it some.
 */
export class Parameter extends Tensor {
  /** Gives its first values. */
  readonly initial: Initializer;
  #filled = false;

  /**
   * A parameter without values yet.
   * @param shape lengths of the axes
   * @param initial gives the first values
   * @param options `requiresGrad: false` for what is not trained
   */
  constructor(shape: Shape, initial: Initializer, options: { requiresGrad?: boolean } = {}) {
    const { requiresGrad = true } = checkOptions("make a parameter", options, known);
    checkArgument("make a parameter", "initial", initial, callable);
    super(zeros(shape).array, requiresGrad);
    this.initial = initial;
  }

  /** Whether it has values. */
  get filled(): boolean {
    return this.#filled;
  }
  /** Lengths of the axes; known before there are values. */
  override get shape(): Shape {
    return super.array.shape;
  }
  /**
   * The values.
   * @throws {TypeError} before it has values
   */
  override get array(): AnyArray {
    if (guarded !== null && guarded.has(this)) {
      throw new ReadError(
        "Cannot train a copy of this model: a function of it goes on to use the original's parameters, which it has from outside; make " +
          "`forward` a method that finds its layers in fields of `this`",
      );
    }
    if (this.#filled) return super.array;
    throw new TypeError("Cannot use a parameter without values: call initialize(model, seed), or load the model from a file");
  }

  /** Gives it values, one in row-major order for every element. */
  fill(value: (place: number) => number): void {
    checkArgument("fill a parameter", "the function", value, callable);
    this.#filled = true;
    const array = here(this.array);
    noteWrite(array.data);
    if (isContiguous(array)) { for (let i = 0; i < array.size; i++) array.data[array.offset + i] = value(i); }
    else this.assign(Tensor.from(Float32Array.from({ length: array.size }, (_, i) => value(i)), this.shape));
  }
}

/** Parameters that nothing may read now. */
let guarded: ReadonlySet<Parameter> | null = null;

/** Does something that must not read these parameters. @throws {ReadError} if it does */
export function withoutReading<T>(parameters: Iterable<Parameter>, act: () => T): T {
  guarded = new Set(parameters);
  try {
    return act();
  } finally {
    guarded = null;
  }
}

/** A parameter was read that must not be. */
export class ReadError extends TypeError {
  override name = "ReadError";
}
