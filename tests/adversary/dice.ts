/** The adversary's random numbers, so that no generator of the kit affects the data of its tests. */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Source: C. Doty-Humphrey, sfc32 of PractRand. The same arguments give the same stream. */
  constructor(seed: number, stream: number, trial = 0) {
    [this.#a, this.#b, this.#c] = [seed | 0, stream | 0, trial | 0];
    for (let i = 0; i < 15; i++) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number {
    return ((this.#next() >>> 5) * 2 ** 26 + (this.#next() >>> 6)) / 2 ** 53;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** A random position in a list, by weights that need not sum to 1. */
  weighted(weights: readonly number[]): number {
    let left = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length - 1; i++) if ((left -= weights[i]) < 0) return i;
    return weights.findLastIndex((weight) => weight > 0);
  }

  shuffled<T>(values: readonly T[]): T[] {
    const order = [...values];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}
