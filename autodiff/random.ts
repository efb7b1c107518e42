import { mersenne, type RandomGenerator } from "../deps.ts";
import { type DType, requireDType } from "./dtype.ts";
import { log } from "./mathematics/elementary.ts";
import { allocate } from "./ndarray.ts";
import { checkArgument, type Kind, whole } from "./options.ts";
import { requireShape, type Shape, sizeOf } from "./shape.ts";
import { noteDraw } from "./tape.ts";
import { Tensor } from "./tensor.ts";

/** A whole number, with which the same numbers are drawn each time, or a generator of pure-rand, which goes on from call to call. */
export type Seed = number | RandomGenerator;

const seeds: Kind = {
  wanted: "a whole number, or a random number generator with next() as in pure-rand; nothing is drawn without a seed",
  holds: (seed) => Number.isInteger(seed) || typeof (seed as RandomGenerator | null)?.next === "function",
};

function drawn(shape: Shape, seed: Seed, dtype: DType, draw: (random: RandomGenerator) => number): Tensor {
  requireShape("draw a tensor of", shape);
  requireDType("draw a tensor", dtype);
  checkArgument("draw a tensor", "the seed", seed, seeds);
  if (typeof seed !== "number") noteDraw();
  const random = typeof seed === "number" ? mersenne(seed) : seed, data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = draw(random);
  return Tensor.from(data, shape);
}

/** A number in [0, 1) of 53 bits. */
function uniform(random: RandomGenerator): number {
  return ((random.next() >>> 5) * 67108864 + (random.next() >>> 6)) * 2 ** -53;
}

/** Numbers uniform in [0, 1). */
export function rand(shape: Shape, seed: Seed, dtype: "float32" | "float64" = "float32"): Tensor {
  // In float32 the greatest numbers of 53 bits would be rounded to 1.
  return drawn(shape, seed, dtype, dtype === "float64" ? uniform : (random) => (random.next() >>> 8) * 2 ** -24);
}

/**
 * Normal numbers with mean 0 and variance 1, by the polar method (G. Marsaglia and T. A. Bray, "A convenient method for generating
 * normal variables", SIAM Review 6, 1964).
 */
export function randn(shape: Shape, seed: Seed, dtype: "float32" | "float64" = "float32"): Tensor {
  let kept = 0, full = false;
  return drawn(shape, seed, dtype, (random) => {
    full = !full;
    while (full) {
      const x = 2 * uniform(random) - 1, y = 2 * uniform(random) - 1, square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt(-2 * log(square) / square);
      kept = y * factor;
      return x * factor;
    }
    return kept;
  });
}

/** Whole numbers uniform from `low` to below `high`, int32. */
export function randint(low: number, high: number, shape: Shape, seed: Seed): Tensor {
  for (const [name, end] of [["low", low], ["high", high]] as const) checkArgument("draw whole numbers", name, end, whole());
  if (!(low < high)) throw new RangeError(`Cannot draw whole numbers from ${low} to below ${high}: there is none`);
  return drawn(shape, seed, "int32", (random) => low + Math.floor(uniform(random) * (high - low)));
}

/** The numbers from 0 to below `count` in random order, int32. */
export function randperm(count: number, seed: Seed): Tensor {
  checkArgument("shuffle", "the count", count, whole(0));
  let i = count;
  // Draws the swaps of R. A. Fisher and F. Yates, "Statistical tables" (1938).
  const { data } = drawn([count], seed, "int32", (random) => Math.floor(uniform(random) * i--));
  const order = Int32Array.from(data, (_, i) => i);
  data.forEach((other, i) => [order[count - 1 - i], order[other]] = [order[other], order[count - 1 - i]]);
  return Tensor.from(order);
}
