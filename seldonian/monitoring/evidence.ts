import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import type { LinearForm } from "../constraints/linear.ts";
import { daring, sizes } from "./e_process.ts";
import { edgeNear, type Part } from "./form_watch.ts";

/** What is kept of the looks at a form, whatever the number of rows. */
export interface EvidenceState {
  /** Logarithms of the capital by size of bet; the e-value is the sum of the capitals. */
  held: number[];
  /** By group, what later bets rest on: rows, sum and sum of squares of u. */
  guessed: [rows: number, sum: number, squares: number][];
  /** The same of all rows that were tested. */
  seen: [rows: number, sum: number, squares: number][];
}

/** Capital by size of bet at the beginning: nine tenths are on bets on gaps of a hundredth of the greatest and more. */
const shares: readonly number[] = sizes.map((_, k) => k < 13 ? 0.9 / 13 : 0.1 / 8);
/** The most rows that a guess from before the first look counts for. */
const mostGuessed = 200;
/** The part of the capital that is on the size of bet that fits the guess. */
const onGuess = 0.5;

/**
 * Evidence that constant + Σ E[u_G | G] is below 0, for groups G without common rows, one look at a time.
 *
 * A look has n_G rows of each group. Before it, from what was seen earlier, a point r with Σ r_G = -constant and a bet t > 0 are
 * chosen so that every factor below is positive. Capital is multiplied by Π_G Π_rows (1 + t (r_G - u) / n_G). Given the past and
 * the groups of the rows, its mean is Π_G (1 + t (r_G - E u) / n_G)^{n_G}, which is at most (1 - t g / N)^N by the inequality of
 * arithmetic and geometric means, N = Σ n_G, where g is the form's value. So while g >= 0, capital is a supermartingale of mean at
 * most 1, and so is its sum over several t with parts that sum to 1: the probability that it ever reaches 1/delta is at most delta
 * (J. Ville, 1939), however often one looks, and however many rows a look has. The order of the rows of a look does not matter.
 *
 * Source of the factors: R. Turner, A. Ly and P. Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for
 * optional stopping" (2024), for two groups and values of 0 and 1.
 */
export class FormEvidence {
  readonly #constant: number;
  /** The least value of the form. */
  readonly #least: number;

  constructor({ constant }: LinearForm, readonly parts: readonly Part[]) {
    this.#constant = constant;
    this.#least = parts.reduce((sum, { low }) => sum + low, constant);
  }

  /** Before any look. @param guesses rows and mean of u by group, from other rows than those of the test, if known */
  initial(guesses: readonly (readonly [rows: number, mean: number])[] | null): EvidenceState {
    const { parts } = this;
    const guessed = parts.map(({ low, high }, i): EvidenceState["guessed"][number] => {
      const [rows, given] = guesses?.[i] ?? [1, (low + high) / 2], n = Math.min(rows, mostGuessed);
      const mean = Math.min(high, Math.max(low, given));
      // The greatest variance that a mean in this range allows.
      return [n, n * mean, n * ((mean - low) * (high - mean) + mean * mean)];
    });
    const seen = parts.map((): EvidenceState["seen"][number] => [0, 0, 0]);
    const gap = guesses === null ? 0 : -guessed.reduce((sum, [n, s]) => sum + s / n, this.#constant);
    if (!(gap > 0)) return { held: shares.map(log), guessed, seen };
    const off = sizes.map((size) => Math.abs(log(size * -this.#least / gap))), best = off.indexOf(Math.min(...off));
    return { held: shares.map((share, k) => log((1 - onGuess) * share + (k === best ? onGuess : 0))), guessed, seen };
  }

  /** Whether a state is one of this form. */
  fits({ held, guessed, seen }: EvidenceState): boolean {
    return held.length === sizes.length && [guessed, seen].every(({ length }) => length === this.parts.length);
  }

  /** A look. @param values u of the rows by group; a look without rows of some group is no evidence */
  look(state: EvidenceState, values: readonly ArrayLike<number>[]): void {
    if (values.every(({ length }) => length > 0) && this.#least < 0) this.#bet(state, values);
    values.forEach((group, i) => {
      for (const sums of [state.guessed[i], state.seen[i]]) {
        sums[0] += group.length;
        for (let row = 0; row < group.length; row++) {
          sums[1] += group[row];
          sums[2] += group[row] * group[row];
        }
      }
    });
  }

  #bet({ held, guessed }: EvidenceState, values: readonly ArrayLike<number>[]): void {
    const { parts } = this, means = guessed.map(([n, sum]) => sum / n);
    const noises = guessed.map((sums, i) => varianceOf(sums, parts[i]) / values[i].length);
    const noise = noises.reduce((a, b) => a + b), edge = edgeNear(this.#constant, means, noises);
    const widest = Math.max(...parts.map(({ high }, i) => (high - edge[i]) / values[i].length));
    const most = widest > 0 ? daring / widest : Infinity, unit = -this.#least / noise;
    for (let k = 0; k < sizes.length; k++) {
      let factor = 1, won = 0;
      values.forEach((group, i) => {
        const part = Math.min(most, unit * sizes[k]) / group.length;
        for (let row = 0; row < group.length; row++) {
          factor *= 1 + part * (edge[i] - group[row]);
          // A product of many rows leaves the range of numbers, and what comes later may bring it back.
          if (factor > 1e100 || factor < 1e-100) [won, factor] = [won + log(factor), 1];
        }
      });
      held[k] += won + log(factor);
    }
  }

  /** The logarithm of the evidence: 0 before the first look. */
  logEvidence({ held }: EvidenceState): number {
    const most = Math.max(...held);
    return most + log(held.reduce((sum, capital) => sum + exp(capital - most), 0));
  }

  /** The evidence, an e-value; at most 1e300, as less than was won is evidence too. */
  eValue(state: EvidenceState): number {
    return Math.min(1e300, exp(this.logEvidence(state)));
  }

  /** The form on all rows that were tested, and the variance of this estimate; NaN without rows of some group. */
  estimate({ seen }: EvidenceState): { value: number; variance: number } {
    return {
      value: seen.reduce((sum, [n, s]) => sum + s / n, this.#constant),
      variance: seen.reduce((sum, sums, i) => sum + varianceOf(sums, this.parts[i]) / sums[0], 0),
    };
  }
}

/** The variance of values with these sums, not too near to 0. */
function varianceOf([n, sum, squares]: EvidenceState["seen"][number], { low, high }: Part): number {
  return Math.max(1e-4 * (high - low) * (high - low), squares / n - (sum / n) * (sum / n));
}
