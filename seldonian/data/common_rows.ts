import { DataSet, type Source } from "./data_set.ts";
import { DataStream } from "./streams.ts";

/**
 * How many rows of `second` are in `first` as well, beyond what equal rows within the data explain; 0 if that explains all. Rows are the
 * same by their numbers in the data that both are parts of, else by their content. Independent draws from few kinds of rows, or with
 * replacement, have many rows in common, but then rows of one part have twins in it as often: with m and n rows, a row of the
 * second part has an equal one in the first with at most max(1, m / (n - 1)) times the probability that it has one in its own. What
 * exceeds that by 5 deviations and by a fiftieth of the rows counts.
 */
export async function commonRows(first: Source, second: Source): Promise<number> {
  if (first === second) return second.size;
  // A pass over a stream may take minutes; its parts are mostly those of splitTables(), which share no row.
  if (first instanceof DataStream && second instanceof DataStream) return first.isSameAs(second) ? second.size : 0;
  const [a, b] = first instanceof DataSet && second instanceof DataSet && first.isPartOfSame(second)
    ? [first.rowNumbers, second.rowNumbers]
    : [wholeKeys(await first.rowKeys()), wholeKeys(await second.rowKeys())];
  const known = new Set<number | bigint>(a), counts = new Map<number | bigint, number>();
  for (const key of b) counts.set(key, (counts.get(key) ?? 0) + 1);
  let shared = 0, twins = 0;
  for (const key of b) {
    if (known.has(key)) shared++;
    if (counts.get(key)! > 1) twins++;
  }
  const expected = Math.min(b.length, twins * Math.max(1, a.length / Math.max(1, b.length - 1)));
  return shared - expected > 5 * Math.sqrt(expected) + Math.max(3, 0.02 * b.length) ? shared : 0;
}

/** Keys as one number each. */
function wholeKeys(keys: Uint32Array): BigUint64Array {
  return new BigUint64Array(keys.buffer, keys.byteOffset, keys.length / 2);
}
