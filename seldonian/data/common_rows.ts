import { DataSet, type Source } from "./data_set.ts";
import { wholeKeys } from "./row_keys.ts";

/**
 * The number of rows of `second` that are also in `first`, beyond what equal rows within the data explain; 0 if those explain
 * all. Rows of two parts of the same data are compared by number, other rows by content.
 *
 * Independent draws from few kinds of rows, or with replacement, have many rows in common. So the test is whether N pooled rows
 * could be a random division into m and n. Of a kind with c rows, c n/N are in the second part on average, and each has an equal
 * one in the first with probability 1 - (n/N)^(c - 1). The excess over the sum of these counts if it is above 5 deviations and
 * above a fiftieth of the rows. The deviation of one kind is at most that of single rows, or of pairs that are divided together.
 */
export async function commonRows(first: Source, second: Source): Promise<number> {
  const [a, b] = first instanceof DataSet && second instanceof DataSet && first.isPartOfSame(second)
    ? [first.rowNumbers, second.rowNumbers]
    : [wholeKeys(await first.rowKeys()), wholeKeys(await second.rowKeys())];
  const known = new Set<number | bigint>(a), counts = new Map<number | bigint, number>(), m = a.length, n = b.length;
  for (const keys of [a, b]) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  let shared = 0, expected = 0;
  for (const key of b) if (known.has(key)) shared++;
  const part = n / (m + n);
  for (const count of counts.values()) if (count > 1) expected += count * part * (1 - part ** (count - 1));
  const deviation = Math.sqrt(expected * Math.max(part, 1 - 2 * m * n / (m + n) ** 2));
  return shared - expected > 5 * deviation + Math.max(3, 0.02 * n) ? shared : 0;
}
