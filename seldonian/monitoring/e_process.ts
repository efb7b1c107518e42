import { exp } from "../../autodiff/mathematics/elementary.ts";

/**
 * The capital of bets against "every step's value has a mean of at most 0, given the past".
 *
 * A bet of size λ on a value y multiplies its capital by 1 + λ y, of mean at most 1. So does a product of such factors, begun at
 * any step. A weighted mean over sizes and first steps, with weights that are fixed in advance and sum to 1, is then a
 * supermartingale of mean at most 1 (an e-process), and the probability that it ever reaches 1/alpha is at most alpha (J. Ville,
 * 1939). Each size keeps one number: R ← (R + w_t) (1 + λ y_t) is the sum over all first steps, so that a change after a good year
 * is found as fast as an early one up to the logarithm of its weight. Source: J. Shin, A. Ramdas and A. Rinaldo, "E-detectors"
 * (2023).
 */
export interface Capital {
  /** The number of rows that steps were of. */
  rows: number;
  /** Capital by size of bet, of all first steps so far. */
  held: number[];
}

/** Sizes of bets, relative to the greatest: neighbours so near that the better one grows at 96 % of the best rate or more. */
export const sizes: readonly number[] = Array.from({ length: 20 }).reduce<number[]>((all) => [...all, all.at(-1)! / 1.5], [1]);

/** The part of the greatest bet without ruin that is used. */
export const daring = 0.95;

/** The part of the weight that begins at the first step; steps that begin after n >= 1 rows have (1 - atOnce) / (1 + n / 5000) in all. */
const atOnce = 0.5;
const waiting = (rows: number) => (1 - atOnce) / (1 + rows / 5000);

/** Weights of sizes that begin at once: most on moves by a tenth of the range, which a monitor that learns finds in few steps. */
const soon = aroundSize(5.5, 1, 0.03);
/** Weights of sizes that begin later: most on moves by a twentieth. What is much smaller takes so long that its start matters less. */
const later = aroundSize(7, 1.2, 0.02);

/** Weights of sizes near one, and a little on each, which sum to 1. */
function aroundSize(middle: number, deviation: number, least: number): number[] {
  const weights = sizes.map((_, k) => least + exp(-0.5 * ((k - middle) / deviation) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** No step yet. */
export function newCapital(): Capital {
  return { rows: 0, held: soon.map((weight) => atOnce * weight) };
}

/**
 * One step.
 * @param rows that it is of, chosen before it
 * @param factorOf what a bet of each size multiplies by, at least 0, of mean at most 1
 */
export function grow(capital: Capital, rows: number, factorOf: (size: number) => number): void {
  const begun = waiting(capital.rows) - waiting(capital.rows += rows), { held } = capital;
  // Less than was won is still an e-process, and is never infinite.
  for (let k = 0; k < held.length; k++) held[k] = Math.min(1e300, (held[k] + begun * later[k]) * factorOf(sizes[k]));
}

/** One step. @param won what the greatest bet wins, more than -1, of mean at most 0; others win in proportion to their size */
export function growBy(capital: Capital, rows: number, won: number): void {
  grow(capital, rows, (size) => 1 + size * won);
}

/** The e-value: the capital of all bets, and what has not begun to bet. */
export function eValueOf({ rows, held }: Capital): number {
  return rows === 0 ? 1 : held.reduce((sum, capital) => sum + capital, waiting(rows));
}
