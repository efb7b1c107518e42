import { fc } from "../deps.ts";

/** fast-check's generator within a property. */
type Generate = (arbitrary: typeof fc.integer, constraints: { min: number; max: number }) => number;

/** The random choices of a question. fast-check draws them all, so its seed determines them. */
export class Choices {
  constructor(readonly generate: Generate) {}

  /** Uniform in [from, to), in steps of a millionth. */
  real(from = 0, to = 1): number {
    return from + (to - from) * this.generate(fc.integer, { min: 0, max: 999_999 }) / 1e6;
  }

  /** A whole number between two numbers, ends included. */
  whole(from: number, to: number): number {
    return this.generate(fc.integer, { min: from, max: to });
  }

  chance(p: number): boolean {
    return this.real() < p;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)];
  }

  /** One of several weighted values. */
  weighted<T>(weights: readonly (readonly [number, T])[]): T {
    let left = this.real() * weights.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weights) if ((left -= weight) < 0) return value;
    return weights[weights.length - 1][1];
  }
}

/** An arbitrary of the results of `make`. */
export function chosen<T>(make: (choices: Choices) => T): fc.Arbitrary<T> {
  return fc.gen().map((generate) => make(new Choices(generate as unknown as Generate)));
}
