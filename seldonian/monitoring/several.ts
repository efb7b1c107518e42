import { type Capital, eValueOf } from "./e_process.ts";

/** The part of the evidence that some promise is broken that comes from bets on all of them at once. */
const together = 0.25;

/**
 * The evidence that some promise is broken, and that a promise is among all: the least over sets of promises with it, the mean of
 * their evidence. Then all alarms together are false with probability at most alpha (closed testing; V. Vovk and R. Wang, "E-values:
 * calibration, combination, and applications", 2021). For the set of all, bets on their sum count too: if all are broken, they win
 * on every outcome (as B. Bharti et al., "Global sequential testing for multi-stream auditing", 2026, who multiply).
 *
 * Promises that need labels follow another order of events than those that do not: outputs are known sooner, and tell of labels. What
 * is fair in one order may not be in the other, so that evidence of the two kinds is not summed: of two parts of a mean, the greater
 * counts. One of them ever reaches its part of 1 / alpha with probability at most its part of alpha.
 * @param needLabels by promise, whether it needs labels
 * @param pool bets on the sum of those that do, or of all if none does
 */
export function among(
  eValues: readonly number[],
  needLabels: readonly boolean[],
  pool: Capital,
): { shared: number[]; eValue: number } {
  const n = eValues.length, pooled = needLabels.includes(true);
  const sorted = [pooled, !pooled].map((kind) => eValues.filter((_, i) => needLabels[i] === kind).sort((a, b) => a - b));
  const [first, second] = sorted.map((own) => own.reduce((sum, one) => sum + one, 0)), all = sorted[0].length;
  const eValue = Math.max(n === 1 ? first : (1 - together) * first + together * all * eValueOf(pool), second) / n;
  const shared = eValues.map((own, i) => {
    const [alike, others] = needLabels[i] === pooled ? sorted : sorted.toReversed(), at = alike.indexOf(own);
    let least = Math.min(own, eValue), sum = own;
    // With the least of its own kind, and with as many of the other kind as count for nothing beside them, or more.
    for (let a = 0; a < alike.length; a++) {
      if (a > 0) sum += alike[a > at ? a : a - 1];
      for (let b = 0, rest = 0; b <= others.length; rest += others[b++]) {
        if (a + b + 1 < n) least = Math.min(least, Math.max(sum, rest) / (a + b + 1));
      }
    }
    return least;
  });
  return { shared, eValue };
}
