import { exp } from "../../autodiff/mathematics/elementary.ts";

/**
 * The capital of bets against "every step's value has a mean of at most 0, given the past".
 *
 * A bet of size λ on a value y multiplies its capital by 1 + λ y, of mean at most 1. So does a product of such factors, begun at
 * any step. A weighted mean over sizes and over first steps, with weights that sum to 1, is then a supermartingale of mean at most
 * 1 (an e-process), and the probability that it ever reaches 1/alpha is at most alpha (J. Ville, 1939). Each size keeps one number:
 * R ← (R + w_t) (1 + λ y_t) is the sum over all first steps, so that a change after a good year is found as fast as an early one
 * up to the logarithm of its weight. Source: J. Shin, A. Ramdas and A. Rinaldo, "E-detectors" (2023).
 */
export interface Capital {
  /** The number of steps. */
  steps: number;
  /** Capital by size of bet, of all first steps so far. */
  held: number[];
}

/** Sizes of bets, relative to the greatest: neighbours so near that the better one grows at 96 % of the best rate or more. */
export const sizes: readonly number[] = Array.from({ length: 20 }).reduce<number[]>((all) => [...all, all.at(-1)! / 1.5], [1]);

/** Weights of sizes, which favour moves by a fiftieth to a fifth of the range, where an early alarm matters and can be had. */
const weights = normalised(sizes.map((_, k) => 0.02 + exp(-0.5 * ((k - 7) / 2.5) ** 2)));

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The part of the weight that begins at the first step; the others share the rest. */
const atOnce = 0.5;

/** First steps after t have the weight (1 - atOnce) (1 + t / 1000)^(-1/2) in all. */
function weightAfter(steps: number): number {
  return steps === 0 ? 1 : (1 - atOnce) / Math.sqrt(1 + steps / 1000);
}

/** No capital yet. */
export function newCapital(): Capital {
  return { steps: 0, held: sizes.map(() => 0) };
}

/** One step. @param factorOf what a bet of each size multiplies by, at least 0, of mean at most 1 */
export function grow(capital: Capital, factorOf: (size: number) => number): void {
  const begun = weightAfter(capital.steps) - weightAfter(++capital.steps), { held } = capital;
  // Less than was won is still an e-process, and is never infinite.
  for (let k = 0; k < held.length; k++) held[k] = Math.min(1e300, (held[k] + begun) * factorOf(sizes[k]));
}

/** One step. @param won what the greatest bet wins, more than -1, of mean at most 0; others win in proportion to their size */
export function growBy(capital: Capital, won: number): void {
  const begun = weightAfter(capital.steps) - weightAfter(++capital.steps), { held } = capital;
  for (let k = 0; k < held.length; k++) held[k] = Math.min(1e300, (held[k] + begun) * (1 + sizes[k] * won));
}

/** The e-value: the weighted mean over sizes, and what has not begun to bet. */
export function eValueOf({ steps, held }: Capital): number {
  let sum = 0;
  for (let k = 0; k < held.length; k++) sum += weights[k] * held[k];
  return weightAfter(steps) + sum;
}

/**
 * Capital under the weights of states of format 2, brought under these: the e-value stays, and what has not begun begins sooner. So
 * it is the e-process that it was, and goes on as one.
 */
export function reweighted({ steps, held }: Capital): Capital {
  const older = normalised(sizes.map((_, k) => 1 / (1 + ((k - 7) / 3) ** 2)));
  const sooner = (steps === 0 ? 1 : 0.7 / Math.sqrt(Math.sqrt(1 + steps / 200))) - weightAfter(steps);
  return { steps, held: held.map((capital, k) => Math.min(1e300, older[k] / weights[k] * capital + sooner)) };
}
