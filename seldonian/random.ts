import { mersenne, type RandomGenerator, uniformInt } from "../deps.ts";

/** The purposes of random numbers. Each draws from a separate stream, so that an extra draw for one does not change another. */
const purposes = {
  order: 0x4f524445,
  bootstrap: 0x424f4f54,
  draws: 0x44524157,
  split: 0x53504c54,
  batches: 0x42415443,
  layers: 0x4c415952,
  comparison: 0x434f4d50,
  others: 0x4f544852,
  search: 0x53454152,
};

/** The random numbers of a seed for one purpose. */
export function randomStream(seed: number, purpose: keyof typeof purposes): RandomGenerator {
  return mersenne(seed ^ purposes[purpose]);
}

/** At most `most` of the numbers 0 to n - 1, evenly spaced. */
export function spaced(n: number, most: number): Int32Array {
  return n <= most ? inOrder(n) : Int32Array.from({ length: most }, (_, i) => Math.floor(i * n / most));
}

/** The numbers 0 to n - 1. */
export function inOrder(n: number): Int32Array {
  const numbers = new Int32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = i;
  return numbers;
}

/** The numbers 0 to n - 1 in an order uniform over all orders (Durstenfeld, 1964). */
export function permutation(n: number, random: RandomGenerator): Int32Array {
  const order = inOrder(n);
  for (let i = n - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i), other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  return order;
}
