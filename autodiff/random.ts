import { mersenne, type RandomGenerator } from "../deps.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { each } from "./mathematics/each.ts";
import { allocate } from "./ndarray.ts";
import { checkArgument, type Kind, oneOf, whole } from "./options.ts";
import { requireShape, type Shape, sizeOf } from "./shape.ts";
import { noteDraw } from "./recorder.ts";
import { Tensor } from "./tensor.ts";

/** A whole number, with which the same numbers are drawn each time, or a generator of pure-rand, which goes on from call to call. */
export type Seed = number | RandomGenerator;

const seeds: Kind = {
  wanted: "a whole number, or a random number generator with next() as in pure-rand; nothing is drawn without a seed",
  holds: (seed) => Number.isInteger(seed) || typeof (seed as RandomGenerator | null)?.next === "function",
};

/** Fills a new tensor from a generator. */
function drawn(shape: Shape, seed: Seed, dtype: DType, fill: (data: TypedArray, random: RandomGenerator) => void): Tensor {
  requireShape("draw a tensor of", shape);
  checkArgument("draw a tensor", "the seed", seed, seeds);
  if (typeof seed !== "number") noteDraw();
  const data = allocate(dtype, sizeOf(shape));
  fill(data, typeof seed === "number" ? mersenne(seed) : seed);
  return Tensor.from(data, shape);
}

/** A number in [0, 1) of 53 bits. */
function uniform(random: RandomGenerator): number {
  return ((random.next() >>> 5) * 67108864 + (random.next() >>> 6)) * 2 ** -53;
}

const fractions = oneOf("float32", "float64");

/** Numbers uniform in [0, 1). */
export function rand(shape: Shape, seed: Seed, dtype: "float32" | "float64" = "float32"): Tensor {
  checkArgument("draw fractions", "dtype", dtype, fractions);
  return drawn(shape, seed, dtype, (data, random) => {
    // In float32 the greatest numbers of 53 bits would be rounded to 1.
    if (dtype === "float32") { for (let i = 0; i < data.length; i++) data[i] = (random.next() >>> 8) * 2 ** -24; }
    else for (let i = 0; i < data.length; i++) data[i] = uniform(random);
  });
}

/**
 * Normal numbers with mean 0 and variance 1, by the polar method (G. Marsaglia and T. A. Bray, "A convenient method for generating
 * normal variables", SIAM Review 6, 1964).
 */
export function randn(shape: Shape, seed: Seed, dtype: "float32" | "float64" = "float32"): Tensor {
  checkArgument("draw fractions", "dtype", dtype, fractions);
  return drawn(shape, seed, dtype, (data, random) => {
    // A block of points at a time, so that their logarithms are computed together.
    const points = new Float64Array(Math.min(2048, data.length + 1)), squares = new Float64Array(points.length >> 1);
    for (let i = 0; i < data.length; i += points.length) {
      const end = Math.min(points.length, data.length - i), used = squares.subarray(0, (end + 1) >> 1);
      for (let k = 0; k < used.length;) {
        const x = 2 * uniform(random) - 1, y = 2 * uniform(random) - 1, square = x * x + y * y;
        if (square === 0 || square >= 1) continue;
        points[2 * k] = x;
        points[2 * k + 1] = y;
        squares[k++] = square;
      }
      const logarithms = used.slice();
      each("log", logarithms, logarithms);
      for (let k = 0; k < used.length; k++) {
        const factor = Math.sqrt(-2 * logarithms[k] / used[k]);
        data[i + 2 * k] = points[2 * k] * factor;
        if (2 * k + 1 < end) data[i + 2 * k + 1] = points[2 * k + 1] * factor;
      }
    }
  });
}

/** Whole numbers uniform from `low` to below `high`, int32. */
export function randint(low: number, high: number, shape: Shape, seed: Seed): Tensor {
  for (const [name, end] of [["low", low], ["high", high]] as const) checkArgument("draw whole numbers", name, end, whole());
  if (!(low < high)) throw new RangeError(`Cannot draw whole numbers from ${low} to below ${high}: there is none`);
  return drawn(shape, seed, "int32", (data, random) => {
    for (let i = 0; i < data.length; i++) data[i] = low + Math.floor(uniform(random) * (high - low));
  });
}

/** The numbers from 0 to below `count` in random order, int32, by the swaps of R. A. Fisher and F. Yates (1938). */
export function randperm(count: number, seed: Seed): Tensor {
  checkArgument("shuffle", "the count", count, whole(0));
  return drawn([count], seed, "int32", (order, random) => {
    for (let i = 0; i < count; i++) {
      const other = Math.floor(uniform(random) * (i + 1));
      order[i] = order[other];
      order[other] = i;
    }
  });
}
