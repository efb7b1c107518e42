import { type Capital, eValueOf } from "./e_process.ts";

/** The part of the evidence that some promise is broken that comes from bets on all of them at once. */
const together = 0.25;

/**
 * The evidence that some promise is broken, and that a promise is among all: the least over sets of promises with it, the mean of
 * their evidence. Then all alarms together are false with probability at most alpha (closed testing; V. Vovk and R. Wang, "E-values:
 * calibration, combination, and applications", 2021). For the set of all, bets on their sum count too: if all are broken, they win
 * on every outcome (as B. Bharti et al., "Global sequential testing for multi-stream auditing", 2026, who multiply).
 */
export function among(eValues: readonly number[], pool: Capital): { shared: number[]; eValue: number } {
  const mean = eValues.reduce((sum, one) => sum + one, 0) / eValues.length;
  const eValue = eValues.length === 1 ? mean : (1 - together) * mean + together * eValueOf(pool);
  const rising = eValues.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const shared = eValues.map((own, i) => {
    let least = Math.min(own, eValue), sum = own, count = 1;
    for (const other of rising) {
      if (other.i === i || ++count === eValues.length) continue;
      sum += other.value;
      least = Math.min(least, sum / count);
    }
    return least;
  });
  return { shared, eValue };
}
